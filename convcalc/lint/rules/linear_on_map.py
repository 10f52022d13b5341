"""A linear layer on a map that was not flattened.

A linear layer uses the last axis as features. For an image [C, H, W] this is the width: the same weights are applied to
every row of every channel, and the output is still a map. After a global pooling the width is 1, and the layer reads a
single number. The shapes fit, so there is no error until the loss.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3}
      - relu
      - global_avg_pool
      - linear: {out_features: 10}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {out_channels: 16, kernel_size: 3}
      - relu
      - global_avg_pool
      - flatten
      - linear: {out_features: 10}

Source:
    PyTorch's Linear: all but the last axis of the input are kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.shape import Shape, format_shape, spatial_names
from convcalc.layers.dense import Linear
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Linear):
        shape = row.input_shapes[0]
        # On a matrix [C, L] a layer over the length is used on purpose, to mix the steps of a series.
        if len(shape) < 2 or (len(shape) == 2 and shape[1] > 1):
            continue
        axis = _last_axis(network, row)
        if axis:
            message = f"uses the last axis of its input {format_shape(shape)} as features, and that is the {axis}"
            yield Finding(row, message, help=_remedy(shape))


def _last_axis(network: Network, row: Row) -> str:
    """The axis of the network's input whose positions are along the last axis of the layer's input; else empty."""
    first = len(network.graph.inputs)
    read = network.node(row).reads[0]
    for number, (name, fields) in enumerate(network.report.analysis.fields.items()):
        rank = len(network.graph.inputs[name]) - 1
        if read == number and rank > 1:
            return spatial_names(rank)[-1]
        field = fields[read - first] if read >= first else None
        axis = field.spatial_axis(len(row.input_shapes[0]) - 1) if field is not None else None
        if axis is not None:
            return spatial_names(rank)[axis] if rank else "position"
    return ""


def _remedy(shape: Shape) -> str:
    if set(shape[1:]) == {1}:
        return "put a `flatten` before it"
    axes = [*range(1, len(shape)), 0]
    return f"put a `flatten` before it; or, for a layer over the channels of each position, `permute: {{axes: {axes}}}`"
