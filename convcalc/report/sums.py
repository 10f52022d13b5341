"""Sums of figures where some may be unknown: an unknown figure is None, and never counts as zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from convcalc.arith.units import DTYPE_BITS

UNKNOWN, PARTIAL = "unknown", "partial"


class Partial(int):
    """The sum of what is known where something is not: a lower bound."""


def added(figures: Iterable[int | None]) -> int | None:
    """The sum: Partial where a figure is unknown, None where nothing but zeros is known besides.

    >>> added([1, 2]), added([1, None]), added([0, None]), added([])
    (3, 1, None, 0)
    """
    figures = list(figures)
    if None not in figures and not any(type(figure) is Partial for figure in figures):
        return sum(figures)  # type: ignore[arg-type]  # the line above excludes None
    known = sum([figure for figure in figures if figure is not None])
    return Partial(known) if known else None


def times(figure: int | None, count: int) -> int | None:
    """A figure that occurs several times."""
    return None if figure is None else figure * count


def changed(figure: int | None, change: Callable[[int], int]) -> int | None:
    """What a figure comes to in another unit, no better known than before."""
    if figure is None:
        return None
    return Partial(change(figure)) if type(figure) is Partial else change(figure)


def stored_bytes(count: int | None, dtype: str) -> int | None:
    """The bytes that so many numbers of a type take, the last one filled up; no better known than the count."""
    bits = DTYPE_BITS[dtype]
    return changed(count, lambda numbers: -(-numbers * bits // 8))


def status(figure: int | None) -> str:
    """What is wrong with a sum; nothing where it is complete.

    >>> status(added([1, None])), status(None), status(3)
    ('partial', 'unknown', '')
    """
    return UNKNOWN if figure is None else PARTIAL if type(figure) is Partial else ""


def ratio(larger: int | None, smaller: int | None) -> float | None:
    """How many times the one is the other; None where there is nothing to divide by, or one is not known."""
    if not smaller or larger is None:
        return None
    try:
        return larger / smaller
    except OverflowError:  # no float is so large, and its fraction does not matter
        return larger // smaller
