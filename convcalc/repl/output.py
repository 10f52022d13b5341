"""The output of a shell: a terminal, a pipe, or what a test collects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from convcalc.problems import Problem
from convcalc.render.field_picture import Glyphs
from convcalc.render.sheet import Sheet
from convcalc.render.style import Style
from convcalc.report.columns import Column


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
        """The characters that pictures are drawn with."""

    def columns(self) -> list[Column]:
        """The columns of a table for which the user names none."""

    def write(self, text: str | Iterable[str], file: str | None = None) -> None:
        """Show a text, or write it to a file whole or not at all. Raises UsageError."""

    def sheets(self, make: Callable[[int | None], Sequence[Sheet]]) -> None:
        """Show the sheets that `make` gives for the width of the terminal, or for None without one."""

    def error(self, place: str, message: str, help: str = "") -> None:
        """Say what is wrong; `place` is where in a script, empty at a prompt."""

    def warning(self, message: str, help: str = "") -> None:
        """Say what does not work, although nothing is wrong with the spec or the line."""

    def problems(self, problems: Iterable[Problem]) -> None:
        """Say what is wrong with the spec."""
