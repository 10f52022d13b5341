"""Reports and other values as JSON, written piece by piece: the text of a large network is never in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.report.receptive_field import by_input, stride_of
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import status

if TYPE_CHECKING:
    from convcalc.analysis.axis_field import AxisField
    from convcalc.analysis.receptive_field import Field
    from convcalc.render.printout import Plain
    from convcalc.render.style import Screen
    from convcalc.report.columns import Column, Line
    from convcalc.report.view import View

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_quote = json.encoder.encode_basestring
_WORDS = {True: "true", False: "false", None: "null"}


def chunks(value: Plain, screen: Screen) -> Iterator[str]:
    """The data of a value."""
    yield json_text(value.data())


def json_chunks(
    reports: Sequence[Report],
    *,
    as_list: bool,
    layers: Sequence[Iterable[str]] | None = None,
    more: Sequence[dict[str, Any]] | None = None,
) -> Iterator[str]:
    """The text in pieces: one object for one target, a list for several.

    `layers` are the encoded layers of each report where only some layers or figures are wanted. `more` are the
    additional keys of each report's head.
    """
    if as_list:
        yield "["
    for index, report in enumerate(reports):
        yield ",\n" if index else ""
        head = json.dumps({**report.head(), **(more[index] if more else {})}, ensure_ascii=False, indent=2)
        yield head[: head.rindex("\n}")] + ',\n  "layers": ['
        separator = "\n    "
        for layer in encoded_rows(report, report.rows) if layers is None else layers[index]:
            yield separator + layer
            separator = ",\n    "
        yield "\n  ]\n}"
    yield "]\n" if as_list else "\n"


def json_text(value: Any) -> str:
    """A small value as text: each item of the outer objects and lists is on a line of its own."""
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
    """The encoded `row.to_dict()` of each row; parts that rows have in common are encoded once."""
    fields = report.analysis.fields
    encoder = _FieldEncoder()
    figures: dict[int, str] = {}  # by the id of the facts, which rows share
    for row in rows:
        text = figures.get(id(row.owned))
        if text is None:
            text = figures[id(row.owned)] = _encode(row.figures())[1:-1]
        index = row.index
        by_name = [(name, encoder.text(found[index])) for name, found in fields.items()]
        field = by_name[0][1] if len(by_name) == 1 else _object(by_name)
        yield (
            f'{{"name": {_quote(row.name)}, "type": "{row.type}", "line": {row.line}, '
            f'"inputs": [{", ".join(map(_quote, row.inputs))}], {text}, "receptive_field": {field}}}'
        )


class _FieldEncoder:
    """Receptive fields as text, each encoded once: most layers have their input's field, and often equal axes."""

    def __init__(self) -> None:
        self.last: tuple[Field | None, str] = (None, "null")
        self.last_axis: tuple[AxisField | None, tuple[str, str, str, str]] = (None, ("null",) * 4)

    def text(self, field: Field | None) -> str:
        if field is None:
            return "null"
        if field is not self.last[0]:
            self.last = field, self._field(field)
        return self.last[1]

    def _field(self, field: Field) -> str:
        axes = [self._axis(axis) for axis in field.axes]
        size, clipped, stride, padding = [f"[{', '.join(texts)}]" for texts in zip(*axes)] if axes else ["[]"] * 4
        if not field.in_order:
            stride = padding = "null"
        return (
            f'{{"size": {size}, "clipped": {clipped}, "stride": {stride}, "padding": {padding}, '
            f'"aligned": {_WORDS[field.aligned]}}}'
        )

    def _axis(self, axis: AxisField | None) -> tuple[str, str, str, str]:
        if axis is not self.last_axis[0]:
            texts = ("null",) * 4
            if axis is not None:
                stride = _number(stride_of(axis))
                texts = _number(axis.size), _number(axis.clipped_size), stride, _number(axis.padding)
            self.last_axis = axis, texts
        return self.last_axis[1]


def _number(value: int | str | None) -> str:
    if type(value) is int:
        return str(value)
    return "null" if value is None else f'"{value}"'


def _object(items: Sequence[tuple[str, str]]) -> str:
    return "{" + ", ".join([f"{_quote(name)}: {text}" for name, text in items]) + "}"


def encoded_lines(view: View) -> Iterator[str]:
    """The figures of a view's columns."""
    for line in view.lines:
        yield _encode({column.name: _figure(column, line) for column in view.columns})


def _figure(column: Column, line: Line) -> Any:
    from convcalc.report.columns import COUNT, EXTENT, SHAPES  # a whole report needs no columns

    if column.name == "receptive_field":
        return by_input(line.receptive_fields, lambda field: field and field.to_dict())
    value = column.get(line)
    if column.kind == COUNT:
        return None if status(value) else value
    if column.kind == EXTENT:
        return by_input(value, lambda sizes: sizes)
    if column.kind == SHAPES and column.name != "input_shape":
        return value[0] if value else None
    return value
