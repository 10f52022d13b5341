"""Dropout as the last layer, or before the last activation: it drops the outputs themselves.

In training some outputs are then 0 for every input, and the loss compares these zeros with the targets. Before a
softmax, a dropped score is not left out but set to 0, which may be the highest. Dropout is for values that another
layer multiplies by weights: it belongs before the last layer with weights.

Fails:
    input: [512]
    layers:
      - linear: {out_features: 10}
      - dropout: {p: 0.5}

Passes:
    input: [512]
    layers:
      - dropout: {p: 0.5}
      - linear: {out_features: 10}

Source:
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 2014, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.activation import Activation, PReLU, Softmax, Softmax2d
from convcalc.layers.base import Layer
from convcalc.layers.rearranging import Transpose
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Identity, Permute, Regrouping
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

ACTIVATIONS: tuple[type[Layer], ...] = (Activation, PReLU, Softmax, Softmax2d)
RESHAPING: tuple[type[Layer], ...] = (Identity, Regrouping, Permute, Transpose)

HELP = "put it before the last layer with weights"


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Dropout):
        assert isinstance(row.facts.layer, Dropout)  # `of` returns only these
        p = row.facts.layer.p
        if not p or row.type == "drop_path":
            continue
        is_output, activation = _way_to_output(network, row)
        if is_output:
            values = "values of the output itself"
            if activation is not None:
                values = f"values that reach the output through {activation.name} ({activation.type}) alone"
            yield Finding(row, f"drops {values}, each with p {p:g}", help=HELP)


def _way_to_output(network: Network, row: Row) -> tuple[bool, Row | None]:
    """Whether the values of a row are an output, reshaped or behind activations alone; and the first activation."""
    first: Row | None = None
    while row not in network.outputs:
        readers = network.readers(row)
        if len(readers) != 1 or not isinstance(readers[0].facts.layer, ACTIVATIONS + RESHAPING):
            return False, None
        row = readers[0]
        if first is None and isinstance(row.facts.layer, ACTIVATIONS):
            first = row
    return True, first
