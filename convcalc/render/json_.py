"""Reports and other values as JSON, written piece by piece so that a large network is never held as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.report.model import Report, Row, by_input

if TYPE_CHECKING:
    from convcalc.report.columns import Column, Line
    from convcalc.report.view import View

_encode = json.JSONEncoder(ensure_ascii=False).encode
# What differs between equal layers in different places of a network.
_OF_THE_PLACE = ("name", "type", "line", "inputs", "receptive_field")


def json_chunks(
    reports: Sequence[Report], *, as_list: bool, layers: Sequence[Iterable[str]] | None = None
) -> Iterator[str]:
    """The text in pieces: one object for one target, a list for several.

    `layers` are the encoded layers of each report where not all of them, or not all their figures, are wanted.
    """
    if as_list:
        yield "["
    for index, report in enumerate(reports):
        yield ",\n" if index else ""
        head = json.dumps(report.head(), ensure_ascii=False, indent=2)
        yield head[: head.rindex("\n}")] + ',\n  "layers": ['
        separator = "\n    "
        for layer in encoded_rows(report, report.rows) if layers is None else layers[index]:
            yield separator + layer
            separator = ",\n    "
        yield "\n  ]\n}"
    yield "]\n" if as_list else "\n"


def json_text(value: Any) -> str:
    """A small value as text: the items of the outer objects and lists each on a line."""
    return _text(value, "") + "\n"


def _text(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and (not indent or _holds_objects(value.values())):
        items = [f"{_encode(key)}: {_text(item, inner)}" for key, item in value.items()]
    elif isinstance(value, list) and _holds_objects(value):
        items = [_text(item, inner) for item in value]
    else:
        return _encode(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{closing}"


def _holds_objects(items: Iterable[Any]) -> bool:
    return any(isinstance(item, dict) or (isinstance(item, list) and _holds_objects(item)) for item in items)


def encoded_rows(report: Report, rows: Iterable[Row]) -> Iterator[str]:
    """What `row.to_dict()` encodes to; the parts that rows have in common are encoded once."""
    fields = [*report.analysis.fields.values()]
    known: dict[tuple[int, ...], str] = {}
    for row in rows:
        # Layers that work position by position pass on the very field that they read.
        key = tuple([id(of_input[row.index]) for of_input in fields])
        field = known.get(key)
        if field is None:
            field = known[key] = _encode(by_input(row.receptive_fields, lambda field: field and field.to_dict()))
        yield (
            f'{{"name": {_encode(row.name)}, "type": "{row.type}", "line": {row.line}, '
            f'"inputs": {_encode(row.inputs)}, {_shared(row)}, "receptive_field": {field}}}'
        )


def _shared(row: Row) -> str:
    """The figures that equal layers have in common, wherever they stand, without the braces."""
    facts = row.facts
    if row.tied_to is not None or row.frozen_params != facts.fixed:
        return _figures(row)
    if facts.json is None:
        facts.json = _figures(row)
    text: str = facts.json
    return text


def _figures(row: Row) -> str:
    return _encode({key: value for key, value in row.to_dict().items() if key not in _OF_THE_PLACE})[1:-1]


def encoded_lines(view: View) -> Iterator[str]:
    """The figures of a view's columns."""
    for line in view.lines:
        yield _encode({column.name: _figure(column, line) for column in view.columns})


def _figure(column: Column, line: Line) -> Any:
    if column.name == "receptive_field":
        return by_input(line.receptive_fields, lambda field: field and field.to_dict())
    from convcalc.report.columns import EXTENT, SHAPES

    value = column.get(line)
    if column.kind == EXTENT:
        return by_input(value, lambda sizes: sizes)
    if column.kind == SHAPES and column.name != "input_shape":
        return value[0] if value else None
    return value
