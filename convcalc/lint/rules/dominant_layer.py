"""One layer that has more than half of the parameters.

Most often it is the first linear layer, which reads a whole map. It makes up most of the file and of the optimiser's
state, and often causes overfitting: VGG-16 has three quarters of its parameters in one layer. Later networks pool the
map first. This is a matter of taste, so the rule runs only on request.

Fails:
    input: [3, 64, 64]
    layers:
      - conv2d: {out_channels: 32, kernel_size: 3, padding: 1}
      - relu
      - max_pool2d: {kernel_size: 2}
      - conv2d: {out_channels: 64, kernel_size: 3, padding: 1}
      - relu
      - flatten
      - linear: {out_features: 10}

Passes:
    input: [3, 64, 64]
    layers:
      - conv2d: {out_channels: 32, kernel_size: 3, padding: 1}
      - relu
      - max_pool2d: {kernel_size: 2}
      - conv2d: {out_channels: 32, kernel_size: 3, padding: 1}
      - relu
      - conv2d: {out_channels: 32, kernel_size: 3, padding: 1}
      - relu
      - global_avg_pool
      - flatten
      - linear: {out_features: 10}

Source:
    Lin et al., Network in network, ICLR 2014, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from convcalc.arith.shape import elements, format_shape
from convcalc.layers.dense import Linear
from convcalc.layers.regularisation import Dropout
from convcalc.layers.reshaping import Flatten
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.option import Option
from convcalc.report.rows import Row
from convcalc.report.sums import status

SHARE = Option("share", Fraction(1, 2), "Report a layer that has more than this share of the parameters.")
OPTIONS = (SHARE,)
# One of two layers always has half.
MIN_LAYERS = 3


def check(network: Network, share: Fraction = SHARE.default) -> Iterator[Finding]:
    total = network.report.totals.params
    if not total or status(total) or sum(1 for row in network.rows if row.params) < MIN_LAYERS:
        return
    for row in network.rows:
        count = row.params
        if count and count > share * total:
            message = f"has {count:,} of the {total:,} parameters, {100 * count // total} % of them"
            yield Finding(row, message, help=_remedy(network, row))


def _remedy(network: Network, row: Row) -> str:
    before = next(iter(network.reads(row)), None)
    while before is not None and isinstance(before.facts.layer, Dropout):
        before = network.reads(before)[0]
    if isinstance(row.facts.layer, Linear) and before is not None and isinstance(before.facts.layer, Flatten):
        shape = before.input_shapes[0]
        if elements(shape[1:]) > 1 and len(before.output_shape) == 1:
            weights, biases = row.facts.weights, row.facts.biases
            assert weights is not None  # a linear layer knows them
            assert biases is not None
            pooled = weights // elements(shape[1:]) + biases
            return (
                f"`global_avg_pool` of the {format_shape(shape)} before {before.name} leaves it {pooled:,} parameters"
            )
    return "fewer channels, groups or a narrow layer before it make it smaller"
