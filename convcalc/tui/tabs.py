"""The line of tabs above the detail of a row."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

TABS = {"why": "Why", "field": "Field", "edit": "Edit", "sweep": "Sweep", "compare": "Compare", "problems": "Check"}


class TabBar(Static):
    """Each tab with its number; the number or a click opens it."""

    class Clicked(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def show(self, current: str, problems: int, *, errors: bool) -> None:
        """Mark the open tab, and show the number of problems."""
        parts: list[tuple[str, str]] = []
        self._ends: dict[str, int] = {}
        length = 0
        for number, (name, title) in enumerate(TABS.items(), 1):
            count = f" {problems}" if name == "problems" and problems else ""
            colour = "" if not count else "$text-error" if errors else "$text-warning"
            parts += [(" ", ""), (f"{number} {title}{count}", f"{colour} bold reverse" if name == current else colour)]
            length += len(parts[-1][0]) + 1
            self._ends[name] = length
        self.update(Content.assemble(*parts))

    def on_click(self, event: events.Click) -> None:
        """Open the tab under the mouse."""
        name = next((name for name, end in self._ends.items() if event.x <= end), "")
        if name:
            self.post_message(self.Clicked(name))
