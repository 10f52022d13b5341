"""Sets of input sizes in short form: single sizes, ranges, and patterns that repeat."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

MAX_BLOCKS = 4  # a set of more blocks is written with its period, if it has one


class SizeRun(NamedTuple):
    """A pattern of sizes: `width` neighbours from `first` on, repeated every `step` up to `last` (step 0: once)."""

    first: int
    last: int
    step: int
    width: int = 1

    def to_dict(self) -> dict[str, int]:
        return self._asdict()


class SizeSet:
    """Some of the sizes that were tried, in order, and the blocks that they form.

    >>> [block.to_dict() for block in SizeSet([5, 16, 32, 48, 64], range(1, 71)).blocks]
    [{'first': 5, 'last': 5, 'step': 0, 'width': 1}, {'first': 16, 'last': 64, 'step': 16, 'width': 1}]
    """

    __slots__ = ("blocks", "members", "tried")

    def __init__(self, members: Collection[int], tried: range) -> None:
        self.members = tuple(members)
        self.tried = tried
        self.blocks = _blocks(_runs(self.members), tried.stop)
        if len(self.blocks) > MAX_BLOCKS:
            self.blocks = _by_period(self.members, tried) or self.blocks

    def __bool__(self) -> bool:
        return bool(self.members)

    def to_list(self) -> list[dict[str, int]]:
        return [block.to_dict() for block in self.blocks]

    def __contains__(self, size: int) -> bool:
        return size in self.members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SizeSet) and (self.members, self.tried) == (other.members, other.tried)

    __hash__ = None  # type: ignore[assignment]  # equal by value, and not used as a key

    @property
    def from_here_on(self) -> int | None:
        """The smallest size from which on all tried sizes are in the set; None where that is only the last one."""
        tails = (block for block in self.blocks if not block.step and block.last == self.tried.stop - 1)
        return next((block.first for block in tails if block.width > 1), None)


def _runs(members: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring sizes as (first, how many)."""
    runs: list[tuple[int, int]] = []
    for size in members:
        first, count = runs[-1] if runs else (size, 0)
        if first + count == size:
            runs[-1:] = [(first, count + 1)]
        else:
            runs.append((size, 1))
    return runs


def _blocks(runs: list[tuple[int, int]], stop: int) -> list[SizeRun]:
    """The runs as blocks: three or more of equal width and distance are joined; the last may be cut at `stop`."""
    blocks: list[SizeRun] = []
    start = 0
    while start < len(runs):
        first, width = runs[start]
        end = start + 1
        step = runs[end][0] - first if end < len(runs) else 0
        while end < len(runs) and runs[end][0] - runs[end - 1][0] == step:
            if runs[end][1] != width and not (runs[end][1] < width and sum(runs[end]) == stop):
                break
            end += 1
        if end - start < 3:
            end, step = start + 1, 0
        blocks.append(SizeRun(first, sum(runs[end - 1]) - 1, step, width))
        start = end
    return blocks


def _by_period(members: tuple[int, ...], tried: range) -> list[SizeRun]:
    """The blocks of a set that is periodic from one of its first runs on; empty where it is not."""
    runs = _runs(members)
    for number, (first, _) in enumerate(runs[:MAX_BLOCKS]):
        period = _period(set(members), first, tried.stop)
        if period:
            cycle = [run for run in runs[number:] if run[0] < first + period]
            return [
                *(SizeRun(start, start + width - 1, 0, width) for start, width in runs[:number]),
                *(SizeRun(start, _last(start, width, period, members[-1]), period, width) for start, width in cycle),
            ]
    return []


def _period(chosen: set[int], first: int, stop: int) -> int:
    """The smallest period of a set from `first` on, with two repetitions at least; 0 where it is not periodic.

    No run may cross the end of the first period.
    """
    for period in range(2, (stop - first) // 2):
        pairs = ((size, size + period) for size in range(first, stop - period))
        if first + period - 1 not in chosen and all((one in chosen) == (other in chosen) for one, other in pairs):
            return period
    return 0


def _last(start: int, width: int, period: int, greatest: int) -> int:
    """The last size, up to `greatest`, of a run that repeats."""
    return min(start + (greatest - start) // period * period + width - 1, greatest)
