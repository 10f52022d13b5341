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

FIGURES = 38  # the columns of figures beside a picture, with the gap
GAP = 2
LEAST = 26  # the columns of a picture beside its figures
LEAST_ROWS = 12  # that a picture below them keeps
STRIP = 5  # rows of a strip with its borders


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

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._field: LayerField | None = None
        self._shown: tuple[Report, str] | None = None
        self._message = ""

    @property
    def unit(self) -> tuple[int, ...] | None:
        """The index of the unit that is shown."""
        return None if self._field is None else self._field.shown.index

    def show(self, report: Report | None, item: OutlineItem | None) -> None:
        """Draw the field of a layer, or of the last layer of a block, keeping the unit where it is the same layer."""
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
                self._field.look_at(tuple(min(place, size - 1) for place, size in zip(before, self._field.units)))
        except UsageError as error:
            self._field, self._message = None, str(error)
        self.refresh()

    def render(self) -> Content:
        if self._field is None:
            return content(mark(self._message, "note"))
        return content("\n".join(drawn(self._field, max(self.size.width, 20), max(self.size.height, 4))))

    def action_step(self, axis: int, by: int) -> None:
        """Move the unit along an axis, counted from the last."""
        field = self._field
        if field is None or len(field.units) < -axis:
            return
        index = list(field.shown.index)
        index[axis] = max(0, min(index[axis] + by, field.units[axis] - 1))
        field.look_at(tuple(index))
        self.refresh()

    def action_centre(self) -> None:
        if self._field is not None:
            self._field.unit = None
            self.refresh()


def drawn(field: LayerField, columns: int, rows: int) -> list[str]:
    """The picture as large as possible, with the figures beside it, or above it in a narrow place."""
    key = [mark(legend(field, UNICODE)[:columns], "note")]
    beside = columns >= FIGURES + LEAST
    figures = list(labelled(facts(field), FIGURES - GAP if beside else columns))
    if not beside:
        figures = figures[: max(rows - LEAST_ROWS, 1)]
        return [*figures, *_picture(field, columns, rows - len(figures) - 1), *key]
    picture = _picture(field, columns - FIGURES, rows - 1)
    pairs = zip_longest(figures[: rows - 1], picture, fillvalue="")
    return [*(f"{figure:<{FIGURES}}{line}" for figure, line in pairs), *key]


def _picture(field: LayerField, columns: int, rows: int) -> list[str]:
    """Every panel below the previous one; the last has the rows that are left."""
    *strips, last = field_panels(field)
    lines = [line for panel in strips for line in picture(panel, columns, STRIP, UNICODE, mark)]
    return [*lines, *picture(last, columns, max(rows - len(lines), STRIP), UNICODE, mark)]
