"""The problems of the text, and the findings of the lint rules."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.tui.styling import content, mark

NOTHING = "There are no problems, and no rule has findings."


class ProblemsView(VerticalScroll):
    """The problems of the selected row first, then all others, as `convcalc check` prints them."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._parts: list[tuple[str, Sequence[Problem]]] = []
        self._complete = True
        self._text = Static(id="problems-text")

    def compose(self) -> ComposeResult:
        yield self._text

    def show(self, problems: Sequence[Problem], of_row: Sequence[Problem], row: str, *, complete: bool) -> None:
        """List the problems; `complete` is true where the rules have run on this text."""
        others = [problem for problem in problems if problem not in of_row]
        parts = [(f"At {row}", of_row), ("Elsewhere" if of_row else "In the file", others)]
        self._parts = [(title, found) for title, found in parts if found]
        self._complete = complete
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(self.scrollable_content_region.width, 30)
        lines = [f"{mark(title, 'title')}\n{render_problems(found, mark, width)}" for title, found in self._parts]
        if not self._complete:
            lines.append(mark("The rules are still running.", "note"))
        self._text.update(content("\n".join(lines) or mark(NOTHING, "note")))
