"""Grids of windows over several axes, in two steps: through the windows, and between the axes and their one axis."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.arith.shape import Shape
from convcalc.layers.base import Link, Part, Unordered


def without_grid(flow: Sequence[Part], shape: Shape, output: Shape) -> list[tuple[Sequence[Part], Shape, Shape]]:
    """A flow with the shapes before and after it; one with a grid of windows as two, with the grid between them."""
    gridded = [axis for axis, part in enumerate(flow) if isinstance(part, Unordered) and part.grid]
    if not gridded:
        return [(flow, shape, output)]
    part = flow[gridded[0]]
    assert isinstance(part, Unordered)
    assert part.grid
    joins = len(part.axes) > 1
    axes = part.axes if joins else tuple(gridded)  # where the grid is in the shape between
    sizes = dict(zip(axes, part.grid.sizes))
    windows = {axis: Link(axis, window) for axis, window in zip(axes, part.grid.windows)}
    between = tuple([sizes.get(axis, size) for axis, size in enumerate(shape if joins else output)])
    regrouping = [part._replace(grid=None) if isinstance(part, Unordered) else part for part in flow]
    if joins:
        linked = {link.axis for link in flow if isinstance(link, Link)}
        through = [windows.get(axis) or (Link(axis) if axis in linked else None) for axis in range(len(shape))]
        return [(through, shape, between), (regrouping, between, output)]
    through = [windows.get(axis) or (None if part is None else Link(axis)) for axis, part in enumerate(flow)]
    return [(regrouping, shape, between), (through, between, output)]
