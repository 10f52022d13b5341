"""Lists of words and of figures in sentences, and texts of a file in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

# Characters that would move the cursor or change the terminal, C0 and C1, and halves of surrogate pairs.
CONTROL_CHARACTERS = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


def listed(words: Sequence[str]) -> str:
    """
    >>> listed(["depth", "height", "width"]), listed(["height", "width"]), listed(["length"]), listed([])
    ('depth, height and width', 'height and width', 'length', '')
    """
    return " and ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]])


def per_axis(figures: Iterable[Any], several: Callable[[list[Any]], str] = str) -> str:
    """The figure of all axes where they are equal; otherwise the figures of every axis, formatted by `several`.

    >>> per_axis((3, 3)), per_axis((3, 1)), per_axis((3, 1), lambda sizes: f"{len(sizes)} sizes")
    ('3', '[3, 1]', '2 sizes')
    """
    found = list(figures)
    return str(found[0]) if len(set(found)) == 1 else several(found)


def visible(text: str) -> str:
    """A text without control characters, which a name or a value may contain: they could move the cursor.

    >>> visible("two\\nlines")
    'two\\\\nlines'
    """
    return text if text.isprintable() else re.sub(CONTROL_CHARACTERS, lambda found: ascii(found[0])[1:-1], text)


def visible_lines(text: str) -> str:
    """The same for a text that may have several lines."""
    return "\n".join(map(visible, text.split("\n")))
