"""Windows of a map as columns (im2col), and columns added up to a map (col2im)."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import ClassVar

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import transposed
from convcalc.layers.base import Flow, Grid, LayerError, LayerType, Link, Unordered
from convcalc.layers.parameters import Padding, PerAxis
from convcalc.layers.windows import WindowLayer


class Unfold(WindowLayer):
    """All windows of a map, each a column: its cells of all channels.

    Example:
        input: [3, 224, 224]
        layers:
          - unfold: {kernel_size: 7, stride: 4, padding: 2}

    Shape:
        [C, H, W] to [C · kernel, windows] with
        floor((H + before + after - dilation (kernel - 1) - 1) / stride) + 1 windows along each axis

    Errors:
        kernel-larger-than-input  the dilated kernel does not fit the padded input
        wrong-rank                the input is no image

    Source:
        PyTorch's Unfold.
    """

    kernel_size = PerAxis(help="size of the windows, in cells of the input")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(
        0, words=(), help="cells of zeros around the input: a number, one per axis, [before, after] pairs"
    )
    dilation = PerAxis(1, help="distance between neighbouring cells of a window")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return inputs[0][0] * prod(self.kernel_size), prod(self.positions(inputs[0][1:]))

    def window_formula(self) -> Formula | None:
        return None  # it is of the windows along each axis, and the output has one axis for all

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        sizes = inputs[0][1:]
        counts = self.positions(sizes)
        windows = tuple(self.windows(sizes))
        # An axis of a single window that holds all of it is seen whole, as any axis that nothing reads.
        whole = [
            count == 1 and window.inside(0, size) == (0, size - 1, 1)
            for window, count, size in zip(windows, counts, sizes)
        ]
        rows = [axis for axis, is_whole in enumerate(whole) if not is_whole]
        if len(rows) > 1:
            return ((None, Unordered(tuple(range(1, len(sizes) + 1)), Grid(counts, windows))),)
        return ((None, Link(rows[0] + 1, windows[rows[0]]) if rows else None),)


class Fold(WindowLayer):
    """Columns added up to a map, each at the place of its window: where windows overlap, the sum.

    Example:
        input: [147, 3136]
        layers:
          - fold: {output_size: 224, kernel_size: 7, stride: 4, padding: 2}

    Shape:
        [C · kernel, windows] to [C, *output_size], where a map of output_size has as many windows

    Errors:
        shapes-do-not-agree       the columns are not whole windows, or not as many as the map has windows
        kernel-larger-than-input  the dilated kernel does not fit the padded map
        wrong-rank                the input is no matrix

    Source:
        PyTorch's Fold.
    """

    example_inputs: ClassVar[Mapping[int, str]] = {2: "[147, 3136]"}
    output_size = PerAxis(help="height and width of the map")
    kernel_size = PerAxis(help="size of the windows, in cells of the map")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(0, words=(), help="cells around the map that windows hang over: as of unfold")
    dilation = PerAxis(1, help="distance between neighbouring cells of a window")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        if len(shape) != 2:
            raise LayerError(
                "wrong-rank",
                f"{self.type.name} reads [C x kernel, windows], not the {{input}}",
                help="reshape it first",
            )
        cells = prod(self.kernel_size)
        counts = self.positions(self.output_size)
        if shape[0] % cells or shape[1] != prod(counts):
            raise LayerError(
                "shapes-do-not-agree",
                f"the {{input}} is not columns of {cells} cells for {format_shape(counts)} windows",
                parameter="output_size" if shape[1] != prod(counts) else "kernel_size",
                help=f"a multiple of {cells} by {prod(counts)} would do",
            )
        return (shape[0] // cells, *self.output_size)

    def window_formula(self) -> Formula | None:
        return None

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        counts = self.positions(output[1:])
        before = [pad[0] for pad in self.pads(output[1:])]
        windows = tuple(map(transposed, self.kernel_size, self.stride, self.dilation, before))
        rows = [axis for axis, count in enumerate(counts) if count > 1]
        if len(rows) > 1:
            return ((None, *[Unordered((1,), Grid(counts, windows))] * len(counts)),)
        axis = rows[0] if rows else len(counts) - 1
        return ((None, *[Link(1, windows[axis]) if other == axis else None for other in range(len(counts))]),)


TYPES = {"unfold": LayerType("unfold", Unfold, 2), "fold": LayerType("fold", Fold, 2)}
