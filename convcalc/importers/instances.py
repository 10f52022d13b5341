"""Rows of values, one for each instance of a block: whether two agree, and how one follows from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MAX_FACTOR = 64  # a larger one is a chance, not a rule


class _Unset:
    """The value of an entry that an instance leaves out."""

    def __repr__(self) -> str:
        return "unset"


UNSET: Any = _Unset()


def differ(values: Sequence[Any]) -> bool:
    """Whether two of the values that are set are unequal."""
    given = [value for value in values if value is not UNSET]
    return any(type(value) is not type(given[0]) or value != given[0] for value in given)


def agree(known: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether two rows of values are equal wherever both are set."""
    pairs = [(left, right) for left, right in zip(known, values) if right is not UNSET]
    return all(left is not UNSET and type(left) is type(right) and left == right for left, right in pairs)


def halves(values: Sequence[Any]) -> list[Any]:
    """Half of each number, rounded down."""
    return [value // 2 if type(value) is int else UNSET for value in values]


def ratio(name: str, known: Sequence[Any], values: Sequence[Any]) -> str | None:
    """`4 * name` or `name // 4` where that gives all values."""
    pairs = [(left, right) for left, right in zip(known, values) if right is not UNSET]
    if not all(type(left) is int and left > 0 and type(right) is int and right > 0 for left, right in pairs):
        return None
    left, right = pairs[0]
    if right % left == 0 and (factor := right // left) <= MAX_FACTOR:
        return f"{factor} * {name}" if all(other == factor * one for one, other in pairs) else None
    factor = left // right
    if 2 <= factor <= MAX_FACTOR and all(other == one // factor for one, other in pairs):
        return f"{name} // {factor}"
    return None


def usual(values: Sequence[Any]) -> Any:
    """The value that most instances have; None where no value is so frequent and every instance has one."""
    given = [value for value in values if value is not UNSET]
    best = max(given, key=lambda value: sum(_same(value, other) for other in given))
    count = sum(_same(best, other) for other in given)
    # A param that some uses do not set needs a default.
    return best if 2 * count > len(given) or isinstance(best, bool) or len(given) < len(values) else None


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
