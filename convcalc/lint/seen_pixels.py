"""The very pixels that a unit sees along each axis, also where they are not neighbours, as behind dilated windows."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import NamedTuple

from convcalc.arith.window import Window
from convcalc.layers.base import Flow, Link
from convcalc.lint.linted_network import Network

# Longer fields are not examined pixel by pixel.
MAX_FIELD = 1 << 14


class Seen(NamedTuple):
    """The pixels that a unit in the middle of a map sees along one axis: bit i of `pixels` is pixel `first` + i.

    The next unit sees the same pattern, `step` pixels further.
    """

    pixels: int = 1
    first: int = 0
    step: int = 1

    @property
    def size(self) -> int:
        """From the first pixel to the last."""
        return self.pixels.bit_length()

    @property
    def number(self) -> int:
        """How many pixels these are."""
        return self.pixels.bit_count()

    @property
    def spacing(self) -> int:
        """The common factor of the distances between all pixels: 1 where neighbours are seen, 0 for a single pixel."""
        if self.pixels & self.pixels >> 1:
            return 1
        return gcd(*(place for place, bit in enumerate(reversed(bin(self.pixels))) if bit == "1"))

    def through(self, window: Window) -> Seen | None:
        """What a unit sees that reads these units through a window; None where that differs from unit to unit."""
        taps = window.taps[0] if window.period == 1 else None
        if taps is None or not window.shift:
            return None
        first, last, step = taps
        if self.size + self.step * (last - first) > MAX_FIELD:
            return None
        pixels = 0
        for tap in range(0, last - first + 1, step):
            pixels |= self.pixels << self.step * tap
        return Seen(pixels, self.first + self.step * first, self.step * window.shift)

    def joined(self, other: Seen) -> Seen | None:
        """What a unit sees on two ways; None where their units are at different distances."""
        if self.step != other.step:
            return None
        first = min(self.first, other.first)
        return Seen(self.pixels << self.first - first | other.pixels << other.first - first, first, self.step)


Axes = tuple[Seen, ...]


def all_seen(network: Network) -> list[Axes | None]:
    """What the units of each tensor see of an input, along each axis after the first; None where it is unknown.

    Only for layers that keep their axes in place, and whose units all see the same pattern.
    """
    result: list[Axes | None] = [(Seen(),) * (len(shape) - 1) for shape in network.graph.inputs.values()]
    for row in network.rows:
        moved: list[Axes | None] = []
        for tensor, flow in zip(network.node(row).reads, row.facts.flow):
            before = result[tensor]
            fits = before is not None and len(before) == len(row.output_shape) - 1
            moved.append(through(before, flow) if before is not None and fits else None)
        result.append(_joined(moved))
    return result


def through(axes: Axes, flow: Flow) -> Axes | None:
    """What a layer sees of an input through one of its inputs."""
    if flow is None:
        return axes
    result = []
    for axis, before in enumerate(axes, 1):
        part = flow[axis]
        if not isinstance(part, Link) or part.axis != axis or part.start:
            return None
        seen = before if part.window is None else before.through(part.window)
        if seen is None:
            return None
        result.append(seen)
    return tuple(result)


def _joined(moved: Sequence[Axes | None]) -> Axes | None:
    """What is seen on any of several ways; None where that is no product of what is seen along the axes."""
    if not moved or moved[0] is None:
        return None
    result = moved[0]
    for axes in moved[1:]:
        joined = tuple([one.joined(other) for one, other in zip(result, axes or ())])
        is_product = joined in (result, axes) or sum(one != other for one, other in zip(result, axes or ())) < 2
        if axes is None or None in joined or not is_product:
            return None
        result = tuple([each for each in joined if each is not None])
    return result
