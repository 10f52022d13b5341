"""Puts short texts beside points so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from convcalc.drawing.measure import width

SIZE = 11.0  # of the font
GAP = 6.0  # between a point and its label
MARK = 5.0  # the radius around a point that no label may touch
MOST = 8
MOST_TRIED = 40


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        """Whether two boxes overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def is_within(self, other: Box) -> bool:
        """Whether it is inside another box."""
        return (
            other.left <= self.left and self.right <= other.right and other.top <= self.top
            and self.bottom <= other.bottom
        )  # fmt: skip

    def has(self, x: float, y: float) -> bool:
        """Whether a point is inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class Label(NamedTuple):
    """A text in its box."""

    text: str
    box: Box


Place = tuple[float, float]


def labels(
    marks: Sequence[tuple[Place, str]], others: Sequence[Place], taken: Iterable[Box], frame: Box
) -> list[Label]:
    """Labels for some of these points, in their order: the ends first, then the middle, then those between.

    A label covers no mark, no box that is `taken` and no other label; of its places, that which covers the fewest of
    the `others` is taken.
    """
    blocked = [*taken, *[Box(x - MARK, y - MARK, x + MARK, y + MARK) for (x, y), _ in marks]]
    found: list[Label] = []
    for number in list(_spread(len(marks)))[:MOST_TRIED]:
        (x, y), text = marks[number]
        free = [box for box in _places(x, y, text) if box.is_within(frame) and not any(map(box.touches, blocked))]
        if text and free:
            box = min(free, key=lambda each: sum(each.has(*other) for other in others))
            found.append(Label(text, box))
            blocked.append(box)
        if len(found) == MOST:
            break
    return found


def _places(x: float, y: float, text: str) -> Iterator[Box]:
    """The boxes around a point, the best first."""
    wide, high = width(text, SIZE) + 2, SIZE + 3
    for top in (y - high - 2, y + 2, y - high / 2):
        for left in (x + GAP, x - GAP - wide):
            yield Box(left, top, left + wide, top + high)
    for top in (y - GAP - high, y + GAP):
        yield Box(x - wide / 2, top, x + wide / 2, top + high)


def _spread(count: int) -> Iterator[int]:
    """The numbers below `count`: first the ends, then the middle of what is between, and so on.

    >>> list(_spread(6))
    [0, 5, 2, 1, 3, 4]
    """
    yield from range(min(count, 1))
    yield from range(count - 1, max(count - 2, 0), -1)
    parts = [(0, count - 1)]
    for start, end in parts:  # which grows
        middle = (start + end) // 2
        if middle > start:
            yield middle
            parts += [(start, middle), (middle, end)]
