"""The keys of an entry that can be set, with everything that a form shows."""

from __future__ import annotations

from typing import Any

from convcalc import layers as layer_types
from convcalc.editor.changes import known_keys
from convcalc.editor.origins import origin_path
from convcalc.editor.places import EntryPlace
from convcalc.editor.reading import Reading
from convcalc.editor.values import EditField
from convcalc.errors import UsageError
from convcalc.language.spec import MERGES
from convcalc.layers.base import LayerType
from convcalc.layers.parameters import REQUIRED, Parameter
from convcalc.manual.words import CONTAINERS as CONTAINER_WORDS
from convcalc.manual.words import ENTRY_KEYS, summary
from convcalc.report.report import Report
from convcalc.text.document import in_words
from convcalc.text.source import Expression
from convcalc.text.writing import flow_text

# The keys of every entry with a single value, in contrast to rows and lists of entries.
KEYS = ("name", "from", "repeat", "when", "trainable", "tied")
CHOICES = {"sharing": ("full", "none"), "merge": MERGES, "trainable": ("true", "false")}


def fields(place: EntryPlace, report: Report | None) -> list[EditField]:
    """The parameters of an entry, then the keys of every entry."""
    row = next((row for row in report.rows if row.name == place.name), None) if report is not None else None
    kind = layer_types.find(row.type) if row is not None else _layer_type(place)
    keys = known_keys(place)
    if keys is None:
        keys = list(kind.parameters) if kind is not None else []
    config = row.config if row is not None else {}
    found = [_field(place, key, config.get(key), kind) for key in keys if key not in ("layers", "shortcut", "branches")]
    return [*found, *(_field(place, key, None, None) for key in KEYS)]


def required_keys(reading: Reading, type: str) -> dict[str, str]:
    """The keys without a default of a layer type, block or custom type, each with its help."""
    kind, spec = layer_types.find(type), reading.spec
    defined = (spec.blocks.get(type) or spec.custom.get(type)) if spec is not None else None
    if defined is not None:
        return {name: f"a param of {type}" for name, default in defined.params.pairs.items() if default is None}
    if kind is None:
        return {}
    return {name: each.help for name, each in kind.parameters.items() if kind.default(name) is REQUIRED}


def written_text(place: EntryPlace, key: str) -> str | None:
    """The text of a value as it is written, on one line; None where it is not written."""
    try:
        path = place.path_of(key)
        document = place.reading.document
        return flow_text(document.value(path), in_flow=False) if document.has(path) else None
    except UsageError:
        return None


def _field(place: EntryPlace, key: str, value: Any, kind: LayerType | None) -> EditField:
    parameter = kind.parameters.get(key) if kind is not None else None
    default: Any = None
    required, help = False, ""
    if parameter is not None:
        assert kind is not None  # the parameter is one of the kind
        default, help = kind.default(key), parameter.help
        required, default = default is REQUIRED, None if default is REQUIRED else default
    elif key in ENTRY_KEYS:
        help = summary(ENTRY_KEYS[key])
    elif place.type in CONTAINER_WORDS:
        default = "concat" if key == "merge" else None
    else:
        default, required = _default_of_param(place, key)
    return EditField(
        key, written=written_text(place, key), value=value, default=default, required=required, help=help,
        choices=_choices(key, parameter, kind), origin=_origin(place, key), is_number=_is_number(parameter, kind),
    )  # fmt: skip


def _layer_type(place: EntryPlace) -> LayerType | None:
    type = place.entry.type
    return layer_types.find(type) if isinstance(type, str) else None


def _default_of_param(place: EntryPlace, key: str) -> tuple[str | None, bool]:
    """The default of a block's param as it is written, and whether the param is required."""
    spec, type = place.reading.spec, place.entry.type
    defined = (spec.blocks.get(type) or spec.custom.get(type)) if spec is not None and isinstance(type, str) else None
    default = defined.params.pairs.get(key) if defined is not None else None
    return (None if default is None else str(default)), defined is not None and default is None


def _choices(key: str, parameter: Parameter[Any] | None, kind: LayerType | None) -> list[str]:
    if key in CHOICES and (parameter is not None or kind is None):
        return list(CHOICES[key])
    if parameter is None or kind is None:
        return []
    schema = parameter.schema(kind.rank)
    if schema == {"type": "boolean"}:
        return ["true", "false"]
    return [flow_text(word, in_flow=False) for word in schema.get("enum", ())]


def _is_number(parameter: Parameter[Any] | None, kind: LayerType | None) -> bool:
    if parameter is None or kind is None:
        return False
    schema = parameter.schema(kind.rank)
    return all(each.get("type") in ("integer", "array") for each in schema.get("anyOf", [schema]))


def _origin(place: EntryPlace, key: str) -> str:
    """The place of a value that is not written in the entry itself."""
    raw = place.entry.get(key)
    if not isinstance(raw, Expression) and (place.entry.has(key) or not place.has_column(key)):
        return ""
    try:
        path = origin_path(place, key)
        line = f", line {place.reading.document.position(path)[0]}" if place.reading.document.has(path) else ""
        return f"{in_words(path)}{line}"
    except UsageError:
        return f"={raw.text}" if isinstance(raw, Expression) else "its rows"
