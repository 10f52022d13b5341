"""A sweep and its rows, as Python and the renderers have them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.report.figure import SHAPES
from convcalc.report.figures import BY_NAME
from convcalc.report.report import Shown
from convcalc.report.sums import status
from convcalc.sweeping.batch import Row, plain_figure
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.plotting.axes import PlotAxes, check_plotted, plot_axes
from convcalc.sweeping.plotting.points import Points
from convcalc.sweeping.runner import Run
from convcalc.sweeping.selection import Selection
from convcalc.sweeping.summary import Summary

if TYPE_CHECKING:
    from convcalc.drawing.draw import Drawing
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

    def __init__(
        self,
        evaluator: Evaluator,
        selection: Selection,
        start: Callable[[], Run | Merged],
        hidden: Collection[str] = (),
    ) -> None:
        self.evaluator = evaluator
        self.selection = selection
        # The names of the figures of each row: `hidden` are those that only a plot reads.
        left_out = {*self.keys, *hidden}
        self.columns = [name for name in self.plan.columns if name not in left_out]
        self._points: Points | None = None
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

    def _started(self) -> Iterable[Row]:
        self._run = run = self._start()
        if self._points is None:
            return run
        self._points = Points(self._points.axes, self.evaluator)
        return self._points.noted(run)

    def note_points(self, axes: PlotAxes) -> None:
        """Note the points of a plot from now on, while rows are read: a later `plot` of these axes builds nothing."""
        check_plotted(axes, self.plan, self.keys)
        self._points = Points(axes, self.evaluator)

    def plot(self, axes: str | Sequence[str] | None = None) -> Drawing:
        """Two or three figures of all networks that pass against each other, with the front marked.

        `axes` are the names of x, y and the colour; a minus before a name: the largest is best. Without it they are the
        figures of `pareto`, else the first of `sort` over the first varied number, else params and macs. A sweep whose
        rows are sorted or a front builds its networks again if it has been read. Raises UsageError.
        """
        from convcalc.drawing.draw import Drawing  # only a picture needs these
        from convcalc.drawing.scatter.picture import plot_svg
        from convcalc.sweeping.plotting.picture import plot_of

        text = axes if axes is None or isinstance(axes, str) else ",".join(axes)
        chosen = plot_axes(text, self.selection, self.evaluator.axes)
        if self._points is None or self._points.axes != chosen or not self._points.is_whole:
            self._read_points(chosen)
        points = self._points
        assert points is not None  # they have just been read
        values = {index: self.evaluator.values(index) for index, _ in points.front()}
        return Drawing(plot_svg(plot_of(points, self.plan, self.summary, values)))

    def _read_points(self, axes: PlotAxes) -> None:
        self.note_points(axes)
        assert self._points is not None  # it notes them
        if self._rows is not None and not self.selection.needs_all:
            rows: Iterable[Row] = self._points.noted(self._rows)
        elif self._rows is None and self.is_in_other_order:
            self.read()
            return
        else:
            rows = self._started()
        for _ in rows:
            pass  # each is noted

    def _row(self, row: Row) -> SweepRow:
        index, figures = row
        return SweepRow(index, self.evaluator.values(index), self._figures(figures))

    def _figures(self, figures: Sequence[Any]) -> dict[str, Any]:
        shown = self.columns
        pairs = zip(self.plan.columns, figures)
        return {name: value if _is_shape(name) else _with_lists(value) for name, value in pairs if name in shown}

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
