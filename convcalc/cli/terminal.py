"""What the terminal can show: colour by NO_COLOR, FORCE_COLOR and whether the stream is one."""

from __future__ import annotations

import os
from typing import TextIO

from convcalc.render.diagnostics import Style, plain_style

_CODES = {
    "place": "1", "error": "1;31", "warning": "1;33", "caret": "1;31", "help": "1;36",
    "title": "1", "result": "1;32", "note": "2",
}  # fmt: skip


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour what goes to a stream."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def style_for(stream: TextIO) -> Style:
    """The style that colours messages on a stream, or leaves them plain."""
    return _ansi if wants_colour(stream) else plain_style


def _ansi(text: str, role: str) -> str:
    return f"\033[{_CODES[role]}m{text}\033[0m"


def width_of(stream: TextIO) -> int | None:
    """The columns that text on a stream may take; None where it is no terminal, and nothing is to be wrapped."""
    if not stream.isatty():
        return None
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
