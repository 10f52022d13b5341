"""The head of the screen: the network, its state, and its totals with their changes."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from convcalc.arith.shape import format_shape
from convcalc.arith.units import group_digits, human
from convcalc.editor import Session
from convcalc.render.cells import counted, extents
from convcalc.render.changes import percent_text, signed, value_text
from convcalc.render.report import inputs
from convcalc.report.changes import FigureChange
from convcalc.report.columns import COLUMNS
from convcalc.report.report import Report
from convcalc.tui.outline import PARAMS, SIDE_BY_SIDE, WIRING_COLUMNS

MIN_ROUNDED = 10**8  # multiply-accumulates


class Summary(Static):
    """Two lines; the second has the totals, with their change from the file or a pin."""

    def show(
        self, session: Session, base: Report | None, wiring: str, against: str, *, is_changed_on_disk: bool
    ) -> None:
        """Show the session; `base` has the figures of the saved file, or of the pin `against`."""
        report = session.report
        title = _title(session, report, against, is_changed_on_disk)
        self.update(Content("\n").join([title, _totals(report, base, wiring)]))


def _title(session: Session, report: Report | None, against: str, is_changed_on_disk: bool) -> Content:
    name = report.name if report is not None and report.name else session.label
    label = "" if name == session.label else f"  {session.label}"
    parts: list[Content | tuple[str, str]] = [(name, "bold $text-primary"), (label, "$foreground-muted")]
    if session.is_modified:
        parts.append(("  ● unsaved", "bold $text-warning"))
    if is_changed_on_disk:
        parts.append(("  changed on disk", "bold $text-warning"))
    if not session.is_current:
        parts.append(("  does not build: last good figures" if report else "  does not build", "bold $text-error"))
    if session.view:
        parts.append(("  what if", "bold $text-accent"))
    if report is not None:
        parts.append((f"  input {inputs(report.inputs)} · {len(report.rows)} layers", "$foreground-muted"))
    if against:
        parts.append((f" · against {against}", "$text-accent"))
    return Content.assemble(*parts)


def _totals(report: Report | None, base: Report | None, wiring: str) -> Content:
    if report is None:
        return Content.styled("no figures", "$foreground-muted")
    names = WIRING_COLUMNS[wiring] if wiring != SIDE_BY_SIDE else (PARAMS,)
    parts = [_total(report, base, name) for name in (*names, "macs")]
    field = report.totals.receptive_field
    parts.append(
        _figure("field", extents(field), None if base is None else FigureChange(base.totals.receptive_field, field))
    )
    output = ", ".join(format_shape(shape) for shape in report.outputs.values())
    parts.append(_figure("output", output, None if base is None else FigureChange(base.outputs, report.outputs)))
    return Content("  ").join(parts)


def _total(report: Report, base: Report | None, name: str) -> Content:
    figure = getattr(report.totals, name)
    is_rounded = name == "macs" and (figure or 0) >= MIN_ROUNDED
    text = counted(figure, human if is_rounded else group_digits)
    return _figure(
        COLUMNS[name].header, text, None if base is None else FigureChange(getattr(base.totals, name), figure)
    )


def _figure(label: str, text: str, change: FigureChange | None) -> Content:
    parts: list[tuple[str, str]] = [(f"{label} ", "$foreground-muted"), (text, "bold")]
    if change is not None and change.differs:
        if change.difference is None:
            old = change.old
            old = next(iter(old.values())) if isinstance(old, dict) and len(old) == 1 else old
            parts.append((f" (was {value_text(old)})", "$text-warning"))
        else:
            style = "$text-error" if change.difference > 0 else "$text-success"
            percent = percent_text(change)
            parts.append((f" {percent or signed(change.difference)}", style))
    return Content.assemble(*parts)
