"""A layer along one axis, small enough to draw: which input cells each output cell reads."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.arith.shape import Shape
from convcalc.layers.base import LayerError
from convcalc.layers.windows import WindowLayer

MOST_CELLS = 14  # of input or output, so that each one can be seen
WHOLE = 8  # a layer with at most so many cells is drawn as it is
MOST_SEARCHED = 128
OUTPUTS = (4, 3, 2, 1)  # as many output cells as fit, the most first


class Example(NamedTuple):
    """`size` input cells, and for each output cell the cells that it reads, those of padding below 0 or from `size`.

    `residues` are the numbers of the windows where these repeat: outputs of one residue use the weights of the same
    places. `real` are the sizes of input and output along the axis in the network; `is_whole` where these are drawn.
    """

    size: int
    taps: tuple[tuple[int, ...], ...]
    residues: tuple[int, ...]
    real: tuple[int, int]
    axis: str

    @property
    def is_whole(self) -> bool:
        return self.real == (self.size, len(self.taps))

    @property
    def first(self) -> int:
        """The first cell that is drawn; below 0 it is padding."""
        return min([0, *(tap for taps in self.taps for tap in taps)])

    @property
    def last(self) -> int:
        return max([self.size - 1, *(tap for taps in self.taps for tap in taps)])


def of_window(layer: WindowLayer, shape: Shape, output: Shape) -> Example:
    """A layer that slides along its last axis: the layer itself where it is small, else with fewer cells."""
    sizes = shape[1:]
    real = sizes[-1], output[-1]
    axis = "row" if len(sizes) > 1 else "length"
    if max(real) <= WHOLE:
        return _example(layer, sizes, real[0], real, axis)
    best: Example | None = None
    for outputs in OUTPUTS:
        for size in range(1, MOST_SEARCHED):
            if _outputs(layer, sizes, size) != outputs:
                continue
            example = _example(layer, sizes, size, real, axis)
            if example.last - example.first + 1 <= MOST_CELLS:
                return example
            if best is None or example.last - example.first < best.last - best.first:
                best = example
            break
    return best or _example(layer, sizes, real[0], real, axis)


def of_linear(shape: Shape, output: Shape) -> Example:
    """A linear layer: each output reads every input."""
    real = shape[-1], output[-1]
    size, outputs = min(real[0], 6), min(real[1], 4)
    everything = tuple(range(size))
    return Example(size, (everything,) * outputs, (0,) * outputs, real, "vector")


def _outputs(layer: WindowLayer, sizes: Shape, size: int) -> int | None:
    """How many output cells a row of `size` cells has; None where the window does not fit."""
    try:
        return layer.positions((*sizes[:-1], size))[-1]
    except LayerError:
        return None


def _example(layer: WindowLayer, sizes: Shape, size: int, real: tuple[int, int], axis: str) -> Example:
    smaller = (*sizes[:-1], size)
    window = list(layer.windows(smaller))[-1]
    outputs = range(layer.positions(smaller)[-1])
    taps = [window.at(unit) for unit in outputs]
    read = tuple(tuple(range(tap[0], tap[1] + 1, tap[2])) if tap else () for tap in taps)
    return Example(size, read, tuple(unit % window.period for unit in outputs), real, axis)
