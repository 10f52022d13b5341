"""A transposed convolution whose kernel is not a multiple of its stride: its output has a checkerboard pattern.

Some outputs then get more cells of the kernel than their neighbours, in a pattern that repeats with the stride. In two
dimensions the effect multiplies. The pattern is visible in generated images and in gradients with respect to the input.

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

from convcalc.arith.shape import Shape
from convcalc.arith.wording import per_axis
from convcalc.layers.base import LayerError
from convcalc.layers.transposed_convolution import TransposedConvolution
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.field_alignment import padding_in_words


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(TransposedConvolution):
        layer: TransposedConvolution = row.facts.layer  # type: ignore[assignment]  # `of` returns only these
        for kernel, stride, window, size in zip(
            layer.kernel_size, layer.stride, layer.windows(row.input_shapes[0][1:]), row.input_shapes[0][1:]
        ):
            counts = {(taps[1] - taps[0]) // taps[2] + 1 if taps else 0 for taps in window.taps}
            if size > 1 and len(counts) > 1:
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
