"""A norm or a softmax over a single value, which gives the same output for every input.

One value minus its own mean is 0, and one exponential divided by its own sum is 1. So the output is constant, and no
gradient passes, for instance norm on a 1x1 map, layer norm over one feature, group norm after a global pooling with as
many groups as channels, or the softmax of a classifier with one output.

Fails:
    input: [128]
    layers:
      - linear: {out_features: 1}
      - softmax

Passes:
    input: [128]
    layers:
      - linear: {out_features: 1}
      - sigmoid

Source:
    PyTorch's instance_norm refuses maps of a single position in training.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.shape import elements, format_shape
from convcalc.layers.activation import Softmax, Softmax2d
from convcalc.layers.batch_normalisation import InstanceNorm
from convcalc.layers.layer_normalisation import ChannelNorm, GroupNorm, LayerNorm
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

LOGARITHM = "log_softmax"


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Softmax, Softmax2d):
        axis = row.facts.layer.axis if isinstance(row.facts.layer, Softmax) else 0
        if row.output_shape[axis] == 1:
            constant = 0 if row.type == LOGARITHM else 1
            message = f"gives {constant} for every input: axis {axis} of {format_shape(row.output_shape)} has size 1"
            yield Finding(row, message, at="axis", help=_remedy(row))
    for row in network.of(InstanceNorm, GroupNorm, LayerNorm, ChannelNorm):
        if _values(row) == 1:
            yield Finding(
                row,
                f"normalises single values of its input {format_shape(row.output_shape)}:"
                " each value minus its own mean is 0",
                help="normalise over more values, or leave it out",
            )


def _values(row: Row) -> int:
    """The number of values in each mean of a norm."""
    layer, shape = row.facts.layer, row.output_shape
    if isinstance(layer, LayerNorm):
        return elements(layer.sizes(shape))
    if isinstance(layer, ChannelNorm):
        return shape[0]
    if isinstance(layer, GroupNorm):
        return elements(shape) // int(layer.num_groups)
    assert isinstance(layer, InstanceNorm)
    return elements(shape[1:])


def _remedy(row: Row) -> str:
    shape = row.output_shape
    longest = shape.index(max(shape))
    if isinstance(row.facts.layer, Softmax) and shape[longest] > 1:
        return f"`axis: {longest}` has {shape[longest]:,} values"
    return "for two classes give one score to `sigmoid`, or two to softmax"
