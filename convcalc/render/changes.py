"""Changes of figures as text: the old value, the new value, and the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convcalc.arith.units import group_digits, percent
from convcalc.render.cells import NOTHING, UNKNOWN, counted, extents, sizes
from convcalc.report.changes import FigureChange

ARROW = "→"


def value_text(value: Any) -> str:
    """A figure, a shape, sizes, or a parameter as a spec writes it.

    >>> value_text(44426), value_text((6, 24, 24)), value_text({"tile": (2, 2)}), value_text(True), value_text(None)
    ('44,426', '6x24x24', 'tile 2x2', 'true', 'none')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return counted(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value_text(item)}" for name, item in value.items()) or NOTHING
    if isinstance(value, (list, tuple)):
        return _listed(list(value))
    return str(value)


def _listed(items: list[Any]) -> str:
    if items and all(isinstance(item, (list, tuple)) and len(item) == 2 for item in items):
        return sizes([list(item) for item in items])
    if any(isinstance(item, (list, tuple, dict, float)) for item in items) or all(map(_is_word, items)):
        return ", ".join(map(value_text, items)) or NOTHING
    return extents(items)


def _is_word(value: Any) -> bool:
    """Whether a value is a text other than a fraction; a stride may be a fraction."""
    return isinstance(value, str) and not value[:1].isdigit()


def signed(number: int | None, form: Callable[[int], str] = group_digits) -> str:
    """
    >>> signed(1234), signed(-5), signed(0), signed(None)
    ('+1,234', '-5', '–', '?')
    """
    if number is None:
        return UNKNOWN
    return f"{'-' if number < 0 else '+'}{form(abs(number))}" if number else NOTHING


def percent_text(change: FigureChange) -> str:
    """The difference in percent with one decimal; empty where the old value is 0.

    >>> [percent_text(FigureChange(old, new)) for old, new in ((40000, 44426), (30000, 29999), (0, 1))]
    ['+11.1 %', 'under 0.1 %', '']
    """
    text = percent(change.difference, change.old) if change.difference else ""
    return f"+{text}" if text[:1].isdigit() else text


def change_text(change: FigureChange) -> str:
    """
    >>> [change_text(FigureChange(old, new)) for old, new in ((40000, 44426), ((5, 5), (3, 3)), (0, 2))]
    ['40,000 → 44,426 (+4,426, +11.1 %)', '5x5 → 3x3', '0 → 2 (+2)']
    """
    text = f"{value_text(change.old)} {ARROW} {value_text(change.new)}"
    if not change.difference:
        return text
    parts = [signed(change.difference), percent_text(change)]
    return f"{text} ({', '.join(part for part in parts if part)})"
