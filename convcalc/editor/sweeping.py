"""A sweep: the network with several values of one key, param or input, one after the other; and the usual values.

The text does not change: the network is built with each value. A key that decides which layers there are, such as
`repeat`, is changed in a copy of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.editor.changes import check_key, keys_of_entry
from convcalc.editor.fields import fields
from convcalc.editor.places import find, without_groups
from convcalc.editor.reading import Reading
from convcalc.editor.typed import parse_shape
from convcalc.editor.usual_values import default_values
from convcalc.editor.values import EditField, SweepPoint
from convcalc.errors import ConvcalcError, UsageError
from convcalc.language.overrides import LayerSetting, unknown_param
from convcalc.network.construction import UnbuiltError
from convcalc.network.layer_changes import FIXED_KEYS
from convcalc.network.misfit import find_reason
from convcalc.problems import nearest
from convcalc.report.report import Report
from convcalc.sweeping.building import Builder
from convcalc.sweeping.inputs import INPUT, is_of_input
from convcalc.sweeping.reasons import message_of
from convcalc.sweeping.values import parse_values, size_of
from convcalc.text.edits import SetValue
from convcalc.text.values import EditError, Plain, plain

PARAMS = "params"  # the layer of a param; that of the input is ""
INPUT_SCALES = ((1, 2), (3, 4), (1, 1), (3, 2), (2, 1))
MAX_POINTS = 10_000
# A shape that the syntax of values has not: sizes between commas, or a shape for each named input.
_OTHER_SHAPE = re.compile(r"\d+(?:\s*,\s*\d+)+|[^\d\W]\w*=.*")


class _Axis(NamedTuple):
    """What is varied: the network with a value, and the usual values."""

    point: Callable[[Plain], SweepPoint]
    usual: Callable[[], list[Any]]


def sweep(
    reading: Reading,
    layer: str,
    key: str,
    values: Sequence[Any] | None,
    report: Report | None,
    *,
    keep_size: bool,
    every_copy: bool,
) -> Iterator[SweepPoint]:
    """The network with each of the values. Raises UsageError, at once, for an unknown layer, key or param.

    `layer` is a full name, or a pattern such as `layer3.*.conv2`; only these layers change, or, with `every_copy`, all
    that the entry makes. With the layer "params" the key is a param, with "" it is of the input.
    """
    axis = _axis(reading, layer, key, report, keep_size=keep_size, every_copy=every_copy)
    given = axis.usual() if values is None else parse_all(key if not layer else f"{layer}.{key}", values)
    return (axis.point(value) for value in given)


def usual_values(reading: Reading, layer: str, key: str, report: Report | None) -> list[Any]:
    """The usual values of a key, a param or the input. Raises UsageError where none are known."""
    return _axis(reading, layer, key, report, keep_size=False, every_copy=False).usual()


def parse_all(place: str, values: Sequence[Any]) -> list[Plain]:
    """The values in texts such as `16..128:16` and `3,5,7`; Python values are as they are. Raises UsageError."""
    found: list[Plain] = []
    for value in values:
        if not isinstance(value, str):
            found.append(plain(list(value) if isinstance(value, tuple) else value))
            continue
        text = value.strip()
        if place == INPUT and _OTHER_SHAPE.fullmatch(text):
            found.append(parse_shape(text))
            continue
        parsed = parse_values(text, f"{place}={text}")
        if size_of(parsed) + len(found) > MAX_POINTS:
            raise UsageError(f"`{text}` has {size_of(parsed):,} values", f"give at most {MAX_POINTS:,}")
        found += map(plain, parsed)
    return found


def _axis(reading: Reading, layer: str, key: str, report: Report | None, *, keep_size: bool, every_copy: bool) -> _Axis:
    if not layer and is_of_input(key):
        return _Axis(_points(reading, [key], keep_size), lambda: _usual_input(reading, key))
    if layer == PARAMS:
        if key not in reading.params():
            raise unknown_param(key, list(reading.params()))
        return _Axis(
            _points(reading, [key], keep_size), lambda: default_values(key, param_values(reading).get(key), ())
        )
    names = _names_with_key(reading, layer, key)
    if key == "name":
        raise UsageError("a name does not affect figures", "vary a parameter")
    if every_copy:
        copies = find(reading, layer).layers_with(key)
        names = sorted(copies, key=lambda name: name != layer)  # the output of the first is shown
    settings = [f"{name}.{key}" for name in (names if every_copy else [layer])]
    if key in FIXED_KEYS:
        point: Callable[[Plain], SweepPoint] = partial(_point_in_text, reading, layer, key)
    else:
        point = _points(reading, settings, keep_size, names)
    return _Axis(point, lambda: _usual_values(reading, names[0], key, report))


def _usual_input(reading: Reading, key: str) -> list[Any]:
    """Smaller and larger inputs. Raises UsageError where there are several, or it has no height."""
    shapes = list(reading.graph.inputs.values()) if reading.graph is not None else []
    if key != INPUT or len(shapes) != 1 or len(shapes[0]) < 2:
        example = "3x192x192 3x224x224" if key == INPUT else "128..256:32"
        raise UsageError(f"there are no usual values of {key}", f"list them, as in {example}")
    return [list(_scaled(shapes[0], *scale)) for scale in INPUT_SCALES]


def _scaled(shape: Shape, up: int, down: int) -> Shape:
    return (shape[0], *(max(size * up // down, 1) for size in shape[1:]))


def param_values(reading: Reading) -> dict[str, Any]:
    """The values of the params of the network; empty where it has no layer."""
    return next((scope.spec_params for _, scope in reading.trace.entries.values()), {})


def _usual_values(reading: Reading, name: str, key: str, report: Report | None) -> list[Any]:
    field = _field(reading, name, key, report)
    return default_values(key, present_value(reading, name, key, report), () if field is None else field.choices)


def present_value(reading: Reading, name: str, key: str, report: Report | None) -> Any:
    """The value that a key of a layer or a block has now; None where it is not known."""
    row = next((row for row in report.rows if row.name == name), None) if report is not None else None
    value = row.config.get(key) if row is not None else reading.trace.value_in_block(name, key)
    field = _field(reading, name, key, report) if value is None else None
    return value if field is None else field.default


def _field(reading: Reading, name: str, key: str, report: Report | None) -> EditField | None:
    try:
        return next((field for field in fields(find(reading, name), report) if field.key == key), None)
    except UsageError:  # the entry is in an included file, and has no fields here
        return None


def _names_with_key(reading: Reading, layer: str, key: str) -> list[str]:
    """The full names of the layers that a name or pattern means, and that have the key. Raises UsageError."""
    entries = reading.trace.entries
    if not LayerSetting(layer, key, None).is_pattern:
        layer = layer if layer in entries else find(reading, layer).name
        own = entries[layer][0]
        check_key(reading, own, key)
        copies = [name for name, (entry, _) in entries.items() if name.startswith(f"{layer}.") and entry is own]
        return without_groups([layer, *copies])
    matching = [name for name in entries if fnmatchcase(name, layer)]
    if not matching:
        raise UsageError(f"no layer matches `{layer}`", nearest(layer, entries))
    keys = {name: keys_of_entry(reading, entries[name][0]) for name in without_groups(matching)}
    names = [name for name, known in keys.items() if known is None or key in known]
    if not names:
        every = dict.fromkeys(each for known in keys.values() for each in known or ())
        raise UsageError(f"no layer that matches `{layer}` has `{key}`", nearest(key, every))
    return names


def _points(
    reading: Reading, keys: Sequence[str], keep_size: bool, names: Sequence[str] = ()
) -> Callable[[Plain], SweepPoint]:
    """The network with a value of these keys that the text does not have."""
    spec, misread = reading.spec, reading.misread
    if spec is None or misread is None:
        raise UsageError("the text is not a spec", "correct it, or undo the last step")
    fixed = reading.view.with_values({}, keep_size=keep_size)
    builder = Builder((spec, misread), reading.origin.label, reading.variant, fixed)

    def point(value: Plain) -> SweepPoint:
        try:
            graph = builder.graph(dict.fromkeys(keys, value))
        except UnbuiltError as error:
            return _misfit(value, error, reading, names)
        except ConvcalcError as error:
            return SweepPoint(value, layers=names, problem=message_of(error))
        return _figures(value, reading.report_of(graph), names)

    return point


def _misfit(value: Plain, error: UnbuiltError, reading: Reading, names: Sequence[str]) -> SweepPoint:
    """A value that does not build, with the padding that mends it where there is one."""
    if error.misfit is None or reading.graph is None:
        return SweepPoint(value, layers=names, problem=message_of(error))
    reason = find_reason(error.misfit, reading.graph)
    padding = reason.padding if reason is not None else ""
    return SweepPoint(value, layers=names, problem=error.misfit.problem.message, padding=padding)


def _point_in_text(reading: Reading, layer: str, key: str, value: Plain) -> SweepPoint:
    """The network of the text with another value of a key."""
    try:
        document = SetValue(find(reading, layer).path_of(key), value).apply(reading.document)
    except EditError as error:
        return SweepPoint(value, problem=error.message)
    # Not cached: a sweep must not remove the readings that undo needs.
    swept = Reading(document, reading.variant, reading.view, reading.readings)
    if swept.report is None:
        return SweepPoint(value, problem=swept.problems[0].message)
    return _figures(value, swept.report, [layer])


def _figures(value: Plain, report: Report, names: Sequence[str]) -> SweepPoint:
    shape = next((row.output_shape for row in report.rows if row.name in names), None)
    outputs = list(report.outputs.values())
    totals = report.totals
    return SweepPoint(
        value, params=totals.params, macs=totals.macs, field=totals.receptive_field, output=shape,
        network_output=outputs[0] if outputs else None, layers=names,
    )  # fmt: skip
