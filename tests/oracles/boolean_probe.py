"""Brute force for receptive fields: mark one pixel, run the graph on booleans, see which units change.

A layer is written as what it reads. Along one axis, `sources(length)` lists for every output position the
input positions that can change it, straight from the layer's definition; how many positions there are
follows from the list. A layer's window is the product of such lists over its axes, so reading the axes one
after the other is exact for a layer. Nothing of the kind is assumed of a graph: the marks run through it on
the whole map, and no interval, stride or centre is ever propagated.

Channels are left out: a unit stands for all channels at its position.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Booleans = NDArray[np.bool_]
Sources = list[list[int]]


class Axis(Protocol):
    """What a layer does along one spatial axis."""

    def sources(self, length: int) -> Sources:
        """For each output position, the positions it reads of an input with `length` positions."""


@dataclass(frozen=True)
class Pointwise:
    """Activations, batch norm, norms over channels, merges: each position reads itself."""

    def sources(self, length: int) -> Sources:
        return [[position] for position in range(length)]


@dataclass(frozen=True)
class Window:
    """Convolution and pooling; cells of padding hold no mark, or with another `border` that of a cell of the map."""

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    ceil: bool = False
    border: str = "constant"

    def sources(self, length: int) -> Sources:
        span = self.dilation * (self.kernel - 1) + 1
        starts = list(range(-self.before, length + self.after - span + 1, self.stride))
        if self.ceil and starts and starts[-1] + span < length + self.after:
            # PyTorch adds the window that overhangs, unless it would start in the trailing padding.
            starts += [start for start in (starts[-1] + self.stride,) if start < length]
        taps = range(0, span, self.dilation)
        read = Pad(0, 0, self.border).read
        return [sorted({cell for tap in taps for cell in read(start + tap, length)}) for start in starts]


@dataclass(frozen=True)
class Transposed:
    """Transposed convolution: every input position writes its taps onto a canvas, which is then cut."""

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    output_padding: int = 0

    def sources(self, length: int) -> Sources:
        written = (length - 1) * self.stride + self.dilation * (self.kernel - 1) + 1
        canvas: Sources = [[] for _ in range(written + self.output_padding)]
        for position in range(length):
            for tap in range(self.kernel):
                canvas[position * self.stride + tap * self.dilation].append(position)
        return canvas[self.before : len(canvas) - self.after]


def _hat(distance: Fraction) -> Fraction:
    """The weight of linear interpolation."""
    return max(Fraction(0), 1 - abs(distance))


def _cubic(distance: Fraction) -> Fraction:
    """The weight of cubic convolution (Keys 1981) with PyTorch's a = -3/4."""
    a, x = Fraction(-3, 4), abs(distance)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * (x**3 - 5 * x**2 + 8 * x - 4) if x < 2 else Fraction(0)


_WEIGHTS = {"linear": _hat, "cubic": _cubic}


@dataclass(frozen=True)
class Interpolate:
    """Interpolation to `size` positions, or by the factor `scale`; a tap of weight zero is not read."""

    mode: str
    size: int | None = None
    scale: int = 1
    align_corners: bool = False

    def sources(self, length: int) -> Sources:
        size = self.size or length * self.scale
        if self.mode == "nearest":
            return [[position * length // size] for position in range(size)]
        return [self._weighted(self._coordinate(position, length, size), length) for position in range(size)]

    def _coordinate(self, position: int, length: int, size: int) -> Fraction:
        if self.align_corners:
            return Fraction(position * (length - 1), size - 1) if size > 1 else Fraction(0)
        return Fraction((2 * position + 1) * length, 2 * size) - Fraction(1, 2)

    def _weighted(self, coordinate: Fraction, length: int) -> list[int]:
        weights = [Fraction(0)] * length
        base = math.floor(coordinate)
        for tap in range(base - 1, base + 3):
            # Taps beyond the edge read the edge.
            weights[min(max(tap, 0), length - 1)] += _WEIGHTS[self.mode](coordinate - tap)
        return [position for position, weight in enumerate(weights) if weight]


@dataclass(frozen=True)
class Adaptive:
    """Adaptive pooling; `size` 1 is global pooling."""

    size: int

    def sources(self, length: int) -> Sources:
        bounds = [Fraction(cell * length, self.size) for cell in range(self.size + 1)]
        return [list(range(math.floor(start), math.ceil(end))) for start, end in pairwise(bounds)]


@dataclass(frozen=True)
class WholeMap:
    """Instance norm: every position reads all of them."""

    def sources(self, length: int) -> Sources:
        return [list(range(length))] * length


@dataclass(frozen=True)
class Shuffle:
    """Pixel shuffle: channels become `factor` positions."""

    factor: int

    def sources(self, length: int) -> Sources:
        return [[position] for position in range(length) for _ in range(self.factor)]


@dataclass(frozen=True)
class Unshuffle:
    """Pixel unshuffle: `factor` positions become channels of one."""

    factor: int

    def sources(self, length: int) -> Sources:
        return [list(range(start, start + self.factor)) for start in range(0, length, self.factor)]


@dataclass(frozen=True)
class Cut:
    """Slices and crops: the positions of a Python slice."""

    start: int
    stop: int | None
    step: int = 1

    def sources(self, length: int) -> Sources:
        return [[position] for position in range(length)[self.start : self.stop : self.step]]


@dataclass(frozen=True)
class Chosen:
    """Each position reads those that are written down for it."""

    read: tuple[tuple[int, ...], ...]

    def sources(self, length: int) -> Sources:
        return [list(positions) for positions in self.read]


@dataclass(frozen=True)
class Pad:
    """Padding as a layer, cutting where negative; `mode` is constant, reflect, replicate or circular."""

    before: int
    after: int
    mode: str = "constant"

    def sources(self, length: int) -> Sources:
        return [self.read(position, length) for position in range(-self.before, length + self.after)]

    def read(self, position: int, length: int) -> list[int]:
        """The cell of the map that a position holds, inside the map or around it."""
        if 0 <= position < length:
            return [position]
        if self.mode == "constant":
            return []
        if self.mode == "replicate":
            return [0 if position < 0 else length - 1]
        if self.mode == "circular":
            return [position % length]
        return [-position if position < 0 else 2 * (length - 1) - position]


@dataclass(frozen=True)
class Node:
    """A layer: the names it reads, merged and broadcast as in PyTorch, and what it does along each axis."""

    name: str
    inputs: tuple[str, ...]
    axes: tuple[Axis, ...]


def run(nodes: Sequence[Node], marked: Booleans) -> dict[str, Booleans]:
    """Run a graph on `marked`, [marks, *input size], and return each node's map, [marks, *its size]."""
    maps = {"input": marked}
    for node in nodes:
        merged = maps[node.inputs[0]]
        for name in node.inputs[1:]:
            merged = merged | maps[name]
        for axis, layer in enumerate(node.axes, start=1):
            reads = [np.array(read, dtype=np.intp) for read in layer.sources(merged.shape[axis])]
            merged = np.stack([merged.take(read, axis).any(axis) for read in reads], axis)
        maps[node.name] = merged
    del maps["input"]
    return maps


def pixels_seen(nodes: Sequence[Node], size: Sequence[int]) -> dict[str, Booleans]:
    """Mark one pixel at a time: for each node, [*size, *units], true where the pixel changes the unit."""
    count = math.prod(size)
    marked = np.eye(count, dtype=np.bool_).reshape(count, *size)
    return {name: found.reshape(*size, *found.shape[1:]) for name, found in run(nodes, marked).items()}


def positions_seen(nodes: Sequence[Node], size: Sequence[int]) -> dict[str, list[Sources]]:
    """For each node, axis and unit along it, the input positions along that axis of the pixels it sees."""
    rank = len(size)
    return {
        name: [_along(np.logical_or.reduce(seen, axis=tuple({*range(rank)} - {axis})), axis) for axis in range(rank)]
        for name, seen in pixels_seen(nodes, size).items()
    }


def positions_seen_by_slabs(nodes: Sequence[Node], size: Sequence[int]) -> dict[str, list[Sources]]:
    """The same for larger maps: mark all pixels of one position along an axis at once.

    A unit changes exactly when one of the pixels in the slab reaches it, for layers only ever unite marks.
    """
    found: dict[str, list[Sources]] = {node.name: [] for node in nodes}
    for axis, length in enumerate(size):
        slab = [length if other == axis else 1 for other in range(len(size))]
        marked = np.broadcast_to(np.eye(length, dtype=np.bool_).reshape(length, *slab), (length, *size))
        for name, seen in run(nodes, marked).items():
            found[name].append(_along(seen, axis))
    return found


def _along(seen: Booleans, axis: int) -> Sources:
    """Split [positions, *units] by the unit's index along `axis`, which alone must decide what is seen."""
    by_unit = np.moveaxis(seen, axis + 1, 0)
    by_unit = by_unit.reshape(*by_unit.shape[:2], -1)
    if not (by_unit == by_unit[..., :1]).all():
        raise ValueError(f"what a unit sees along axis {axis} depends on its place along another axis")
    return [np.flatnonzero(unit[:, 0]).tolist() for unit in by_unit]


def hull(positions: Sequence[int]) -> list[int] | None:
    """The first and last of the positions, or None where there is none."""
    return [min(positions), max(positions)] if positions else None
