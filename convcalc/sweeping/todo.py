"""The ranges of a run that remain, and the ranges that are worked on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from convcalc.sweeping.ranges import Range, first_range, pieces, size_of

SECONDS = 1.0  # of work in a range: long against the cost of sending and storing it, short to repeat
SHORTEST = 0.1  # at the end of a run
GROWTH = 4  # a range has at most so many times the candidates of the last: the first candidates may be easy
AHEAD = 64  # ranges that may be done before an earlier one: their rows wait in memory
TRIES = 3
PIECES = 8  # of a range whose process was ended: the next try finds the candidate more exactly


class Lost(NamedTuple):
    """A range that was never evaluated: the processes that tried were ended."""

    range: Range
    reason: str


class Todo:
    """Hands out the ranges of some parts, from the lowest on, each with about a second of work.

    The size follows from the time of the last range. `left` is the number of candidates that nobody works on.
    """

    def __init__(self, parts: Iterable[Range]) -> None:
        self._parts = sorted(parts, reverse=True)
        self._again: dict[Range, int] = {}  # ranges to try again, and how often they were tried
        self._working: dict[Range, int] = {}
        self._ahead: set[int] = set()  # the starts of ranges that are done, after one that is not
        self._last: tuple[int, float] | None = None  # the candidates of a range, and its seconds
        self.left = size_of(self._parts)

    @property
    def seconds_left(self) -> float | None:
        """The work that remains, for one process; None while nothing is measured."""
        return None if self._last is None else self.left * self._last[1] / self._last[0]

    @property
    def frontier(self) -> float:
        """The first position that is not done."""
        first = [each.start for each in (*self._working, *self._again)]
        if self._parts:
            first.append(self._parts[-1].start)
        return min(first, default=float("inf"))

    def take(self, workers: int) -> Range | None:
        """The next range for one of several workers, or None: nothing is left, or too many ranges are ahead."""
        if self._again:
            found = min(self._again)
            self._working[found] = self._again.pop(found)
        elif self._parts and len(self._ahead) < AHEAD:
            part = self._parts.pop()
            found = first_range(part, self._wanted(workers))
            if found.stop < part.stop:
                self._parts.append(Range(found.stop, part.stop))
            self._working[found] = 0
        else:
            return None
        self.left -= found.size
        return found

    def done(self, range: Range, seconds: float) -> None:
        """A range is evaluated, in so many seconds."""
        del self._working[range]
        self._last = range.size, max(seconds, 1e-6)
        frontier = self.frontier
        self._ahead = {start for start in (*self._ahead, range.start) if start > frontier}

    def give_back(self, range: Range) -> None:
        """A range that another worker must evaluate."""
        self._again[range] = self._working.pop(range)
        self.left += range.size

    def failed(self, range: Range, reason: str) -> Lost | None:
        """A worker was ended at this range: others try its pieces. After some tries it is given up."""
        tries = self._working.pop(range) + 1
        if tries >= TRIES:
            return Lost(range, reason)
        self._again |= dict.fromkeys(pieces(range, PIECES), tries)
        self.left += range.size
        return None

    def _wanted(self, workers: int) -> float:
        """The candidates of the next range. Near the end it is smaller, so that all workers end at about one time."""
        if self._last is None:
            return 1
        candidates, seconds = self._last
        rate = candidates / seconds
        share = self.left if workers == 1 else max(self.left / (2 * workers), SHORTEST * rate)
        return max(min(SECONDS * rate, GROWTH * candidates, share), 1)
