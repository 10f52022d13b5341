"""The network on the left: the table of its layers, or the text of a file that does not build yet."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from convcalc.editor import Session
from convcalc.errors import UsageError
from convcalc.tui.table import NetworkTable
from convcalc.tui.text_view import TextView

WIDE_COLUMNS = 100  # from this width of the terminal on the tabs are beside the table
SIDE_COLUMNS = 54  # that the tabs have at least beside it


class NetworkView(Container):
    """The table or the text; `key` and `line` are of the entry under its cursor."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.table = NetworkTable(id="table")
        self.text = TextView(id="text")
        self.text.display = False
        self._shared: tuple[object, int] = (None, 0)  # the case of the last width, and that width

    def compose(self) -> ComposeResult:
        yield self.table
        yield self.text

    @property
    def shows_text(self) -> bool:
        """Whether there are no figures to show."""
        return self.text.display

    @property
    def key(self) -> str:
        """The name of the selected layer, block or entry; empty for the network."""
        return self.text.key if self.shows_text else self.table.key

    def line(self, session: Session) -> int:
        """The line of the text with the selected entry, or with the first problem."""
        if self.shows_text:
            return self.text.line
        try:
            return session.line("" if session.problems else self.key)
        except UsageError:
            return 1  # the entry is in an included file

    def focus_list(self) -> None:
        """Give the focus to the table or the text."""
        (self.text if self.shows_text else self.table).focus()

    def select_network(self) -> None:
        """Put the cursor before the first layer."""
        self.text.action_move(-self.text.cursor)
        self.table.select(0)

    def show_text(self, session: Session) -> None:
        """Show the text in place of the table."""
        self.text.display, self.table.display = True, False
        self.text.show(session)
        self.styles.width = None

    def show_table(self) -> bool:
        """Show the table; returns whether the text was in its place until now."""
        had_text, had_focus = self.shows_text, self.text.has_focus
        self.text.display, self.table.display = False, True
        if had_focus:
            self.table.focus()
        return had_text

    def share_width(self, columns: int) -> None:
        """Give the table the columns of the terminal that it can fill, and the tabs the rest.

        It does not shrink while a user edits: the screen would jump.
        """
        if columns < WIDE_COLUMNS or self.shows_text:
            self.styles.width = None
            return
        wanted = self.table.wanted_width(columns - SIDE_COLUMNS)
        case = columns, self.table.columns
        if case != self._shared[0] or wanted > self._shared[1]:
            self._shared = case, wanted
        self.styles.width = self._shared[1]
