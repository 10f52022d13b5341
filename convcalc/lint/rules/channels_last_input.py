"""An input in the order of Keras and of image files, [height, width, channels], that a convolution reads.

Shapes are [channels, height, width] here, as in PyTorch. With the channels last, the convolution takes the height for
channels and slides over the width and the colours: all figures are those of another network.

Fails:
    input: [224, 224, 3]
    layers:
      - conv2d: {out_channels: 64, kernel_size: 3, padding: 1}

Passes:
    input: [3, 224, 224]
    layers:
      - conv2d: {out_channels: 64, kernel_size: 3, padding: 1}

Source:
    Keras's data_format `channels_last`, the default of its Conv2D.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.base import LayerError, Link
from convcalc.layers.convolution import Convolution
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

# The channels of images: grey, red-green-blue, and with a mask or depth.
CHANNELS = (1, 3, 4)
# Images are at least so large, and not longer than so many times their other side.
LEAST_SIZE, MOST_RATIO = 16, 2


def check(network: Network) -> Iterator[Finding]:
    images = {tensor: name for tensor, (name, shape) in enumerate(network.graph.inputs.items()) if _is_image(shape)}
    if not images:
        return
    reported: set[str] = set()
    for row in network.rows:
        tensor = network.node(row).reads[0] if network.node(row).reads else -1
        name = images.get(tensor)
        if name is None:
            continue
        if isinstance(row.facts.layer, Convolution):
            shape = network.graph.inputs[name]
            if name not in reported and row.facts.layer.kernel_size[-1] > 1:
                reported.add(name)
                yield Finding(
                    None,
                    f"{row.name} ({row.type}) reads {shape[0]} channels of {format_shape(shape[1:])}:"
                    f" {format_shape(shape)} looks like an image whose {shape[-1]} channels come last",
                    mark=network.graph.input_marks[name],
                    help=_remedy(row, name, shape),
                )
        elif _keeps_axes(row):
            images[network.graph.tensor_of(row.index)] = name


def _is_image(shape: Shape) -> bool:
    if len(shape) < 3 or shape[-1] not in CHANNELS:
        return False
    height, width = shape[-3:-1]
    return min(height, width) >= LEAST_SIZE and max(height, width) <= MOST_RATIO * min(height, width)


def _keeps_axes(row: Row) -> bool:
    """Whether a layer reads one input and keeps the order of its axes, as a norm or pooling does."""
    if len(row.input_shapes) > 1:
        return False
    flow = row.facts.flow[0]
    return flow is None or all(isinstance(part, Link) and part.axis == axis for axis, part in enumerate(flow))


def _remedy(row: Row, name: str, shape: Shape) -> str:
    first = (shape[-1], *shape[:-1])
    written = f"write `{name}: {list(first)}`" if name != "input" else f"write `input: {list(first)}`"
    try:
        row.facts.layer.output_shape((first,))
    except LayerError:
        return "shapes are [channels, height, width], without the batch"
    return f"{written}: shapes are [channels, height, width]"
