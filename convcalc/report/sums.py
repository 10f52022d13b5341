"""Sums of figures that may be unknown: an unknown figure is None, and never counts as zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from convcalc.arith.units import DTYPE_BITS, count_of

UNKNOWN, PARTIAL = "unknown", "partial"


class Partial(int):
    """The sum of the known figures where others are unknown: a lower bound."""


def add_up(figures: Iterable[int | None]) -> int | None:
    """The sum: Partial where a figure is unknown, None where all known figures are zero.

    >>> add_up([1, 2]), add_up([1, None]), add_up([0, None]), add_up([])
    (3, 1, None, 0)
    """
    figures = list(figures)
    if None not in figures and Partial not in map(type, figures):
        return sum(figures)  # type: ignore[arg-type]  # the line above excludes None
    known = sum([figure for figure in figures if figure is not None])
    return Partial(known) if known else None


def multiply(figure: int | None, count: int) -> int | None:
    """A figure that occurs `count` times."""
    return None if figure is None else figure * count


def convert(figure: int | None, change: Callable[[int], int]) -> int | None:
    """A figure in another unit; it stays partial or unknown."""
    if figure is None:
        return None
    return Partial(change(figure)) if type(figure) is Partial else change(figure)


def stored_bytes(count: int | None, dtype: str) -> int | None:
    """The bytes of `count` numbers of a type, rounded up; partial or unknown where the count is."""
    bits = DTYPE_BITS[dtype]
    return convert(count, lambda numbers: -(-numbers * bits // 8))


def status(figure: int | None) -> str:
    """`partial` or `unknown`; empty where a sum is complete.

    >>> status(add_up([1, None])), status(None), status(3)
    ('partial', 'unknown', '')
    """
    return UNKNOWN if figure is None else PARTIAL if type(figure) is Partial else ""


def amount(figure: int | None, word: str) -> str:
    """A sum in words.

    >>> amount(156, "param"), amount(Partial(2000), "param"), amount(None, "param")
    ('156 params', 'at least 2,000 params', 'params not known')
    """
    if figure is None:
        return f"{word}s not known"
    return f"{'at least ' if type(figure) is Partial else ''}{count_of(figure, word)}"


def ratio(larger: int | None, smaller: int | None) -> float | None:
    """The larger figure divided by the smaller one; None where that is 0, or one of them is unknown."""
    if not smaller or larger is None:
        return None
    try:
        return larger / smaller
    except OverflowError:  # too large for a float; its fraction does not matter
        return larger // smaller
