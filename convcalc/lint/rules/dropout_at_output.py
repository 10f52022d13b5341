"""Dropout as the last layer: it drops the outputs themselves.

In training some outputs are then 0 for every input, and the loss compares these zeros with the targets. Dropout is for
values that another layer multiplies by weights: it belongs before the last layer with weights.

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

from convcalc.layers.regularisation import Dropout
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Dropout):
        assert isinstance(row.facts.layer, Dropout)  # `of` returns only these
        if row in network.outputs and row.facts.layer.p and row.type != "drop_path":
            message = f"drops values of the output itself, each with p {row.facts.layer.p:g}"
            yield Finding(row, message, help="put it before the last layer with weights")
