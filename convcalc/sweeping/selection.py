"""Which rows a sweep shows, and in which order: sorted, the first of them, or the Pareto front."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from convcalc.errors import UsageError
from convcalc.sweeping.batch import Row
from convcalc.sweeping.formulas import name_of_column
from convcalc.sweeping.sizes import smallest
from convcalc.sweeping.values import split

Point = tuple[float, ...]
BUFFER = 20_000  # rows that wait before the front is worked out again


class Objective(NamedTuple):
    """A figure by which rows are sorted or compared: the smallest first, or with `descending` the largest."""

    column: str
    descending: bool

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that are shown, and their order. Without `pareto` and `sort` all rows in the order of the space."""

    sort: tuple[Objective, ...] = ()
    top: int | None = None
    pareto: tuple[Objective, ...] = ()

    @property
    def needs_all(self) -> bool:
        """Whether all rows must be known before the first is shown."""
        return bool(self.sort or self.pareto)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What a search improves: the figures of the front, else the first by which rows are sorted."""
        return self.pareto or self.sort[:1]

    @property
    def columns(self) -> list[str]:
        """The columns that it reads."""
        return [objective.column for objective in (*self.pareto, *self.sort)]

    def rows(self, rows: Iterable[Row], columns: Sequence[str]) -> list[Row]:
        """The rows that are shown, in their order. `columns` are those of the figures."""
        if self.pareto:
            rows = front(rows, [(columns.index(each.column), each.descending) for each in self.pareto])
        key = _key(self.sort or self.pareto[:1], columns)
        return sorted(rows, key=key) if self.top is None else heapq.nsmallest(self.top, rows, key=key)


ALL_ROWS = Selection()


def parse_selection(sort: str | None, top: int | None, pareto: str | None, keys: Collection[str]) -> Selection:
    """The selection that `--sort`, `--top` and `--pareto` ask for; `keys` are those that vary. Raises UsageError."""
    selection = Selection(parse_objectives(sort, keys), top, parse_objectives(pareto, keys))
    if top is not None and not selection.needs_all:
        raise UsageError("--top needs an order", "add --sort params, or --sort -receptive_field for the largest first")
    if pareto is not None and len(selection.pareto) < 2:
        raise UsageError("--pareto compares two figures or more", "as in --pareto params,-receptive_field; --sort"
                         " orders by one")  # fmt: skip
    return selection


def parse_objectives(text: str | None, keys: Collection[str]) -> tuple[Objective, ...]:
    """The figures of a text such as `params,-receptive_field`. Raises UsageError."""
    parts = [] if text is None else split(text, ",")
    if not all(part.lstrip("-") for part in parts):
        raise UsageError(f"`{text}` has an empty part", "separate figures by commas, as in params,-receptive_field")
    found = tuple(Objective(name_of_column(part.removeprefix("-"), keys), part.startswith("-")) for part in parts)
    for number, objective in enumerate(found):
        if objective.column in [each.column for each in found[:number]]:
            raise UsageError(f"`{objective.column}` is in `{text}` twice", "name each figure once")
    return found


def _key(order: Sequence[Objective], columns: Sequence[str]) -> Callable[[Row], Any]:
    """The key by which rows are sorted; those whose figure is not known come last."""
    places = [(columns.index(each.column), each.descending) for each in order]

    def key(row: Row) -> Any:
        return [_rank(row[1][place], descending) for place, descending in places], row[0]

    return key


def _rank(value: Any, descending: bool) -> tuple[Any, ...]:
    """A value that sorts: known numbers, then texts, then what is not known."""
    number = smallest(value)
    if number is not None:
        return 0, -number if descending else number
    if isinstance(value, str):
        letters = tuple(map(ord, value))
        return 1, (*[-letter for letter in letters], 1) if descending else letters
    return (2,)


# -- the Pareto front ------------------------------------------------------------------------------------------------


class Front:
    """The rows that no other one dominates, of those added so far; a row with an unknown objective is left out.

    A row dominates another if it is at least as good in every objective, and better in one. `objectives` are the places
    of the figures, and whether the largest is best. Only the front and a buffer are kept in memory.
    """

    def __init__(self, objectives: Sequence[tuple[int, bool]]) -> None:
        self._objectives = objectives
        self._kept: list[tuple[Point, Row]] = []
        self._waiting: list[tuple[Point, Row]] = []

    def add(self, row: Row) -> None:
        """Take a row into account."""
        point = point_of(row, self._objectives)
        if point is None:
            return
        self._waiting.append((point, row))
        if len(self._waiting) >= max(BUFFER, len(self._kept)):
            self._settle()

    def rows(self) -> list[Row]:
        """The front, in the order in which its rows were added."""
        self._settle()
        return [row for _, row in self._kept]

    def _settle(self) -> None:
        if self._waiting:
            self._kept, self._waiting = _front_of([*self._kept, *self._waiting]), []


def front(rows: Iterable[Row], objectives: Sequence[tuple[int, bool]]) -> list[Row]:
    """The front of some rows; see `Front`."""
    found = Front(objectives)
    for row in rows:
        found.add(row)
    return found.rows()


def point_of(row: Row, objectives: Sequence[tuple[int, bool]]) -> Point | None:
    """The objectives of a row, the smallest best; None where one is not known."""
    found: list[Any] = []
    for place, descending in objectives:
        number = smallest(row[1][place])
        if number is None:
            return None
        found.append(-number if descending else number)
    return tuple(found)


def _front_of(pairs: list[tuple[Point, Row]]) -> list[tuple[Point, Row]]:
    best = set(front_of_points({point for point, _ in pairs}))
    return [pair for pair in pairs if pair[0] in best]


def front_of_points(points: Iterable[Point]) -> Iterator[Point]:
    """The points that no other one dominates. In each coordinate the smallest is best.

    >>> sorted(front_of_points({(1, 3), (2, 2), (3, 1), (2, 3)}))
    [(1, 3), (2, 2), (3, 1)]
    """
    # In this order no point is dominated by a later one.
    ordered = sorted(points)
    size = len(ordered[0]) if ordered else 0
    known = _Staircase() if size == 3 else _Lowest() if size == 2 else _Listed()
    for point in ordered:
        if known.add(point[1:]):
            yield point


class _Lowest:
    """Points of one coordinate: only the lowest so far can be added to."""

    def __init__(self) -> None:
        self._least: float | None = None

    def add(self, rest: Point) -> bool:
        """Add a point if no earlier one is as low."""
        if self._least is not None and self._least <= rest[0]:
            return False
        self._least = rest[0]
        return True


class _Staircase:
    """Points of two coordinates: those that are not dominated, the first coordinate rising and the second falling."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._second: list[float] = []

    def add(self, rest: Point) -> bool:
        """Add a point if no earlier one is as low in both coordinates."""
        first, second = rest
        place = bisect_right(self._first, first)
        if place and self._second[place - 1] <= second:
            return False
        start = end = bisect_left(self._first, first)
        while end < len(self._second) and self._second[end] >= second:
            end += 1
        self._first[start:end], self._second[start:end] = [first], [second]
        return True


class _Listed:
    """Points of any number of coordinates, which are compared one by one."""

    def __init__(self) -> None:
        self._points: list[Point] = []

    def add(self, rest: Point) -> bool:
        """Add a point if no earlier one is as low in every coordinate."""
        if any(all(map(_is_as_low, point, rest)) for point in self._points):
            return False
        self._points.append(rest)
        return True


def _is_as_low(left: float, right: float) -> bool:
    return left <= right
