"""The axes of a sweep: `KEY=VALUES`, or several keys that move together, `KEY,KEY=VALUE/VALUE,VALUE/VALUE`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.errors import UsageError
from convcalc.language.overrides import as_value
from convcalc.sweeping.values import HELP, parse_value, parse_values, size_of, split
from convcalc.text.source import as_plain
from convcalc.text.writing import flow_text

VARIANT = "variant"
# Values by key, or by a tuple of keys that move together; or texts as of --vary.
Vary = Mapping[Any, Iterable[Any]] | Iterable[str]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its keys, and for each place the value of every key. `text` is how the user wrote it."""

    text: str
    keys: tuple[str, ...]
    values: Sequence[Any]

    @property
    def size(self) -> int:
        return size_of(self.values)

    def at(self, place: int) -> tuple[Any, ...]:
        """The values of the keys at a place."""
        value = self.values[place]
        return value if len(self.keys) > 1 else (value,)


def parse_axes(texts: Iterable[str]) -> list[Axis]:
    """The axes of these texts. Raises UsageError, also where two have the same key."""
    axes = [parse_axis(text) for text in texts]
    seen: set[str] = set()
    for key in [key for axis in axes for key in axis.keys]:
        if key in seen:
            raise UsageError(f"`{key}` is varied twice", "give all its values at once, as in width=16,32,64..256:64")
        seen.add(key)
    return axes


def keys_of(texts: Iterable[str]) -> list[str]:
    """The keys of the axes of these texts. Raises UsageError."""
    return [key for axis in parse_axes(texts) for key in axis.keys]


def parse_axis(text: str) -> Axis:
    """The axis of `KEY=VALUES`. Raises UsageError."""
    key, equals, values = text.partition("=")
    keys = tuple(part.strip() for part in key.split(","))
    if not equals or not all(keys):
        missing = "key" if equals else "`=`"
        raise UsageError(f"`{text}` has no {missing}", "write KEY=VALUES, as in --vary width=16,32,64")
    if not values.strip():
        raise UsageError(f"`{text}` has no values", HELP)
    if len(keys) == 1:
        return Axis(text, keys, parse_values(values, text))
    return Axis(text, keys, [_together(item, keys, text) for item in split(values, ",")])


def _together(item: str, keys: tuple[str, ...], axis: str) -> tuple[Any, ...]:
    """The values of keys that move together, at one place."""
    parts = split(item, "/")
    if len(parts) != len(keys):
        help = f"separate them with /, as in {','.join(keys)}={'/'.join(['16', '2', '3'][: len(keys)])},…"
        raise UsageError(f"`{axis}`: `{item}` has {len(parts)} of {len(keys)} values", help)
    return tuple(parse_value(part, axis) for part in parts)


def axis_texts(vary: Vary) -> list[str]:
    """The texts of axes that are given in Python: by key, or by a tuple of keys that move together."""
    if not isinstance(vary, Mapping):
        return [vary] if isinstance(vary, str) else list(vary)
    return [_axis_text(keys, values) for keys, values in vary.items()]


def _axis_text(keys: str | tuple[str, ...], values: Iterable[Any]) -> str:
    if isinstance(values, str):
        return f"{keys if isinstance(keys, str) else ','.join(keys)}={values}"
    if isinstance(keys, str):
        if isinstance(values, range) and len(values) > 1:
            return f"{keys}={values[0]}..{values[-1]}:{values.step}"
        return f"{keys}={','.join(_text(value) for value in values)}"
    return f"{','.join(keys)}={','.join('/'.join(_text(value) for value in each) for each in values)}"


def _text(value: Any) -> str:
    """A Python value as one item of the values of an axis: texts with other signs than letters have quotes."""
    plain = as_plain(as_value(value))
    is_word = isinstance(plain, str) and plain.replace("_", "").isalnum()
    return flow_text(plain) if is_word else json.dumps(plain, ensure_ascii=False)
