"""The text of a file that does not build yet, in place of the table: the cursor starts at the first problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from convcalc.arith.wording import visible
from convcalc.editor import Session
from convcalc.problems import ERROR

SIGNS = {"error": "✗", "warning": "!"}


class TextView(ScrollView, can_focus=True):
    """The lines of the text with their numbers and a sign at each problem. The line of the cursor selects its entry."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--cursor", "text--number", "text--error", "text--warning"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "move(-999999)", "First", show=False),
        Binding("end", "move(999999)", "Last", show=False),
    ]
    hint = "E opens your editor at this line, enter shows the fields of its entry"

    class Selected(Message):
        """The cursor moved to another line."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._lines: Sequence[str] = []
        self._entries: Mapping[int, str] = {}
        self._severities: dict[int, str] = {}
        self._text: str | None = None

    @property
    def line(self) -> int:
        """The number of the line under the cursor, from 1."""
        return self.cursor + 1

    @property
    def key(self) -> str:
        """The name of the entry around the cursor; empty before the first."""
        before = [number for number in self._entries if number <= self.line]
        return self._entries[max(before)] if before else ""

    def show(self, session: Session) -> None:
        """Show the text of a session; at first the cursor goes to the first problem."""
        is_first = self._text is None
        self._text = session.document.body
        self._lines, self._entries = (
            [visible(line) for line in self._text.rstrip("\n").split("\n")],
            session.entry_lines(),
        )
        self._severities = {problem.where.line: "error" if problem.severity == ERROR else "warning"
                            for problem in session.problems if problem.where.file == session.label}  # fmt: skip
        self.virtual_size = Size(max(map(len, self._lines)) + len(self._number(0)) + 2, len(self._lines))
        self.cursor = min(session.line() - 1 if is_first else self.cursor, len(self._lines) - 1)
        self.call_after_refresh(self._scroll_to_cursor)
        self.refresh()

    def action_move(self, by: int) -> None:
        cursor = max(0, min(self.cursor + by, len(self._lines) - 1))
        if cursor != self.cursor:
            self.cursor = cursor
            self._scroll_to_cursor()
            self.refresh()
            self.post_message(self.Selected())

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.size.height - 1, 1))

    def _scroll_to_cursor(self) -> None:
        top, height = round(self.scroll_y), max(self.size.height, 1)
        if not top <= self.cursor < top + height:
            self.scroll_to(y=max(self.cursor - height // 2, 0), animate=False, force=True)

    def _number(self, index: int) -> str:
        sign = SIGNS.get(self._severities.get(index + 1, ""), " ")
        return f"{sign} {index + 1:>{len(str(len(self._lines)))}}"

    def render_line(self, y: int) -> Strip:
        width, index = self.size.width, round(self.scroll_y) + y
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        severity = self._severities.get(index + 1, "")
        ground = self._style("text--cursor") if index == self.cursor else Style.null()
        number = self._style(f"text--{severity}" if severity else "text--number", is_text=True)
        text = self._style(f"text--{severity}", is_text=True) if severity else Style.null()
        segments = [Segment(f"{self._number(index)}  ", ground + number), Segment(self._lines[index], ground + text)]
        left = round(self.scroll_x)
        return Strip(segments).apply_style(self.rich_style).crop_extend(left, left + width, self.rich_style + ground)

    def _style(self, name: str, *, is_text: bool = False) -> Style:
        full = self.get_component_rich_style(name)
        return Style(color=full.color, bgcolor=None if is_text else full.bgcolor, bold=full.bold or None)
