"""The table of layers: only the visible lines are drawn, so that a thousand layers take no longer than ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from convcalc.render.sheet import GAP, Head, Sheet
from convcalc.tui.marks import NO_MARK, RowMark
from convcalc.tui.outline import INDENT, OutlineItem

PARTS_WITH_BACKGROUND = ("table--head", "table--cursor")
SCROLLBAR = 2  # columns, with a space before it
GUTTER = 3  # columns: a sign for a change, one for a finding, a space


class NetworkTable(ScrollView, can_focus=True):
    """A sheet with a cursor. The head does not scroll; a click on it sorts, a click on a triangle folds."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--head", "table--cursor", "table--name", "table--type", "table--bar", "table--zero", "table--block",
        "table--root", "table--added", "table--changed", "table--affected", "table--error", "table--warning",
        "table--stale",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "end(-1)", "First", show=False),
        Binding("end", "end(1)", "Last", show=False),
        Binding("left,h", "fold(False)", "Fold", show=False),
        Binding("right,l", "fold(True)", "Unfold", show=False),
    ]

    hint = "↑ ↓ choose a layer, 1 to 6 a tab, enter shows its fields, ? all keys"

    class Selected(Message):
        """The cursor moved to another row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Toggled(Message):
        """The user folds or unfolds a block."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Opened(Message):
        """The user clicked twice on a row, to edit it."""

    class Sorted(Message):
        """The user clicked on the head of a column."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.items: Sequence[OutlineItem] = []
        self.cursor = 0
        self.is_stale = False
        self._sheet = Sheet("", [Head("")], [])
        self.fitted = self._sheet  # the sheet with the columns that fit
        self._widths: list[int] = [0]
        self._marks: Mapping[str, RowMark] = {}
        self._styles: dict[str, Style] = {}

    # -- contents -----------------------------------------------------------------------------------------------------

    def show(self, items: Sequence[OutlineItem], sheet: Sheet, *, cursor: str, stale: bool) -> None:
        """Show these rows. The cursor is on the row of that key, or else at its old place."""
        self.items, self._sheet, self.is_stale = items, sheet, stale
        keys = {item.key: place for place, item in enumerate(items)}
        self.cursor = keys.get(cursor, min(self.cursor, max(len(items) - 1, 0)))
        self._fit()
        self._scroll_to_cursor()

    def mark(self, marks: Mapping[str, RowMark]) -> None:
        """Show these marks; their keys are the keys of the rows."""
        self._marks = marks
        self.refresh()

    @property
    def key(self) -> str:
        """The key of the row that the cursor is on."""
        return self.items[self.cursor].key if self.items else ""

    def mark_of(self, key: str) -> RowMark:
        """The marks of a row."""
        return self._marks.get(key, NO_MARK)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns for which there would be room in a terminal of any width."""
        return tuple(head.role for head in self._sheet.heads)

    def wanted_width(self, room: int) -> int:
        """The columns of the terminal that the sheet fills, if it has this room."""
        return min(self._sheet.fitted(room - GUTTER - SCROLLBAR).width + GUTTER + SCROLLBAR, room)

    def _fit(self) -> None:
        width = max(self.scrollable_content_region.width - GUTTER, 20)
        self.fitted = self._sheet.fitted(width)
        self._widths = self.fitted.widths()
        used = sum(self._widths) + GAP * (len(self._widths) - 1)
        self.virtual_size = Size(max(used + GUTTER, 1), len(self.items) + 1)
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._fit()
        self._scroll_to_cursor()

    def notify_style_update(self) -> None:
        self._styles.clear()
        super().notify_style_update()

    # -- drawing -------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            style = self._style("table--head")
            texts = [self._align(head.text, place) for place, head in enumerate(self.fitted.heads)]
            return self._strip([Segment(" " * GUTTER + (" " * GAP).join(texts), style)], width, style)
        index = round(self.scroll_y) + y - 1
        if index >= len(self.items):
            return Strip.blank(width, self.rich_style)
        return self._row(index, width)

    def _row(self, index: int, width: int) -> Strip:
        item, cells = self.items[index], self.fitted.rows[index]
        mark = self.mark_of(item.key)
        base = self._style("table--stale") if self.is_stale else Style.null()
        if index == self.cursor:
            base = base + self._style("table--cursor")
        segments = [
            Segment(mark.sign or " ", base + self._style(f"table--{mark.status}") if mark.sign else base),
            Segment(mark.finding or " ", base + self._style(f"table--{mark.severity}") if mark.finding else base),
            Segment(" ", base),
        ]
        for place, (text, head) in enumerate(zip(cells, self.fitted.heads, strict=True)):
            style = self._cell_style(item, text, head.role, mark)
            segments.append(Segment(self._align(text, place), base + style))
            segments.append(Segment(" " * GAP, base))
        return self._strip(segments, width, self.rich_style + base)

    def _cell_style(self, item: OutlineItem, text: str, role: str, mark: RowMark) -> Style:
        if role in mark.cells or (mark.is_whole and role != "bar"):
            return self._style(f"table--{mark.status}")
        if role == "bar":
            return self._style("table--bar")
        if text in ("0", "–"):
            return self._style("table--zero")
        if item.level == 0 and not item.key:
            return self._style("table--root")
        if role in ("name", "type"):
            return self._style("table--block" if item.is_block and role == "name" else f"table--{role}")
        return Style.null()

    def _style(self, name: str) -> Style:
        """The style of a part of the table; only the parts in PARTS_WITH_BACKGROUND set the background."""
        style = self._styles.get(name)
        if style is None:
            full = self.get_component_rich_style(name)
            ground = full.bgcolor if name in PARTS_WITH_BACKGROUND else None
            style = Style(color=full.color, bgcolor=ground, bold=full.bold or None, dim=full.dim or None)
            self._styles[name] = style
        return style

    def _align(self, text: str, place: int) -> str:
        width = self._widths[place]
        return text.rjust(width) if self.fitted.heads[place].right else text.ljust(width)

    def _strip(self, segments: list[Segment], width: int, style: Style) -> Strip:
        left = round(self.scroll_x)
        strip = Strip(segments).apply_style(self.rich_style)
        return strip.crop_extend(left, left + width, style)

    # -- moving --------------------------------------------------------------------------------------------------------

    def select(self, index: int) -> None:
        """Put the cursor on a row."""
        if not self.items:
            return
        index = max(0, min(index, len(self.items) - 1))
        if index != self.cursor:
            self.cursor = index
            self.refresh()
            self.post_message(self.Selected(self.key))
        self._scroll_to_cursor()

    def _scroll_to_cursor(self) -> None:
        height = max(self.size.height - 1, 1)
        top = round(self.scroll_y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def action_move(self, by: int) -> None:
        self.select(self.cursor + by)

    def action_page(self, by: int) -> None:
        self.select(self.cursor + by * max(self.size.height - 2, 1))

    def action_end(self, side: int) -> None:
        self.select(0 if side < 0 else len(self.items) - 1)

    def action_fold(self, unfold: bool) -> None:
        """Unfold or fold the block under the cursor; otherwise go to the next row, or to the block around."""
        item = self.items[self.cursor] if self.items else None
        if item is not None and item.is_block and item.key and item.is_open != unfold:
            self.post_message(self.Toggled(item.key))
        elif unfold:
            self.select(self.cursor + 1)
        elif item is not None:
            above = [place for place in range(self.cursor) if self.items[place].level < item.level]
            self.select(above[-1] if above else 0)

    # -- mouse ---------------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        x = event.x + round(self.scroll_x) - GUTTER
        if event.y == 0:
            role = self._role_at(x)
            if role:
                self.post_message(self.Sorted(role))
            return
        index = round(self.scroll_y) + event.y - 1
        if index >= len(self.items):
            return
        item = self.items[index]
        self.select(index)
        if item.is_block and item.key and INDENT * item.level <= x <= INDENT * item.level + 1:
            self.post_message(self.Toggled(item.key))
        elif event.chain == 2:
            self.post_message(self.Opened())

    def _role_at(self, x: int) -> str:
        start = 0
        for width, head in zip(self._widths, self.fitted.heads, strict=True):
            if start <= x < start + width + GAP:
                return head.role
            start += width + GAP
        return ""
