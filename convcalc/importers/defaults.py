"""Parameters of operations as a spec would have them: without defaults, equal sizes as one number."""

from __future__ import annotations

from math import copysign, isfinite, isnan
from typing import Any

from convcalc import layers

LARGEST_FLOAT = 3.4028234663852886e38  # of 32 bits: a spec has no infinite numbers
# Sizes along the axes of a window: where all are equal, one number is enough.
PER_AXIS = frozenset((
    "kernel_size", "stride", "padding", "dilation", "cropping", "output_size", "output_padding", "scale_factor", "size",
))  # fmt: skip


def only_set(type: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that differ from the defaults of the type."""
    found = layers.find(type)
    result = {}
    for name, value in parameters.items():
        value = _short(name, value)
        default = found.default(name) if found is not None and name in found.parameters else None
        if type_and_value(value) != type_and_value(default) and value is not None:
            result[name] = value
    if found is not None and "pool" in type and result.get("stride") == result.get("kernel_size"):
        result.pop("stride", None)
    return result


def type_and_value(value: Any) -> Any:
    return (isinstance(value, bool), value)


def _short(name: str, value: Any) -> Any:
    if name in PER_AXIS and isinstance(value, (list, tuple)):
        value = [list(each) if isinstance(each, (list, tuple)) else _whole(each) for each in value]
        if all(isinstance(each, list) and each == each[::-1] for each in value):  # as much before as behind
            value = [each[0] for each in value]
        is_one = value and value.count(value[0]) == len(value) and not isinstance(value[0], list)
        return value[0] if is_one else value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and not isfinite(value):
        return None if isnan(value) else copysign(LARGEST_FLOAT, value)
    return _whole(value) if name == "scale_factor" else value


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
