"""Values and their types as Python writes them."""

from __future__ import annotations

import re
from typing import Any

from convcalc.exporters.python.code import Name


def literal(value: Any) -> str:
    """A value as Python writes it, and as ruff formats it."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, float):
        return re.sub(r"e-0(\d)$", r"e-\1", repr(value))
    return repr(value)


def annotation(values: tuple[Any, ...]) -> str:
    """The type of an argument."""
    kinds = []
    for value in values:
        kind = "None" if value is None else type(value).__name__
        if isinstance(value, tuple):
            lengths = {len(each) for each in values if isinstance(each, tuple)}
            kind = (
                f"tuple[{', '.join(['int'] * len(value))}]" if lengths == {2} or lengths == {3} else "tuple[int, ...]"
            )
        kind = "list[int]" if kind == "list" else kind
        if isinstance(value, tuple) and any(not isinstance(item, int) for item in value):
            kind = "tuple[tuple[int, ...], ...]"
        if kind not in kinds:
            kinds.append(kind)
    if "float" in kinds and "int" in kinds:
        kinds.remove("int")
    return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))
