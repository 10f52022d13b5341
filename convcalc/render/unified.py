"""The difference between two texts, line by line, in the format of `diff -u`."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator

from convcalc.render.style import Style, plain_style

_ROLES = {"-": "error", "+": "result", "@": "help"}


def unified_diff(name: str, before: str, after: str, style: Style = plain_style) -> Iterator[str]:
    """The lines of a unified difference; none where the texts are equal."""
    lines = difflib.unified_diff(_lines(before), _lines(after), name, name)
    for number, line in enumerate(lines):
        role = "title" if number < 2 else _ROLES.get(line[:1])
        text, end = (line[:-1], "\n") if line.endswith("\n") else (line, "\n\\ No newline at end of file\n")
        yield (text if role is None else style(text, role)) + end


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline="\n"))
