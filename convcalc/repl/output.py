"""The output of a shell: a terminal, a pipe, or the list of a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from convcalc.problems import Problem
from convcalc.render.field_picture import Glyphs
from convcalc.render.sheet import Sheet
from convcalc.render.style import Style


class Output(Protocol):
    """Results go to standard output; errors, warnings and problems go to standard error."""

    @property
    def style(self) -> Style:
        """The colours of results."""

    @property
    def size(self) -> tuple[int, int] | None:
        """Columns and rows of the terminal; None without a terminal."""

    @property
    def glyphs(self) -> Glyphs:
        """The characters for pictures."""

    def write(self, text: str | Iterable[str], file: str | None = None) -> None:
        """Show a text, or write it to a file whole or not at all. Raises UsageError."""

    def sheets(self, make: Callable[[int | None], Sequence[Sheet]]) -> None:
        """Show the sheets that `make` gives for the width of the terminal, or for None without one."""

    def error(self, place: str, message: str, help: str = "") -> None:
        """Show an error; `place` is the place in a script, empty at a prompt."""

    def warning(self, message: str, help: str = "") -> None:
        """Show a warning: something failed without an error in the spec or the line."""

    def problems(self, problems: Iterable[Problem]) -> None:
        """Show problems of the spec."""
