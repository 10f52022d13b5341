"""Dropout before a batch norm, directly or with activations between.

In training, dropout raises the variance of its output: by 1 / (1 - p) for a mean of 0. The batch norm learns that
variance, and divides by it in inference too, where nothing is dropped. A network with both is worse than with one of
them. Dropout belongs after the last batch norm.

Fails:
    input: [512]
    layers:
      - linear: {out_features: 256, bias: false}
      - dropout: {p: 0.5}
      - batch_norm1d
      - relu

Passes:
    input: [512]
    layers:
      - linear: {out_features: 256, bias: false}
      - batch_norm1d
      - relu
      - dropout: {p: 0.5}

Source:
    Li et al., Understanding the disharmony between dropout and batch normalization by variance shift, CVPR 2019.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.activation import Activation, PReLU
from convcalc.layers.batch_normalisation import BatchNorm
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Identity
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.mean_removal import has_fixed_statistics
from convcalc.report.rows import Row

# The other kinds: alpha dropout keeps mean and variance, and drop_path drops whole branches.
SCALING = frozenset(["dropout", "dropout1d", "dropout2d", "dropout3d"])


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Dropout):
        assert isinstance(row.facts.layer, Dropout)  # `of` returns only these
        p = row.facts.layer.p
        norm = _norm_after(network, row) if p and row.type in SCALING else None
        if norm is not None:
            much = f"{1 / (1 - p):.4g} times" if p < 1 else "another"
            yield Finding(
                row,
                f"{norm.name} ({norm.type}) learns its variances with p {p:g} of its input dropped:"
                f" {much} that of inference where the mean is 0",
                help="put the dropout after the norm, best after the last one",
            )


def _norm_after(network: Network, row: Row) -> Row | None:
    """A batch norm that learns running statistics and reads the dropout, directly or through activations."""
    waiting = list(network.readers(row))
    while waiting:
        reader = waiting.pop()
        layer = reader.facts.layer
        if isinstance(layer, BatchNorm):
            if layer.track_running_stats and not has_fixed_statistics(network, reader):
                return reader
        elif isinstance(layer, (Activation, PReLU, Identity)):
            waiting += network.readers(reader)
    return None
