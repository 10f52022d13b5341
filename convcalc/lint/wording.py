"""Positions and sizes in words, for the messages of rules."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.arith.shape import POSITIONS, Shape, format_shape
from convcalc.arith.wording import listed


def positions_in_words(shape: Shape, counts: Sequence[tuple[int, int]], one: str = "1 ") -> str:
    """The numbers of positions along the axes of a map, in words.

    `counts` are pairs of an axis and a number; `one` is the text for 1.

    >>> positions_in_words((3, 15, 15), [(1, 1), (2, 3)])
    '1 row and 3 columns'
    """
    words = []
    for axis, count in counts:
        name = POSITIONS.get(len(shape) - 1, ())[axis - 1 : axis] if axis else ()
        word = name[0] if name else "position"
        words.append(f"{one}{word}" if count == 1 else f"{count:,} {word}s")
    return listed(words)


def its_input(shape: Shape) -> str:
    """The input of a layer in words, with its size.

    >>> its_input((3, 15, 15))
    'its input of 15x15'
    """
    return f"its input of {format_shape(shape[1:])}"
