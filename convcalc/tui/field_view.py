"""The receptive field of a unit of the selected layer, drawn on the input; arrow keys move the unit."""

from __future__ import annotations

from itertools import zip_longest
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget

from convcalc.errors import UsageError
from convcalc.render.field import facts, field_panels, labelled, legend
from convcalc.render.field_picture import UNICODE, picture
from convcalc.report.field import LayerField
from convcalc.report.report import Report
from convcalc.tui.outline import OutlineItem
from convcalc.tui.styling import content, mark

FIGURE_COLUMNS = 38  # for the figures beside a picture, with the gap
GAP = 2
MIN_COLUMNS = 26  # for a picture beside its figures
MIN_ROWS = 12  # for a picture below its figures
STRIP_ROWS = 5  # for a strip with its borders


class FieldView(Widget, can_focus=True):
    """The output of `convcalc field` for one unit, which the keys move over the layer's map."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-2,-1)", "Unit up", show=False),
        Binding("down", "step(-2,1)", "Unit down", show=False),
        Binding("left", "step(-1,-1)", "Unit left", show=False),
        Binding("right", "step(-1,1)", "Unit right", show=False),
        Binding("shift+up", "step(-2,-5)", "5 units up", show=False),
        Binding("shift+down", "step(-2,5)", "5 units down", show=False),
        Binding("shift+left", "step(-1,-5)", "5 units left", show=False),
        Binding("shift+right", "step(-1,5)", "5 units right", show=False),
        Binding("home", "centre", "Central unit", show=False),
    ]

    hint = "arrow keys move the unit, with shift by 5, home to the centre; escape goes back to the table"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._field: LayerField | None = None
        self._shown: tuple[Report, str] | None = None
        self._message = ""

    @property
    def unit(self) -> tuple[int, ...] | None:
        """The index of the unit that is shown."""
        return None if self._field is None else self._field.shown_unit.index

    def show(self, report: Report | None, item: OutlineItem | None) -> None:
        """Draw the field of a layer, or of the last layer of a block. The unit stays where the layer is the same."""
        if report is None or item is None:
            self._field, self._message = None, "There are no figures yet."
            self.refresh()
            return
        name = item.rows[-1].name
        if self._shown == (report, name):
            return
        before = self.unit if self._shown is not None and self._shown[1] == name else None
        self._shown = (report, name)
        try:
            self._field, self._message = LayerField(report, name), ""
            if before is not None and len(before) == len(self._field.units):
                self._field.select_unit(tuple(min(place, size - 1) for place, size in zip(before, self._field.units)))
        except UsageError as error:
            self._field, self._message = None, str(error)
        self.refresh()

    def render(self) -> Content:
        if self._field is None:
            return content(mark(self._message, "note"))
        return content("\n".join(field_lines(self._field, max(self.size.width, 20), max(self.size.height, 4))))

    def action_step(self, axis: int, by: int) -> None:
        """Move the unit along an axis, counted from the last."""
        field = self._field
        if field is None or len(field.units) < -axis:
            return
        index = list(field.shown_unit.index)
        index[axis] = max(0, min(index[axis] + by, field.units[axis] - 1))
        field.select_unit(tuple(index))
        self.refresh()

    def action_centre(self) -> None:
        if self._field is not None:
            self._field.unit = None
            self.refresh()


def field_lines(field: LayerField, columns: int, rows: int) -> list[str]:
    """The picture as large as possible, with the figures beside it, or above it where the place is narrow."""
    key = [mark(legend(field, UNICODE)[:columns], "note")]
    beside = columns >= FIGURE_COLUMNS + MIN_COLUMNS
    figures = list(labelled(facts(field), FIGURE_COLUMNS - GAP if beside else columns))
    if not beside:
        figures = figures[: max(rows - MIN_ROWS, 1)]
        return [*figures, *_picture(field, columns, rows - len(figures) - 1), *key]
    picture = _picture(field, columns - FIGURE_COLUMNS, rows - 1)
    pairs = zip_longest(figures[: rows - 1], picture, fillvalue="")
    return [*(f"{figure:<{FIGURE_COLUMNS}}{line}" for figure, line in pairs), *key]


def _picture(field: LayerField, columns: int, rows: int) -> list[str]:
    """Every panel below the previous one; the last has the remaining rows."""
    *strips, last = field_panels(field)
    lines = [line for panel in strips for line in picture(panel, columns, STRIP_ROWS, UNICODE, mark)]
    return [*lines, *picture(last, columns, max(rows - len(lines), STRIP_ROWS), UNICODE, mark)]
