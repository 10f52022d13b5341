"""A transposed convolution whose kernel is not a multiple of its stride: its output has a checkerboard pattern.

Some outputs then get more cells of the kernel than their neighbours, in a pattern that repeats with the stride. In two
dimensions the effect multiplies. The pattern is visible in generated images and in gradients with respect to the input.

A blur directly behind removes the pattern, where its window has the same weight on each output of one period: average
pooling, `blur_pool2d`, or a depthwise convolution whose kernel is at least as large as the stride. Its input is then
not reported.

Fails:
    input: [64, 16, 16]
    layers:
      - conv_transpose2d: {out_channels: 32, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}

Passes:
    input: [64, 16, 16]
    layers:
      - conv_transpose2d: {out_channels: 32, kernel_size: 4, stride: 2, padding: 1}

Source:
    Odena, Dumoulin and Olah, Deconvolution and checkerboard artifacts, Distill 2016.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

from convcalc.arith.shape import Shape
from convcalc.arith.wording import per_axis
from convcalc.layers.base import Layer, LayerError
from convcalc.layers.convolution import Convolution
from convcalc.layers.fixed_kernels import BlurPool
from convcalc.layers.pooling import AveragePooling
from convcalc.layers.reshaping import Identity
from convcalc.layers.slicing import CenterCrop, Crop, Pad
from convcalc.layers.transposed_convolution import TransposedConvolution
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.field_alignment import padding_in_words
from convcalc.report.rows import Row

# Layers that leave the pattern as it is, but for the border.
CUTTING: tuple[type[Layer], ...] = (Identity, Crop, CenterCrop, Pad)
MAX_BLUR = 100  # The weights of a larger binomial kernel are numbers of many digits.


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(TransposedConvolution):
        layer: TransposedConvolution = row.facts.layer  # type: ignore[assignment]  # `of` returns only these
        sizes = row.input_shapes[0][1:]
        axes = zip(layer.kernel_size, layer.stride, layer.windows(sizes), sizes)
        for axis, (kernel, stride, window, size) in enumerate(axes):
            counts = {(taps[1] - taps[0]) // taps[2] + 1 if taps else 0 for taps in window.taps}
            if size > 1 and len(counts) > 1 and not _is_evened_out(network, row, axis, stride):
                effect = f"an output gets either {min(counts)} or {max(counts)} of its cells"
                if not min(counts):
                    effect = "some outputs get none of its cells, only the bias"
                yield Finding(
                    row,
                    f"kernel_size {kernel} is not a multiple of stride {stride}: {effect}",
                    at="kernel_size",
                    help=_remedy(layer, row.input_shapes[0], row.output_shape),
                )
                break


def _is_evened_out(network: Network, row: Row, axis: int, period: int) -> bool:
    """Whether every reader is a blur that removes a pattern of this period along a spatial axis."""
    waiting = [row]
    while waiting:
        row = waiting.pop()
        if row in network.outputs:
            return False
        for reader in network.readers(row):
            if isinstance(reader.facts.layer, CUTTING):
                waiting.append(reader)
            elif not _evens_out(reader, axis, period):
                return False
    return True


def _evens_out(row: Row, axis: int, period: int) -> bool:
    """Whether the window of a blur has the same weight on each phase of the period; it may learn it where depthwise."""
    layer = row.facts.layer
    if isinstance(layer, AveragePooling):
        return layer.kernel_size[axis] % period == 0
    if isinstance(layer, BlurPool):
        size = layer.kernel_size[axis]
        return (
            size <= MAX_BLUR
            and len({sum(comb(size - 1, tap) for tap in range(phase, size, period)) for phase in range(period)}) == 1
        )
    if isinstance(layer, Convolution):
        is_depthwise = layer.groups == layer.out_channels == row.input_shapes[0][0]
        return is_depthwise and layer.dilation[axis] == 1 and layer.kernel_size[axis] >= period
    return False


def _remedy(layer: TransposedConvolution, shape: Shape, output: Shape) -> str:
    """The next larger kernel that is a multiple, for an output of the same size."""
    kernel = tuple(-(-size // stride) * stride for size, stride in zip(layer.kernel_size, layer.stride))
    whole = ((size - 1) * stride + wide for size, stride, wide in zip(shape[1:], layer.stride, kernel))
    over = [size - units for size, units in zip(whole, output[1:])]
    pads = tuple((max(cells, 0) // 2, max(cells + 1, 0) // 2) for cells in over)
    added = tuple(max(-cells, 0) for cells in over)
    elsewhere = "upsample and then convolve"
    try:
        fits = layer.changed(kernel_size=kernel, padding=pads, output_padding=added).output_shape((shape,)) == output
    except LayerError:
        fits = False
    if not fits or max(layer.dilation) > 1:
        return f"make the kernel a multiple of the stride, or {elsewhere}"
    written = f"kernel_size: {per_axis(kernel)}, padding: {padding_in_words(pads)}"
    if added != layer.output_padding:
        written += f", output_padding: {per_axis(added)}"
    return f"write `{written}` for an output of the same size; or {elsewhere}"
