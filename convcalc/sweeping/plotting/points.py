"""The points of a plot, noted while the rows of a sweep are read: in a bounded memory, however many rows there are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from convcalc.drawing.scatter.scale import DECADES, Number, can_be_drawn
from convcalc.sweeping.batch import Row
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plotting.axes import PlotAxes
from convcalc.sweeping.selection import Front
from convcalc.sweeping.sizes import smallest

KEPT = 40_000  # points; beyond that, one for each cell
CELLS = (240, 120)  # along x and y, about as many as a picture shows


@dataclass(slots=True)
class Extent:
    """The smallest and the largest value so far, and whether all are whole numbers."""

    low: Number = math.inf
    high: Number = -math.inf
    is_whole: bool = True

    def add(self, value: Number) -> None:
        """Widen it to have a value."""
        self.low = min(self.low, value)
        self.high = max(self.high, value)
        self.is_whole = self.is_whole and isinstance(value, int)

    def cells(self, count: int) -> Callable[[Number], tuple[int, int]]:
        """The function that gives the cell of a value, of so many on the axis.

        A linear axis has the cells of a logarithmic one too, because later rows may make it one.
        """
        low, length = self.low, self.high - self.low or 1
        if low <= 0:
            return lambda value: (int((value - low) / length * count), 0)
        low_power = math.log10(low)
        powers = math.log10(self.high) - low_power or 1
        if powers > DECADES:
            return lambda value: (0, int((math.log10(value) - low_power) / powers * count))
        return lambda value: (
            int((value - low) / length * count), int((math.log10(value) - low_power) / powers * count)
        )  # fmt: skip


class Points:
    """The points of rows: `dots` of those that have a place, and the front.

    `count` is the number of rows with a place, and `without` of those without: a figure of them is not known.
    """

    def __init__(self, axes: PlotAxes, evaluator: Evaluator) -> None:
        self.axes = axes
        self.dots: dict[tuple[Number, Number], None] = {}
        self.x, self.y = Extent(), Extent()
        self.count = self.without = 0
        self.is_whole = False  # whether all rows are noted
        self._evaluator = evaluator
        self._columns = evaluator.plan.columns
        self._most = KEPT
        names = axes.columns
        self._front = Front([(names.index(each.column), each.descending) for each in axes.front])

    def noted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows; each is noted."""
        for row in rows:
            self.add(row)
            yield row
        self.is_whole = True

    def add(self, row: Row) -> None:
        """Note a row."""
        figures = self._figures(row)
        self._front.add((row[0], figures))
        place = self.place(figures)
        if place is None:
            self.without += 1
            return
        self.count += 1
        self.x.add(place[0])
        self.y.add(place[1])
        self.dots[place] = None
        if len(self.dots) > self._most:
            self._thin_out()

    def _thin_out(self) -> None:
        """Keep the first point of each cell."""
        x_cell, y_cell = self.x.cells(CELLS[0]), self.y.cells(CELLS[1])
        first: dict[tuple[tuple[int, int], tuple[int, int]], tuple[Number, Number]] = {}
        for x, y in self.dots:
            first.setdefault((x_cell(x), y_cell(y)), (x, y))
        self.dots = dict.fromkeys(first.values())
        self._most = max(KEPT, 2 * len(self.dots))

    def front(self) -> list[Row]:
        """The rows on the front so far. Their figures are in the order of `axes.columns`."""
        return self._front.rows()

    def place(self, figures: tuple[Any, ...]) -> tuple[Number, Number] | None:
        """Where a row is, by its figures in the order of `axes.columns`; None where that is not known."""
        x, y = (drawable(figures[number]) for number in (0, 1))
        return None if x is None or y is None else (x, y)

    def _figures(self, row: Row) -> tuple[Any, ...]:
        index, figures = row
        values = None
        found: list[Any] = []
        for name in self.axes.columns:
            if name in self._columns:
                found.append(figures[self._columns.index(name)])
            else:
                values = values or self._evaluator.values(index)
                found.append(values[name])
        return tuple(found)


def drawable(figure: Any) -> Number | None:
    """The number that is drawn of a figure: of sizes the smallest; None where it is not known."""
    number = smallest(figure)
    return number if number is not None and not isinstance(number, bool) and can_be_drawn(number) else None
