"""The keys that the tab Sweep offers, and the values that they have now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.editor import EditField, Session
from convcalc.errors import UsageError
from convcalc.language.spec import ENTRY_KEYS

USUAL_KEYS = (
    "kernel_size",
    "out_channels",
    "out_features",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
    "sharing",
)


def offered_keys(session: Session, layer: str, fields: Mapping[str, EditField]) -> list[str]:
    """The keys of a layer or of a block that are offered, those that have usual values."""
    found = [name for name in USUAL_KEYS if name in fields]
    is_layer = session.report is not None and any(row.name == layer for row in session.report.rows)
    if not is_layer:
        found += [name for name in fields if name not in found and name not in ENTRY_KEYS
                  and _has_usual_values(session, layer, name)]  # fmt: skip
    return found + (["repeat"] if "repeat" in fields and fields["repeat"].written else [])


def _has_usual_values(session: Session, layer: str, key: str) -> bool:
    try:
        return bool(session.usual_values(layer, key))
    except UsageError:
        return False


def present_value(session: Session, layer: str, field: EditField) -> Any:
    """The value that a key has now; of a block it is in its scope, and `repeat` is only written."""
    if not layer or field.value is not None:
        return field.value
    if field.key in ENTRY_KEYS:
        return int(field.written) if field.written is not None and field.written.isdecimal() else None
    return session.present_value(layer, field.key)


def network_fields(session: Session) -> dict[str, EditField]:
    """The params of the network that are one number or a switch, and its input, as fields."""
    fields: dict[str, EditField] = {}
    for name, value in session.param_values().items():
        if isinstance(value, (int, float)):
            fields[f"params.{name}"] = EditField(name, written=None, value=value)
    shapes = list(session.report.inputs.values()) if session.report is not None else []
    if len(shapes) == 1 and len(shapes[0]) > 1:
        fields["input"] = EditField("input", written=None, value=shapes[0])
    return fields


def one_number(value: Any) -> Any:
    """The one number of a value that is the same on every axis; other values unchanged.

    >>> one_number((3, 3)), one_number(((1, 1), (1, 1))), one_number((3, 5)), one_number("same")
    (3, 1, (3, 5), 'same')
    """
    if isinstance(value, (list, tuple)) and value:
        parts = [one_number(part) for part in value]
        return parts[0] if all(part == parts[0] for part in parts) else tuple(parts)
    return value
