"""The present state next to the saved file and to every pin."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from convcalc.editor import Session
from convcalc.render.changes import percent_text, signed, value_text
from convcalc.render.sheet import Head, Sheet
from convcalc.render.text import text_chunks
from convcalc.report.changes import FigureChange
from convcalc.report.figure import STATES, Figure
from convcalc.report.figures import shown_in
from convcalc.report.report import Report
from convcalc.tui.styling import content, mark

SAVED, NOW = "saved", "now"


class CompareView(VerticalScroll):
    """A column for each state, and the change from the state marked for comparison."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._sheet = Sheet("", [Head("")], [])
        self._text = Static(id="compare-text")

    def compose(self) -> ComposeResult:
        yield self._text

    def show(self, session: Session, against: str) -> None:
        """Show the states side by side; `against` is the name of a pin, or empty for the saved file."""
        self._sheet = sheet(session, against)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(self.scrollable_content_region.width, 30)
        lines = "".join(text_chunks([self._sheet.fitted(width)], mark, width))
        self._text.update(content(lines))


def sheet(session: Session, against: str) -> Sheet:
    """The totals of every state; a star marks the state to compare with."""
    states = {SAVED: session.baseline, **{name: pin.report for name, pin in session.pins.items()}, NOW: session.report}
    reports = {name: report for name, report in states.items() if report is not None}
    base_name = against or SAVED
    heads = [Head("", importance=100)]
    for name in reports:
        importance = 96 if name == NOW else 95 if name == base_name else 40
        heads.append(Head(f"{name}*" if name == base_name else name, right=True, importance=importance))
    heads += [Head("change", right=True, importance=90), Head("%", right=True, importance=45)]
    rows = []
    for figure in shown_in(STATES):
        cells = [value_text(figure.of_network(report)) for report in reports.values()]
        rows.append([figure.header, *cells, *_change(reports.get(base_name), reports.get(NOW), figure)])
    rows.append(["output", *(value_text(_output(report)) for report in reports.values()), "", ""])
    return Sheet("", heads, rows, notes=["p pins the present state; b chooses the state to compare with, marked *"])


def _change(base: Report | None, now: Report | None, figure: Figure) -> list[str]:
    if base is None or now is None:
        return ["", ""]
    change = FigureChange(figure.of_network(base), figure.of_network(now))
    if not change.differs:
        return ["–", ""]
    return [signed(change.difference), percent_text(change)] if change.difference else ["differs", ""]


def _output(report: Report) -> object:
    shapes = report.outputs
    return next(iter(shapes.values())) if len(shapes) == 1 else shapes
