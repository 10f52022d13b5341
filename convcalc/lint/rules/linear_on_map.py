"""A linear layer on a map that was not flattened.

A linear layer uses the last axis as features. For an image [C, H, W] this is the width: the same weights are applied to
every row of every channel, and the output is still a map. After a global pooling the width is 1, and the layer reads a
single number. The shapes fit, so there is no error until the loss.

Not every input of three axes is an image [C, H, W]: a spectrogram [1, time, mel] and a map [H, W, C] end with features.
An input is taken for an image where a convolution, pooling or another layer over maps has read it, and otherwise where
it has 3 channels or is as wide as high.

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
from convcalc.layers.adaptive_pooling import GlobalPooling
from convcalc.layers.base import Layer
from convcalc.layers.custom import CustomLayer
from convcalc.layers.dense import Linear
from convcalc.layers.interpolation import Upsample
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

RGB = 3
# Beside the types that have a rank, such as conv2d.
OVER_MAPS: tuple[type[Layer], ...] = (GlobalPooling, Upsample, CustomLayer)


def check(network: Network) -> Iterator[Finding]:
    maps = _behind_maps(network)
    for row in network.of(Linear):
        shape = row.input_shapes[0]
        # On a matrix [C, L] a layer over the length is used on purpose, to mix the steps of a series.
        if len(shape) < 2 or (len(shape) == 2 and shape[1] > 1):
            continue
        axis = _last_axis(network, row, row in maps)
        if axis:
            message = f"uses the last axis of its input {format_shape(shape)} as features, and that is the {axis}"
            yield Finding(row, message, help=_remedy(shape))


def _behind_maps(network: Network) -> set[Row]:
    """The rows that read, directly or not, a layer over maps [C, H, W] or series [C, L]."""
    found = set()
    for row in network.rows:
        if any(read is not None and (read in found or _is_over_maps(read)) for read in network.reads(row)):
            found.add(row)
    return found


def _is_over_maps(row: Row) -> bool:
    layer = row.facts.layer
    return layer.type.rank > 0 or isinstance(layer, OVER_MAPS)


def _is_image(shape: Shape) -> bool:
    """Whether an input looks like an image [C, H, W] or a volume, and not like features of positions."""
    channels, *sizes = shape
    return len(sizes) > 1 and (channels == RGB or len(set(sizes)) == 1)


def _last_axis(network: Network, row: Row, is_behind_maps: bool) -> str:
    """The axis of the network's input whose positions are along the last axis of the layer's input; else empty."""
    first = len(network.graph.inputs)
    read = network.node(row).reads[0]
    for number, (name, fields) in enumerate(network.report.analysis.fields.items()):
        rank = len(network.graph.inputs[name]) - 1
        if not is_behind_maps and not _is_image(network.graph.inputs[name]):
            continue
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
