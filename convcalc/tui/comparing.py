"""The present state next to the saved file and to every pin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from convcalc.arith.units import group_digits, human
from convcalc.editor import Session
from convcalc.render.cells import counted
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
        self._states: dict[str, Report] = {}
        self._base = SAVED
        self._text = Static(id="compare-text")

    def compose(self) -> ComposeResult:
        yield self._text

    def show(self, session: Session, against: str) -> None:
        """Show the states side by side; `against` is the name of a pin, or empty for the saved file."""
        pins = {name: pin.report for name, pin in session.pins.items()}
        states = {SAVED: session.baseline, **pins, NOW: session.report if session.is_current else None}
        self._states = {name: report for name, report in states.items() if report is not None}
        self._base = against or SAVED
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(self.scrollable_content_region.width, 30)
        lines = "".join(text_chunks([fitted_sheet(self._states, self._base, width)], mark, width))
        self._text.update(content(lines))


def fitted_sheet(states: Mapping[str, Report], base: str, width: int) -> Sheet:
    """The totals of the states in a width.

    Where it is too narrow, the states that are not compared go first; then large numbers are rounded.
    """
    compared = {name: report for name, report in states.items() if name in (base, NOW)}
    sheets = (sheet(shown, base, form) for form in (group_digits, human) for shown in (states, compared))
    every, few, _, rounded = sheets
    found = next((each for each in (every, few) if each.width <= width), rounded)
    left_out = [name for name in states if name not in compared] if found is not every else []
    notes = [*found.notes, *([f"no room for {', '.join(left_out)}"] if left_out else [])]
    return found._replace(notes=notes).fitted(width)


def sheet(states: Mapping[str, Report], base: str, form: Callable[[int], str]) -> Sheet:
    """The totals of the states, and the change from the state `base`, which has a star."""
    heads = [Head("", importance=100)]
    heads += [Head(f"{name}*" if name == base else name, right=True, importance=95) for name in states]
    heads += [Head("change", right=True, importance=98), Head("%", right=True, importance=97)]
    rows = []
    for figure in shown_in(STATES):
        cells = [_text(figure.of_network(report), form) for report in states.values()]
        rows.append([figure.header, *cells, *_change(states.get(base), states.get(NOW), figure, form)])
    outputs = [value_text(_output(report)) for report in states.values()]
    rows.append(["output", *outputs, "–" if len(set(outputs)) < 2 else "", ""])
    return Sheet("", heads, rows, notes=["p pins the present state; b chooses the state to compare with, marked *"])


def _text(value: object, form: Callable[[int], str]) -> str:
    return counted(value, form) if isinstance(value, int) else value_text(value)


def _change(base: Report | None, now: Report | None, figure: Figure, form: Callable[[int], str]) -> list[str]:
    if base is None or now is None:
        return ["", ""]
    change = FigureChange(figure.of_network(base), figure.of_network(now))
    if not change.differs:
        return ["–", ""]
    return [signed(change.difference, form), percent_text(change)] if change.difference else ["differs", ""]


def _output(report: Report) -> object:
    shapes = report.outputs
    return next(iter(shapes.values())) if len(shapes) == 1 else shapes
