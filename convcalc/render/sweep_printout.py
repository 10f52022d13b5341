"""A sweep as a sheet, as records and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of
from convcalc.render.cells import NOTHING, UNKNOWN, Number, counted, extents, number_format
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.report.figure import FIELD
from convcalc.report.figures import BY_NAME
from convcalc.report.sums import status
from convcalc.sweeping.inputs import INPUT
from convcalc.sweeping.sweep import Sweep, SweepRow
from convcalc.text.files import target_label
from convcalc.text.writing import flow_text

FIELD_NOTE = "field: receptive field of the output in pixels, not cut at the border"
LEAST_IMPORTANT = 60  # of the columns of figures; a narrow terminal leaves out the last ones first


@dataclass(frozen=True, slots=True)
class SweepPrintout:
    """A sweep. `si` is as in a report. Records and data always have exact figures."""

    sweep: Sweep
    si: bool = False
    title = "Sweep"

    def sheets(self, width: int | None) -> list[Sheet]:
        sweep, number = self.sweep, number_format(self.si)
        shown = sweep.rows
        rows = [self._cells(row, number) for row in shown]
        notes = [FIELD_NOTE] if FIELD in sweep.columns else []
        facts = list(sweep.summary.in_words())
        return [Sheet(_title(sweep, len(rows)), _heads(sweep, shown), rows, facts=facts, notes=notes)]

    def data(self) -> dict[str, Any]:
        return self.sweep.to_dict()

    def records(self) -> Iterator[Record]:
        """One record for each row, with exact figures; an incomplete one is empty."""
        sweep = self.sweep
        rows = iter(sweep)
        first = list(islice(rows, 1))  # before the headings: a sweep that is refused prints nothing
        yield [*sweep.keys, *sweep.columns]
        for row in chain(first, rows):
            figures = [exact_figure(row.figures[name]) for name in sweep.columns]
            yield [*[exact_value(key, row.values[key]) for key in sweep.keys], *figures]

    def _cells(self, row: SweepRow, number: Number) -> list[str]:
        figures = [figure_text(row.figures[name], number) for name in self.sweep.columns]
        return [*[value_text(key, row.values[key]) for key in self.sweep.keys], *figures]


def _title(sweep: Sweep, count: int) -> str:
    plan, selection = sweep.plan, sweep.selection
    is_named = plan.variant is None or "@" in plan.label or plan.variant == plan.label  # as in resnet50
    passed = sweep.summary.passed
    what = count_of(count, "network") if count == passed else f"{count:,} of {count_of(passed, 'network')}"
    if selection.pareto:
        some = f"the first {count} networks" if selection.top == count else count_of(count, "network")
        what = f"{some} on the front of {', '.join(map(str, selection.pareto))}"
    if selection.sort:
        what += f", by {', '.join(map(str, selection.sort))}"
    return f"{target_label(plan.label)}{'' if is_named else f'@{plan.variant}'} · {what}"


def _heads(sweep: Sweep, rows: Sequence[SweepRow]) -> list[Head]:
    columns = sweep.columns
    keys = [head_of_key(key, [row.values[key] for row in rows]) for key in sweep.keys]
    return [*keys, *[head_of(name, 95 - min(place, 35)) for place, name in enumerate(columns)]]


def head_of_key(key: str, values: Sequence[Any]) -> Head:
    """The head of the column of a varied key."""
    return Head(key, right=all(type(value) in (int, float) for value in values), importance=100, role="name")


def head_of(column: str, importance: int) -> Head:
    figure = BY_NAME.get(column)
    if figure is None:
        return Head(column, right=True, importance=importance)
    note = f"{figure.header}: bytes" if figure.is_bytes else ""
    return Head(figure.header, right=figure.is_sum, importance=importance, note=note)


def figure_text(value: Any, number: Number) -> str:
    """A figure for readers: counts in a format, shapes, up to six digits of a quotient.

    >>> [figure_text(value, str) for value in (5, (6, 28, 28), None, 1 / 3, "same", True)]
    ['5', '6x28x28', '?', '0.333333', 'same', 'true']
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, (bool, str)):
        return value_text("", value)
    if isinstance(value, float):
        return f"{value:,.6g}"
    return counted(value, number) if isinstance(value, int) else extents(value)


def exact_figure(value: Any) -> Any:
    """A figure for programs; empty where it is not known."""
    if value is None or (isinstance(value, int) and status(value)):
        return None
    if isinstance(value, (list, tuple, dict)):
        text = extents(value)
        return None if text == NOTHING else text
    return value_text("", value) if isinstance(value, bool) else value


def value_text(key: str, value: Any) -> str:
    """A varied value as a spec has it; an input as 3x224x224.

    >>> value_text("input", [3, 224, 224]), value_text("depths", [2, 2]), value_text("merge", "add")
    ('3x224x224', '[2, 2]', 'add')
    """
    if key.partition(".")[0] == INPUT and isinstance(value, list) and all(type(size) is int for size in value):
        return format_shape(value)
    return value if isinstance(value, str) else flow_text(value)


def exact_value(key: str, value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number else value_text(key, value)
