"""Positions and sizes in words, for the messages of rules."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.arith.shape import Shape, format_shape

NAMES = {2: ("row", "column"), 3: ("slice", "row", "column")}


def positions_in_words(shape: Shape, counts: Sequence[tuple[int, int]], one: str = "1 ") -> str:
    """How many positions along which axes of a map; `counts` are pairs of axis and number; `one` is how 1 is written.

    >>> positions_in_words((3, 15, 15), [(1, 1), (2, 3)])
    '1 row and 3 columns'
    """
    words = []
    for axis, count in counts:
        name = NAMES.get(len(shape) - 1, ())[axis - 1 : axis] if axis else ()
        word = name[0] if name else "position"
        words.append(f"{one}{word}" if count == 1 else f"{count:,} {word}s")
    return " and ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), words[-1]])


def per_axis(sizes: Sequence[int]) -> str:
    """A number for each axis as a spec writes it: one for all where they are equal.

    >>> per_axis((3, 3)), per_axis((3, 1))
    ('3', '[3, 1]')
    """
    return str(sizes[0]) if len(set(sizes)) == 1 else str(list(sizes))


def its_input(shape: Shape) -> str:
    """The input of a layer in words, with its size.

    >>> its_input((3, 15, 15))
    'its input of 15x15'
    """
    return f"its input of {format_shape(shape[1:])}"
