"""Rows or columns between the windows of a layer that no layer reads.

A stride larger than the kernel skips positions: a 1x1 convolution of stride 2 reads one of four, and the rest of its
input is computed for nothing. A dilation that has a common factor with the stride does the same. Where another layer
reads the skipped positions, as the 3x3 path beside the shortcut of a residual block does, nothing is lost.

Fails:
    input: [16, 32, 32]
    layers:
      - conv2d: {out_channels: 64, kernel_size: 1, stride: 2}

Passes:
    input: [16, 32, 32]
    layers:
      - avg_pool2d: {kernel_size: 2}
      - conv2d: {out_channels: 64, kernel_size: 1}

Source:
    He et al., Bag of tricks for image classification with convolutional neural networks, CVPR 2019, section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.wording import per_axis
from convcalc.layers.base import Layer
from convcalc.layers.windows import WindowLayer
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.strided_slices import rests
from convcalc.lint.unread_positions import gaps, reads_all
from convcalc.lint.wording import its_input, positions_in_words


def check(network: Network) -> Iterator[Finding]:
    for row, shape, found in gaps(network):
        skipped = [(gap.axis, gap.count) for gap in found if not gap.is_at_end]
        if skipped:
            read = prod(size - dict(skipped).get(axis, 0) for axis, size in enumerate(shape[1:], 1))
            of = prod(shape[1:])
            yield Finding(
                row,
                f"no layer reads {positions_in_words(shape, skipped)} of {its_input(shape)}:"
                f" {of - read:,} of its {of:,} positions",
                at="stride" if network.entry(row).has("stride") else "kernel_size",
                help=_remedy(row.facts.layer, shape),
            )
    for rest in rests(network):
        yield Finding(
            rest.row,
            f"no layer reads {rest.unread:,} of the {prod(rest.sizes):,} positions ({format_shape(rest.sizes)}) of"
            f" {network.graph.tensor_name(rest.tensor)}: the slices with a step leave them out",
            at="start" if network.entry(rest.row).has("start") else "",
            help="take these with further slices, or start one of the slices at another place",
        )


def _remedy(layer: Layer, shape: Shape) -> str:
    """The smallest kernel that reads all positions, as verified, or why no kernel does."""
    if not isinstance(layer, WindowLayer):
        return "make the window as large as its stride"
    dilation = layer.dilation[: len(layer.stride)]
    if max(dilation) > 1:
        return f"dilation {per_axis(dilation)} with stride {per_axis(layer.stride)} reads the same positions again"
    for more in range(3):
        kernel = tuple(size if size >= step else step + more for size, step in zip(layer.kernel_size, layer.stride))
        if reads_all(layer.changed(kernel_size=kernel), shape):
            return f"`kernel_size: {per_axis(kernel)}` reads all of them; or pool before it and use stride 1"
    return "make the kernel as large as the stride; or pool before it and use stride 1"
