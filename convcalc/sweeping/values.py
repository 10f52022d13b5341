"""The values of an axis, from a text such as `16,32,64`, `16..128:16` or `[2, 2],[3, 4]`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from convcalc.errors import SpecError, UsageError
from convcalc.text.compose import compose
from convcalc.text.source import Source, as_plain

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER})|\*({_NUMBER}))?")
_SHAPE = re.compile(r"(?i)\d+(?:x\d+)+")
_OPENING, _CLOSING = "([{", ")]}"
MAX_FACTORED = 10_000  # values of a range with a factor
HELP = "write 16,32,64, or 16..128:16 with both ends, or 16..256*2"


class Steps(Sequence[Any]):
    """The numbers from `first` to `last` in equal steps, exact; those that are not whole are floats."""

    __slots__ = ("_first", "_size", "_step")

    def __init__(self, first: Fraction, last: Fraction, step: Fraction) -> None:
        self._first, self._step = first, step
        self._size = int((last - first) / step) + 1

    @property
    def size(self) -> int:
        """The number of values; it may be too large for `len`."""
        return self._size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < self._size:
            raise IndexError(place)
        return _number(self._first + place * self._step)


class Joined(Sequence[Any]):
    """Several sequences one after the other."""

    __slots__ = ("_ends", "_parts", "size")

    def __init__(self, parts: Sequence[Sequence[Any]]) -> None:
        self._parts = parts
        self._ends = list(accumulate(size_of(part) for part in parts))
        self.size = self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: Any) -> Any:
        if not 0 <= place < self.size:
            raise IndexError(place)
        number = bisect_right(self._ends, place)
        return self._parts[number][place - (self._ends[number - 1] if number else 0)]


def size_of(values: Sequence[Any]) -> int:
    """The number of values; `len` fails where it is too large for an index.

    >>> size_of(range(10**30)) == 10**30, size_of(range(5, 0, -2)), size_of([7])
    (True, 3, 1)
    """
    if isinstance(values, range):
        return (values.stop - values.start - (1 if values.step > 0 else -1)) // values.step + 1
    return values.size if isinstance(values, (Steps, Joined)) else len(values)


def split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that are outside brackets and quotes.

    >>> split("[2, 2],=max(1, d),'a,b'", ",")
    ['[2, 2]', '=max(1, d)', "'a,b'"]
    """
    parts, depth, quote, start, is_escaped = [], 0, "", 0, False
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote and not is_escaped else quote
            is_escaped = character == "\\" and quote == '"' and not is_escaped
        elif character in "'\"":
            quote = character
        elif character in _OPENING or character in _CLOSING:
            depth += 1 if character in _OPENING else -1
        elif character == separator and depth <= 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def parse_values(text: str, axis: str) -> Sequence[Any]:
    """The values in a text; `axis` is the whole text for messages. Raises UsageError."""
    parts: list[Sequence[Any]] = []
    single: list[Any] = []
    for item in split(text, ","):
        steps = _range(item, axis)
        if steps is None:
            single.append(parse_value(item, axis))
            continue
        if single:
            parts.append(single)
            single = []
        parts.append(steps)
    if single:
        parts.append(single)
    return parts[0] if len(parts) == 1 else Joined(parts)


def parse_value(text: str, axis: str) -> Any:
    """One value, in YAML; a shape may be written 3x224x224. Raises UsageError."""
    if not text:
        raise UsageError(f"`{axis}`: a value is missing", HELP)
    if _SHAPE.fullmatch(text):
        return [int(size) for size in text.lower().split("x")]
    if ".." in text and text[0] not in "'\"=[{":
        raise UsageError(f"`{axis}`: `{text}` is not a range", HELP)
    try:
        return as_plain(compose(Source("--vary", f"value: {text}\n")).pairs["value"])
    except SpecError as error:
        message = f"`{axis}`: `{text}`: {error.problems[0].message}"
        raise UsageError(message, "write the value as in YAML, lists in [ ], and other texts in quotes") from None


def _range(text: str, axis: str) -> Sequence[Any] | None:
    """The numbers of a range, exact; None where the text is no range. Raises UsageError for a range without values."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last = Fraction(match[1]), Fraction(match[2])
    if match[4] is not None:
        return _factored(first, last, Fraction(match[4]), f"`{axis}`: `{text}`")
    step = Fraction(match[3] or 1)
    if not step:
        raise UsageError(f"`{axis}`: the step of `{text}` is 0", HELP)
    if (last - first) / step < 0:
        reason = "goes down with a positive step" if step > 0 else "goes up with a negative step"
        help = f"write {match[2]}..{match[1]}, or a step of {'-' if step > 0 else ''}{_number(abs(step))}"
        raise UsageError(f"`{axis}`: the range `{text}` is empty: it {reason}", help)
    if first.denominator == 1 == step.denominator:
        return range(int(first), int(last) + (1 if step > 0 else -1), int(step))
    return Steps(first, last, step)


def _factored(first: Fraction, last: Fraction, factor: Fraction, place: str) -> list[Any]:
    """The numbers from the first to the last, each `factor` times the one before."""
    if first <= 0 or last <= 0 or factor <= 0 or factor == 1:
        raise UsageError(f"{place} is not a range", "with * both ends and the factor are positive, as in 16..256*2")
    if (last - first) * (factor - 1) < 0:
        raise UsageError(f"{place} is empty: the factor leads away from the end", "as in 16..256*2, or 256..16*0.5")
    found, value = [], first
    while (value <= last) if factor > 1 else (value >= last):
        found.append(_number(value))
        value *= factor
        if len(found) > MAX_FACTORED:
            raise UsageError(f"{place} has more than {MAX_FACTORED:,} values", "take a larger factor")
    return found


def _number(value: Fraction) -> int | float:
    """
    >>> _number(Fraction(4)), _number(Fraction("0.75"))
    (4, 0.75)
    """
    return value.numerator if value.denominator == 1 else float(value)
