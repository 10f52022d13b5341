"""The line above the footer: what the last action did or why it was refused, and otherwise what the keys do here."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from convcalc.arith.wording import visible

PLAIN, WARNING, ERROR = "$foreground", "bold $text-warning", "bold $text-error"


class StatusLine(Static):
    """A message stays until the next action, so that it can be read in peace and hides nothing."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.message = ""
        self._style = PLAIN
        self._hint = ""

    def say(self, message: str, style: str = PLAIN) -> None:
        """Show a message in place of the hint; an empty one brings the hint back."""
        self.message, self._style = visible(message), style
        self._draw()

    def hint(self, text: str) -> None:
        """Describe the keys of the part that has the focus."""
        self._hint = text
        self._draw()

    def _draw(self) -> None:
        self.update(Content.styled(self.message, self._style) if self.message
                    else Content.styled(self._hint, "$foreground-muted"))  # fmt: skip
