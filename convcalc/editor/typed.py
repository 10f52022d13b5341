"""Text that a user types, as values of the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.language.overrides import as_value, parse_input_shape, parse_setting
from convcalc.text.source import Value, as_plain
from convcalc.text.values import EditError, Plain, plain


def parse_value(key: str, value: Any) -> Plain:
    """The value of a key: a text is parsed as YAML (`7`, `[3, 3]`, `same`, `=max(1, width)`), a Python value is not.

    Raises UsageError for a value that no spec can have.
    """
    return plain(_parse_text(key, value) if isinstance(value, str) else value)


def parse_shape(shape: Any) -> Plain:
    """The value of a shape: `3x64x64`, `[3, =size, =size]`, a list, or one for each named input. Raises UsageError."""
    if not isinstance(shape, str):
        return plain(list(shape) if isinstance(shape, tuple) else shape)
    if shape.strip().startswith(("[", "{", "=")):
        return parse_value("input", shape)
    return as_plain(parse_input_shape(shape))


def override_values(params: Mapping[str, Any]) -> dict[str, Value]:
    """Params that a caller gives, as values of the spec."""
    return {name: as_value(parse_value(name, value)) for name, value in params.items()}


def _parse_text(key: str, text: str) -> Plain:
    text = text.strip()
    if "\n" in text or "\r" in text:
        raise EditError(f"the value of `{key}` has several lines", "write the value on one line, lists in [ ]")
    if text.startswith("="):
        return text  # the whole text as typed: it is quoted later where YAML needs quotes
    return as_plain(parse_setting(f"{key}={text}")[1])
