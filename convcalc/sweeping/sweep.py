"""A sweep and its rows, as Python and the renderers have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.report.figure import SHAPES
from convcalc.report.figures import BY_NAME
from convcalc.report.report import Shown
from convcalc.report.sums import status
from convcalc.sweeping.batch import Row, plain_figure
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.runner import Run
from convcalc.sweeping.selection import Selection
from convcalc.sweeping.summary import Summary

if TYPE_CHECKING:
    from convcalc.sweeping.merging import Merged

SCHEMA = "convcalc.sweep/1"


class SweepRow:
    """One network of a sweep: `index` in the space, `values` of the varied keys, and `figures`, both by name.

    A name without a dot is an attribute as well: `row.width`, `row.params`.
    """

    __slots__ = ("figures", "index", "values")

    def __init__(self, index: int, values: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
        self.index = index
        self.values = dict(values)
        self.figures = dict(figures)

    def __getitem__(self, name: str) -> Any:
        return self.values[name] if name in self.values else self.figures[name]

    def __getattr__(self, name: str) -> Any:
        if name in SweepRow.__slots__:  # of a row that is being copied
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"this row has no `{name}`") from None

    def __repr__(self) -> str:
        pairs = {**self.values, **self.figures}
        return f"<SweepRow {self.index}: {', '.join(f'{name}={value}' for name, value in pairs.items())}>"

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON has it; `status` names the figures that are not complete."""
        incomplete = {name: word for name, value in self.figures.items() if (word := _status(value))}
        figures = {name: None if value is None else _plain(value) for name, value in self.figures.items()}
        row = {"index": self.index, "values": self.values, "figures": figures}
        return {**row, "status": incomplete} if incomplete else row


def _status(value: Any) -> str:
    return status(value) if value is None or isinstance(value, int) else ""


def _plain(value: Any) -> Any:
    return int(value) if _status(value) else plain_figure(value)


def _is_shape(column: str) -> bool:
    figure = BY_NAME.get(column)
    return figure is not None and figure.kind == SHAPES


def _with_lists(value: Any) -> Any:
    """A figure with lists for tuples, as a report has it."""
    if isinstance(value, tuple):
        return [_with_lists(item) for item in value]
    return {name: _with_lists(item) for name, item in value.items()} if isinstance(value, dict) else value


class Sweep(Shown):
    """The networks of a sweep that pass, in the order of the selection.

    It is lazy: networks are built while it is iterated. After that, `summary` says how many were built and passed.
    Rows that come sorted, or as a front, are kept; others are not, so that a long sweep needs little memory, and a
    second iteration builds them again.
    """

    def __init__(self, evaluator: Evaluator, selection: Selection, start: Callable[[], Run | Merged]) -> None:
        self.evaluator = evaluator
        self.selection = selection
        self._start = start
        self._run: Run | Merged | None = None
        self._rows: list[Row] | None = None

    @property
    def plan(self) -> Plan:
        return self.evaluator.plan

    @property
    def keys(self) -> tuple[str, ...]:
        """The varied keys."""
        return self.evaluator.space.keys

    @property
    def columns(self) -> list[str]:
        """The names of the figures of each row."""
        return [name for name in self.plan.columns if name not in self.keys]

    @property
    def is_in_other_order(self) -> bool:
        """Whether rows are shown in another order than that in which they are built: then all are built first."""
        return self.selection.needs_all or self.plan.sample is not None

    def __iter__(self) -> Iterator[SweepRow]:
        if self._rows is None and self.is_in_other_order:
            self.read()
        for row in self._started() if self._rows is None else self._rows:
            yield self._row(row)

    @property
    def rows(self) -> list[SweepRow]:
        """All rows; they are kept."""
        if self._rows is None:
            self.read()
        return [self._row(row) for row in self._rows or ()]

    @property
    def run(self) -> Run | Merged:
        """The run that the last rows are from. A sweep that has not run yet is run."""
        if self._run is None:
            self.read()
        assert self._run is not None  # it has just been started
        return self._run

    @property
    def summary(self) -> Summary:
        """How many networks were built, passed, and did not."""
        return Summary(self.evaluator, self.run)

    def read(self) -> None:
        """Build all networks, and keep the rows."""
        self._rows = self.selection.rows(self._started(), self.plan.columns)

    def _started(self) -> Run | Merged:
        self._run = self._start()
        return self._run

    def _row(self, row: Row) -> SweepRow:
        index, figures = row
        return SweepRow(index, self.evaluator.values(index), self._figures(figures))

    def _figures(self, figures: Sequence[Any]) -> dict[str, Any]:
        keys = self.keys
        pairs = zip(self.plan.columns, figures)
        return {name: value if _is_shape(name) else _with_lists(value) for name, value in pairs if name not in keys}

    def __repr__(self) -> str:
        return f"<Sweep of {self.plan.label}: {self.evaluator.size:,} candidates of {', '.join(self.keys)}>"

    def to_dict(self) -> dict[str, Any]:
        """The data of `--format json`."""
        plan, rows = self.plan, self.rows
        asked = {"set": list(plan.settings), "input": plan.input, "sharing": plan.sharing, "keep_size": plan.keep_size,
                 "where": list(plan.where), "sample": plan.sample, "seed": plan.seed,
                 "search": list(plan.search), "budget": plan.budget,
                 "sort": list(map(str, self.selection.sort)), "top": self.selection.top,
                 "pareto": list(map(str, self.selection.pareto))}  # fmt: skip
        return {
            "schema": SCHEMA,
            "target": plan.label,
            "variant": plan.variant,
            "vary": list(plan.axes),
            **asked,
            "columns": self.columns,
            "summary": self.summary.to_dict(),
            "rows": [row.to_dict() for row in rows],
        }
