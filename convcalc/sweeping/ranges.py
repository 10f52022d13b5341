"""The candidates of a sweep in ranges of positions: the unit that is evaluated, stored and repeated.

The length of a range is a power of two, and its start is a multiple of its length. So two ranges are nested or have
nothing in common, whoever made them: stores of many runs join without counting a candidate twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from convcalc.errors import UsageError

BLOCKS_PER_SHARD = 64


class Range(NamedTuple):
    """The positions from `start` to `stop`, which is left out."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def __str__(self) -> str:
        return f"{self.start:,}" if self.size == 1 else f"{self.start:,} to {self.stop - 1:,}"


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """One of `count` parts of a sweep, from 1 on."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def parts(self, total: int) -> list[Range]:
        """Its positions of `total`.

        They are blocks at equal distances, because the cost of a candidate changes along the axes. The sizes of two
        shards differ by at most one block.
        """
        size = power_below(total // (self.count * BLOCKS_PER_SHARD))
        starts = range((self.number - 1) * size, total, self.count * size)
        return joined(Range(start, min(start + size, total)) for start in starts)


def parse_shard(text: str) -> Shard:
    """The shard of `3/100`. Raises UsageError.

    >>> parse_shard("3/100")
    Shard(number=3, count=100)
    """
    match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*0*([1-9]\d{0,8})\s*", text)
    if match is None:
        raise UsageError(f"`{text}` is not a shard", "write NUMBER/COUNT, as in --shard 3/100")
    number, count = int(match[1]), int(match[2])
    if not 1 <= number <= count:
        help = "the first shard is 1" if number == 0 else f"the last shard is {count}/{count}"
        raise UsageError(f"there is no shard {number}/{count}", help)
    return Shard(number, count)


def power_below(number: float) -> int:
    """The largest power of two that is not larger; at least 1.

    >>> [power_below(number) for number in (0, 1, 3.9, 4)]
    [1, 1, 2, 4]
    """
    return 1 << max(int(number).bit_length() - 1, 0)


def first_range(part: Range, wanted: float) -> Range:
    """The range at the start of some positions, with `wanted` positions or fewer.

    >>> first_range(Range(12, 100), 64), first_range(Range(64, 100), 64)
    (Range(start=12, stop=16), Range(start=64, stop=96))
    """
    size = power_below(min(wanted, part.size))
    if part.start:
        size = min(size, part.start & -part.start)
    return Range(part.start, part.start + size)


def pieces(whole: Range, count: int) -> list[Range]:
    """Up to `count` equal parts of a range; `count` is a power of two."""
    size = max(whole.size // count, 1)
    return [Range(start, start + size) for start in range(whole.start, whole.stop, size)]


def joined(ranges: Iterable[Range]) -> list[Range]:
    """The same positions in as few parts as possible, in order.

    >>> joined([Range(4, 6), Range(0, 2), Range(2, 4), Range(8, 9)])
    [Range(start=0, stop=6), Range(start=8, stop=9)]
    """
    found: list[Range] = []
    for each in sorted(ranges):
        if found and each.start <= found[-1].stop:
            found[-1] = Range(found[-1].start, max(found[-1].stop, each.stop))
        elif each.size > 0:
            found.append(each)
    return found


def without(parts: Iterable[Range], done: Iterable[Range]) -> list[Range]:
    """The positions of `parts` that are not in `done`.

    >>> without([Range(0, 10)], [Range(2, 4), Range(9, 12)])
    [Range(start=0, stop=2), Range(start=4, stop=9)]
    """
    return list(_without(joined(parts), joined(done)))


def _without(parts: list[Range], done: list[Range]) -> Iterator[Range]:
    place = 0
    for start, stop in parts:
        while place < len(done) and done[place].stop <= start:
            place += 1
        at = place
        while at < len(done) and done[at].start < stop:
            if start < done[at].start:
                yield Range(start, done[at].start)
            start = done[at].stop
            at += 1
        if start < stop:
            yield Range(start, stop)


def size_of(ranges: Iterable[Range]) -> int:
    """The number of positions."""
    return sum(each.size for each in ranges)


def outermost(ranges: Iterable[Range]) -> list[Range]:
    """The ranges that are in no other one, each once, in order."""
    found: list[Range] = []
    for each in sorted(set(ranges), key=lambda each: (each.start, -each.stop)):
        if not found or each.start >= found[-1].stop:
            found.append(each)
    return found
