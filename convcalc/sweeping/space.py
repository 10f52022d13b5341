"""The space of a sweep: every candidate has an index, and its values follow from the index alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt, prod
from typing import Any

from convcalc.sweeping.axes import Axis

ROUNDS = 6
_MASK = 2**64 - 1


class Space:
    """All combinations of the values of some axes; the last axis varies fastest."""

    __slots__ = ("_from_the_last", "axes", "keys", "size")

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = tuple(axes)
        self.keys = tuple(key for axis in axes for key in axis.keys)
        self._from_the_last = [(axis, axis.size) for axis in reversed(self.axes)]
        self.size = prod(axis.size for axis in axes)

    def values(self, index: int) -> tuple[Any, ...]:
        """The values of the candidate with this index, in the order of `keys`."""
        found: list[Any] = []
        for axis, size in self._from_the_last:
            index, place = divmod(index, size)
            if len(axis.keys) == 1:
                found.append(axis.values[place])
            else:
                found += axis.values[place][::-1]
        return tuple(found[::-1])

    def places(self, index: int) -> list[int]:
        """The place on each axis of the candidate with this index."""
        found: list[int] = []
        for _, size in self._from_the_last:
            index, place = divmod(index, size)
            found.append(place)
        return found[::-1]

    def index(self, places: Sequence[int]) -> int:
        """The index of the candidate with the values at these places of the axes."""
        index = 0
        for axis, place in zip(self.axes, places):
            index = index * axis.size + place
        return index


class Shuffle:
    """The numbers below `size` in an order that depends on `seed` alone; each comes once, and is found by its place.

    It is a Feistel network on a square a little larger than `size`, and a number outside is mapped again. Only whole
    numbers are used, so that the order is the same on every machine.

    >>> shuffle = Shuffle(10, seed=0)
    >>> sorted(shuffle[place] for place in range(10)) == list(range(10))
    True
    """

    __slots__ = ("_keys", "_side", "size")

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self._side = isqrt(max(size - 1, 0)) + 1
        self._keys = [_mixed(_mixed(seed & _MASK) + number) for number in range(ROUNDS)]

    def __getitem__(self, place: int) -> int:
        if not 0 <= place < self.size:
            raise IndexError(place)
        side, number = self._side, place
        while True:
            left, right = divmod(number, side)
            for key in self._keys:
                left, right = right, (left + _mixed(key ^ right)) % side
            number = left * side + right
            if number < self.size:
                return number


def _mixed(number: int) -> int:
    """A number of 64 bits in which every bit depends on every bit of the given one (the finaliser of SplitMix64)."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)
