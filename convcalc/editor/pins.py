"""The pins of a session by name: states to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

from convcalc.editor.values import Pin
from convcalc.errors import UsageError
from convcalc.problems import nearest


def find_pin(pins: Mapping[str, Pin], name: str) -> Pin:
    """The pin of that name. Raises UsageError where there is none."""
    if name not in pins:
        known = "the pins are " + ", ".join(pins) if pins else "pin the present state first"
        raise UsageError(f"there is no pin `{name}`", nearest(name, pins) or known)
    return pins[name]


def free_name(pins: Mapping[str, Pin]) -> str:
    """The first name of `A`, `B`, … `Z`, `A1`, … that no pin has."""
    names = (f"{chr(65 + number % 26)}{number // 26 or ''}" for number in count())
    return next(name for name in names if name not in pins)
