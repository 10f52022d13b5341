"""The screen of a text, its colours, and the width of a text."""

from collections.abc import Callable

from convcalc.plain_tuple import PlainTuple

# Colours a text by its role.
Style = Callable[[str, str], str]

# Role -> the code of ANSI terminals.
CODES = {
    "place": "1", "error": "1;31", "warning": "1;33", "caret": "1;31", "help": "1;36",
    "title": "1", "result": "1;32", "note": "2",
}  # fmt: skip


def plain_style(text: str, role: str) -> str:
    """The unchanged text: for pipes, files and terminals without colour."""
    return text


def ansi_style(text: str, role: str) -> str:
    """The text in the colour of its role."""
    return f"\033[{CODES[role]}m{text}\033[0m"


class Screen(PlainTuple):
    """A terminal, or a pipe or a file. These have no `width`: nothing is wrapped, rounded or left out."""

    width: int | None = None
    height: int = 24
    style: Style = plain_style
    encoding: str = "utf-8"


def cells(text: str) -> int:
    """The width of a text on a terminal: wide characters have two columns, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # large; nearly every text is ASCII

    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)
