"""The screen of a text, its colours, and the width of a text."""

import re
from collections.abc import Callable

from convcalc.plain_tuple import PlainTuple

# Colours a text by its role.
Style = Callable[[str, str], str]

# Role -> the code of ANSI terminals.
CODES = {
    "place": "1", "error": "1;31", "warning": "1;33", "caret": "1;31", "help": "1;36",
    "title": "1", "result": "1;32", "note": "2",
}  # fmt: skip
# Characters that would move the cursor or change the terminal, C0 and C1, and halves of surrogate pairs.
CONTROL_CHARACTERS = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


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


def visible(text: str) -> str:
    """A text without control characters, which a name or a value may contain: they could move the cursor.

    >>> visible("two\\nlines")
    'two\\\\nlines'
    """
    return text if text.isprintable() else re.sub(CONTROL_CHARACTERS, lambda found: ascii(found[0])[1:-1], text)


def cells(text: str) -> int:
    """The width of a text on a terminal: wide characters have two columns, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # large; nearly every text is ASCII

    return sum(0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text)
