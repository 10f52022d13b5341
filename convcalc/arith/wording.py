"""Lists of words and of figures in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any


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
