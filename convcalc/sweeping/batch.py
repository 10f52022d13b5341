"""What the evaluation of some candidates gives; batches add up to those of a whole sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.report.sums import Partial

AT_LEAST = "at_least"
Row = tuple[int, tuple[Any, ...]]


class Miss(NamedTuple):
    """The candidate that came nearest to a condition which it failed: how far it was, relative to the bound."""

    gap: float
    candidate: int  # its index in the space
    value: Any  # what the condition compares with its bound


@dataclass(slots=True)
class Batch:
    """The results of the candidates at the positions from `start` to `stop`, which is left out.

    `rows` has the index in the whole space and the figures of each candidate that passes, in the order of the plan's
    columns. `broken` counts those that do not build, by reason; `rejected` those that fail a condition, by the first
    that they fail; `misses` has the nearest of these. Sums of batches do not depend on the order.
    """

    start: int
    stop: int
    rows: list[Row] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    misses: dict[str, Miss] = field(default_factory=dict)

    def add_miss(self, condition: str, miss: Miss) -> None:
        """Keep a miss of a condition where it is the nearest so far."""
        known = self.misses.get(condition)
        if known is None or miss[:2] < known[:2]:
            self.misses[condition] = miss

    def merge(self, other: Batch) -> Batch:
        """The batch of the candidates of both. Rows are in the order of their index."""
        return Batch(
            min(self.start, other.start),
            max(self.stop, other.stop),
            sorted([*self.rows, *other.rows], key=lambda row: row[0]),
            add_counts(self.broken, other.broken),
            add_counts(self.rejected, other.rejected),
            nearest_misses(self.misses, other.misses),
        )


def add_counts(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    """The sums by name."""
    return {name: left.get(name, 0) + right.get(name, 0) for name in sorted({*left, *right})}


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts by name, the largest first."""
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def nearest_misses(left: Mapping[str, Miss], right: Mapping[str, Miss]) -> dict[str, Miss]:
    """The nearer miss of each condition."""
    found = dict(left)
    for name, miss in right.items():
        found[name] = min(found.get(name, miss), miss, key=lambda each: each[:2])
    return dict(sorted(found.items()))


def plain_figure(value: Any) -> Any:
    """A figure as JSON has it; a lower bound becomes `{"at_least": 5}`.

    >>> plain_figure((6, 28, 28)), plain_figure(Partial(5))
    ([6, 28, 28], {'at_least': 5})
    """
    if type(value) is Partial:
        return {AT_LEAST: int(value)}
    if isinstance(value, (list, tuple)):
        return [plain_figure(item) for item in value]
    if isinstance(value, dict):
        return {key: plain_figure(item) for key, item in value.items()}
    return value


def figure_of_plain(value: Any) -> Any:
    """The figure of a value that `plain_figure` gave. A list is a tuple again, such as a shape."""
    if isinstance(value, list):
        return tuple([figure_of_plain(item) for item in value])
    if isinstance(value, dict):
        if value.keys() == {AT_LEAST}:
            return Partial(value[AT_LEAST])
        return {key: figure_of_plain(item) for key, item in value.items()}
    return value
