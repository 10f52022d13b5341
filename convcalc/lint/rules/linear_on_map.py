"""A linear layer on a map that was not flattened.

It takes the last axis for features. Of an image [C, H, W] that is the width: each row is weighed by itself, with the
same weights in every row and channel, and the output is a map still. After a global pooling the width is 1, and the
layer reads a single number. The shapes fit, so that nothing fails until the loss does.

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
            message = f"weighs the last axis of the {format_shape(shape)} that it reads, and that is the {axis}"
            yield Finding(row, message, help=_remedy(shape))


def _last_axis(network: Network, row: Row) -> str:
    """Which axis of an input's positions the last axis of what the layer reads carries; empty where none."""
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
    return f"put a `flatten` before it; or, to weigh the channels at each position, `permute: {{axes: {axes}}}`"
