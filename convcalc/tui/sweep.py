"""A sweep of one parameter of the selected layer: a row of figures and a bar for each value."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from convcalc.arith.shape import format_shape
from convcalc.arith.units import human
from convcalc.editor import EditField, Session, SweepPoint
from convcalc.errors import UsageError
from convcalc.render.cells import counted, extents
from convcalc.render.changes import value_text
from convcalc.render.sheet import GAP, Head, Sheet
from convcalc.report.sums import ratio
from convcalc.tui.outline import share_bar
from convcalc.tui.sweep_keys import network_fields, offered_keys, one_number, present_value

MIN_BAR, MAX_BAR = 6, 24  # characters of the longest bar
LEAD = 3  # columns for the marks before a value


class SweepView(Widget, can_focus=True):
    """The points of a sweep. They are computed one at a time, so that keys are handled between them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Value before", show=False),
        Binding("down", "move(1)", "Next value", show=False),
        Binding("left", "parameter(-1)", "Parameter before", show=False),
        Binding("right", "parameter(1)", "Next parameter", show=False),
        Binding("enter", "take", "Take value"),
    ]

    class Taken(Message):
        """A value was chosen for the layer."""

        def __init__(self, layer: str, key: str, value: Any) -> None:
            super().__init__()
            self.layer = layer
            self.key = key
            self.value = value

    hint = "each value is tried in the whole network; escape goes back to the table"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.points: list[SweepPoint] = []
        self.keys: list[str] = []
        self.key = ""
        self._layer = ""
        self._current: object = None
        self._cursor = 0
        self._message = ""
        self._scope = ""
        self._session: Session | None = None
        self._request: tuple[str, str, str, bool] | None = None
        self._remaining: Iterator[SweepPoint] = iter(())
        self._timer: Timer | None = None

    def show(self, session: Session, layer: str, key: str = "") -> None:
        """Vary a parameter of a layer: that of the key, else the last one, else the first of USUAL_KEYS.

        Without a layer, vary a param or the input of the network.
        """
        self._session = session
        try:
            fields = {field.key: field for field in session.fields(layer)} if layer else network_fields(session)
        except UsageError:
            fields = {}
        self.keys = offered_keys(session, layer, fields) if layer else list(fields)
        wanted = key or self.key
        self.key = wanted if wanted in self.keys else next(iter(self.keys), "")
        request = session.text, layer, self.key, session.keep_size
        if self._request == request:
            return
        self._request, self._layer = request, layer
        self._current = present_value(session, layer, fields[self.key]) if self.key else None
        self._set_scope(session, fields.get(self.key))
        self._restart(session)

    def _set_scope(self, session: Session, field: EditField | None) -> None:
        """Name the layers that the values change: those of the entry, as the edit would. A value replaces =width."""
        self._scope = ""
        if field is not None and self._layer:
            made = len(session.places(self._layer, self.key))
            parts = [f"{made:,} layers"] if made > 1 else []
            if (field.written or "").startswith("="):
                parts = [f"in place of {field.written}", *(f"in {part}" for part in parts)]
            self._scope = f" ({', '.join(parts)})" if parts else ""

    def _restart(self, session: Session) -> None:
        self.points, self._cursor, self._message = [], 0, ""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if not self.key:
            self._message = ("Select a layer with a kernel, channels or features, or a block: one of its keys is varied"
                             " here. Or the network, for its params and its input.")  # fmt: skip
        else:
            layer, key = self._place
            self._remaining = session.sweep(layer, key, every_copy=bool(self._layer))
            self._timer = self.set_interval(0.001, self._next)
        self.refresh()

    @property
    def _place(self) -> tuple[str, str]:
        """The layer and the key that are varied, as `Session.sweep` takes them."""
        layer, _, key = self.key.rpartition(".")
        return (self._layer, self.key) if self._layer else (layer, key)

    def _next(self) -> None:
        try:
            point = next(self._remaining, None)
        except UsageError as error:
            point, self._message = None, str(error)
        if point is not None:
            if one_number(point.value) == one_number(self._current):
                self._cursor = len(self.points)
            self.points.append(point)
        elif self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.refresh()

    def render(self) -> Content:
        if not self.key or self._message:
            return Content.styled(self._message, "$foreground-muted")
        names = [(f" ‹{key}›" if key == self.key else f" {key}", "bold $text-accent" if key == self.key else "")
                 for key in self.keys]  # fmt: skip
        room = max(self.size.width - LEAD, 20)
        bar = max(MIN_BAR, min(MAX_BAR, room - self._sheet(0).width))
        sheet = self._sheet(bar).fitted(room)
        widths = sheet.widths()
        keeps = f"z: keep sizes by padding ({'on' if self._session and self._session.keep_size else 'off'})"
        hint = Content.styled(f"← → a key, ↑ ↓ a value, enter sets it; {keeps}", "$foreground-muted")
        title = self._layer or "network"
        heading = Content.assemble((title, "bold"), (self._scope, "$foreground-muted"), *names)
        around = sum(len(wrap(text.plain, max(self.size.width, 1))) for text in (heading, hint))
        visible = max(self.size.height - around - 1, 1)
        first = max(0, min(self._cursor - visible // 2, len(sheet.rows) - visible))
        shown = [None, *range(first, min(first + visible, len(sheet.rows)))]
        return Content("\n").join([heading, *(self._line(sheet, number, widths) for number in shown), hint])

    def _sheet(self, bar: int) -> Sheet:
        heads = [Head("value", right=True, importance=100), Head("params", right=True, importance=95),
                 Head("", importance=60, role="bar"), Head("macs", right=True, importance=90),
                 Head("field", importance=80), Head("output", importance=70)]  # fmt: skip
        most = max((point.params or 0 for point in self.points), default=0)
        return Sheet("", heads, [self._cells(point, most, bar) for point in self.points])

    def _cells(self, point: SweepPoint, most: int, bar: int) -> list[str]:
        if point.problem:
            return [value_text(point.value), "", "", "", "", ""]
        share = share_bar(ratio(point.params, most) or 0.0, bar)
        shape = point.output or point.network_output  # that of the network where no layer is selected
        output = format_shape(shape) if shape else ""
        return [value_text(point.value), counted(point.params), share, counted(point.macs, human),
                extents(point.field or ()), output]  # fmt: skip

    def _line(self, sheet: Sheet, number: int | None, widths: list[int]) -> Content:
        """The heads, or a row with its mark for the cursor and for the value that the layer has."""
        cells = [head.text for head in sheet.heads] if number is None else sheet.rows[number]
        texts = [cell.rjust(width) if head.right else cell.ljust(width)
                 for cell, width, head in zip(cells, widths, sheet.heads)]  # fmt: skip
        gap = " " * GAP
        if number is None:
            return Content.styled(" " * LEAD + gap.join(texts), "bold $foreground-muted")
        point = self.points[number]
        is_current = one_number(point.value) == one_number(self._current)
        lead = ("▸" if number == self._cursor and self.has_focus else " ") + ("•" if is_current else " ")
        style = ("bold $text-success" if is_current else "") + (" reverse" if lead[0] == "▸" else "")
        if point.problem:
            problem = f"does not fit; with {point.padding} it does" if point.padding else point.problem
            return Content.assemble((f"{lead} {texts[0]}", style.strip()), (gap + problem, "$text-error"))
        bar = next((place for place, head in enumerate(sheet.heads) if head.role == "bar"), len(texts))
        rest = [(gap + gap.join(texts[bar + 1 :]), style.strip())] if bar + 1 < len(texts) else []
        drawn = [(gap + texts[bar], "$primary")] if bar < len(texts) else []
        return Content.assemble((f"{lead} {gap.join(texts[:bar])}", style.strip()), *drawn, *rest)

    def action_move(self, by: int) -> None:
        self._cursor = max(0, min(self._cursor + by, len(self.points) - 1))
        self.refresh()

    def action_parameter(self, by: int) -> None:
        if self._session is not None and self.keys:
            self.show(self._session, self._layer, self.keys[(self.keys.index(self.key) + by) % len(self.keys)])

    def action_take(self) -> None:
        if self.points:
            self.post_message(self.Taken(*self._place, self.points[self._cursor].value))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
