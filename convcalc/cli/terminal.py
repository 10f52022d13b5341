"""The abilities of a terminal: its size, and colour by NO_COLOR, FORCE_COLOR and the kind of stream."""

from __future__ import annotations

import os
from typing import TextIO

from convcalc.render.style import Screen, Style, ansi_style, plain_style


def screen_of(stream: TextIO) -> Screen:
    """The screen behind a stream."""
    width, style, encoding = width_of(stream), style_for(stream), stream.encoding or "ascii"
    return Screen(style=style, encoding=encoding) if width is None else Screen(width, _height(stream), style, encoding)


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour the text on a stream."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def style_for(stream: TextIO) -> Style:
    """The style that colours messages on a stream, or leaves them plain."""
    return ansi_style if wants_colour(stream) else plain_style


def width_of(stream: TextIO) -> int | None:
    """The width of text on a stream; None where the stream is not a terminal, and nothing is wrapped."""
    return _size(stream, "COLUMNS", 0, 80) if stream.isatty() else None


def _height(stream: TextIO) -> int:
    return _size(stream, "LINES", 1, 24)


def _size(stream: TextIO, variable: str, side: int, usual: int) -> int:
    """One side of a terminal: from the environment, or its real size, or the usual one."""
    given = os.environ.get(variable, "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno())[side] or usual
    except OSError:
        return usual
