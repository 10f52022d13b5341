"""A map read at places that another layer gives, as by a spatial transformer."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.arith.window import whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link
from convcalc.layers.parameters import Boolean, Choice, Integers
from convcalc.layers.spatial import spatial_sizes


class GridSample(Layer):
    """The map of the first input, read at the places that the second gives: anywhere on it.

    Example:
        input: {map: [1, 28, 28], grid: [28, 28, 2]}
        layers:
          - grid_sample: {from: [map, grid]}

    Shape:
        [C, H, W] and [H', W', 2] to [C, H', W']; [C, D, H, W] and [D', H', W', 3] to [C, D', H', W']

    Errors:
        wrong-rank           the map has not two or three axes after its channels, or the mode is for two
        shapes-do-not-agree  the grid does not hold one number an axis of the map for each position

    Source:
        PyTorch's grid_sample; Jaderberg et al. 2015, "Spatial Transformer Networks". Each unit may see any part of the
        map, and counts as seeing the whole. The interpolation is not counted as multiply-accumulates.
    """

    arity = (2, 2)
    takes_leading_axes = True
    mode = Choice(("bilinear", "nearest", "bicubic"), "bilinear", help="how values are interpolated")
    padding_mode = Choice(("zeros", "border", "reflection"), "zeros", help="what is read beside the map")
    align_corners = Boolean(False, help="whether -1 and 1 are the centres of the corner cells")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        image, grid = inputs
        rank = len(spatial_sizes(self, image))
        if rank not in (2, 3):
            raise LayerError("wrong-rank", f"{self.type.name} reads [C, H, W] or [C, D, H, W], not the {{input}}")
        if self.mode == "bicubic" and rank == 3:
            raise LayerError("wrong-rank", "mode bicubic reads [C, H, W], not the {input}", parameter="mode")
        if len(grid) != rank + 1 or grid[-1] != rank:
            raise LayerError(
                "shapes-do-not-agree",
                f"the grid is {format_shape(grid)}, and a map of {rank} axes needs {rank} numbers for each position",
                parameter="from",
                help="its last axis holds them, x first",
            )
        return (image[0], *grid[:-1])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axes = range(1, len(output))
        everywhere = [Link(axis, whole(inputs[0][axis])) for axis in axes]
        return (Link(0), *everywhere), (None, *(Link(axis - 1) for axis in axes))


class AffineGrid(Layer):
    """The places of a map's cells after an affine transformation, which the input gives: a grid for grid_sample.

    Example:
        input: [2, 3]
        layers:
          - affine_grid: {size: [28, 28]}

    Shape:
        [2, 3] to [*size, 2]; [3, 4] to [*size, 3]

    Formulas:
        macs                positions · axes · (axes + 1)

    Errors:
        wrong-rank          the input is not the matrix of a transformation of as many axes as `size` has

    Source:
        PyTorch's affine_grid.
    """

    size = Integers(help="height and width of the grid, or depth, height and width")
    align_corners = Boolean(False, help="whether -1 and 1 are the centres of the corner cells")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        rank = len(self.size)
        if rank not in (2, 3) or inputs[0] != (rank, rank + 1):
            raise LayerError(
                "wrong-rank",
                f"a grid of {format_shape(self.size)} needs a matrix, 2x3 or (three axes) 3x4, not the {{input}}",
                parameter="size",
                help="unflatten it first",
            )
        return (*self.size, rank)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"products": Formula("positions * axes * (axes + 1)")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {**super().values(inputs, output), "positions": elements(self.size), "axes": len(self.size)}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((None,) * len(output),)


TYPES = {"grid_sample": LayerType("grid_sample", GridSample), "affine_grid": LayerType("affine_grid", AffineGrid)}
