"""A sweep: the network with several values of one key, param or input, one after the other; and the usual values.

The text does not change: the network is built with each value. A key that decides which layers there are, such as
`repeat`, is changed in a copy of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.editor.changes import check_key, keys_of_entry
from convcalc.editor.fields import fields
from convcalc.editor.places import find, without_groups
from convcalc.editor.reading import Reading
from convcalc.editor.typed import parse_shape, parse_value
from convcalc.editor.values import SweepPoint
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import LayerSetting, Overrides, as_value, unknown_param
from convcalc.network.build import build
from convcalc.network.construction import UnbuiltError
from convcalc.network.layer_changes import FIXED_KEYS
from convcalc.network.misfit import find_reason
from convcalc.problems import nearest
from convcalc.report.report import Report
from convcalc.text.edits import SetValue
from convcalc.text.values import EditError, Plain

ODD = [1, 3, 5, 7, 9, 11]
VALUES: dict[str, list[Any]] = {
    "kernel_size": ODD,
    "stride": [1, 2, 3, 4],
    "dilation": [1, 2, 3, 4],
    "padding": [0, 1, 2, 3, 4, 5],
    "repeat": [1, 2, 3, 4, 6, 8],
    "bias": [True, False],
    "sharing": ["full", "none"],
}
DIVISORS = (4, 2, 1)
INPUT, PARAMS = "input", "params"  # what is swept besides layers; the layer of `input` is ""
INPUT_SCALES = ((1, 2), (3, 4), (1, 1), (3, 2), (2, 1))


def default_values(key: str, value: Any, choices: Sequence[str]) -> list[Any]:
    """Usual values of a key, or values around the present one. Raises UsageError where none are known.

    >>> default_values("out_channels", 6, ()), default_values("stride", (2, 2), ())
    ([2, 3, 6, 12, 24], [1, 2, 3, 4])
    """
    if key in VALUES:
        return VALUES[key]
    if choices:
        return list(choices)
    if isinstance(value, bool):
        return [True, False]
    if isinstance(value, int) and value > 0:
        if key == "groups":
            return [1, 2, 4, 8, 16]
        smaller = [-(-value // divisor) for divisor in DIVISORS]
        return sorted({*smaller, value * 2, value * 4})
    raise UsageError(f"there are no usual values of {key}", "list them")


class _Sweep(NamedTuple):
    """What is varied: the network with a value, the value of a text, and the usual values."""

    point: Callable[[Any], SweepPoint]
    parse: Callable[[Any], Plain]
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
    that the entry makes. With the layer "params" the key is a param, with "" it is `input`.
    """
    if not layer and key == INPUT:
        found = _of_input(reading)
    elif layer == PARAMS:
        found = _of_param(reading, key, keep_size)
    else:
        found = _of_layers(reading, layer, key, report, keep_size, every_copy)
    given = [found.parse(value) for value in (found.usual() if values is None else values)]
    return (found.point(value) for value in given)


def _of_input(reading: Reading) -> _Sweep:
    def usual() -> list[Any]:
        shapes = list(reading.graph.inputs.values()) if reading.graph is not None else []
        if len(shapes) != 1 or len(shapes[0]) < 2:
            raise UsageError("there are no usual values of this input", "list them, as in 3x192x192 3x224x224")
        return [list(_scaled(shapes[0], *scale)) for scale in INPUT_SCALES]

    def point(value: Any) -> SweepPoint:
        return _point(reading, value, reading.view.with_input(as_value(value)))

    return _Sweep(point, parse_shape, usual)


def _scaled(shape: Shape, up: int, down: int) -> Shape:
    return (shape[0], *(max(size * up // down, 1) for size in shape[1:]))


def _of_param(reading: Reading, name: str, keep_size: bool) -> _Sweep:
    params = reading.params()
    if name not in params:
        raise unknown_param(name, list(params))

    def point(value: Any) -> SweepPoint:
        return _point(reading, value, reading.view.with_values({name: as_value(value)}, keep_size=keep_size))

    def usual() -> list[Any]:
        return default_values(name, param_values(reading).get(name), ())

    return _Sweep(point, lambda value: parse_value(name, value), usual)


def param_values(reading: Reading) -> dict[str, Any]:
    """The values of the params of the network; empty where it has no layer."""
    return next((scope.spec_params for _, scope in reading.trace.entries.values()), {})


def _of_layers(
    reading: Reading, layer: str, key: str, report: Report | None, keep_size: bool, every_copy: bool
) -> _Sweep:
    names = _names_with_key(reading, layer, key)
    if key == "name":
        raise UsageError("a name does not affect figures", "vary a parameter")
    if every_copy:
        copies = find(reading, layer).layers_with(key)
        names = sorted(copies, key=lambda name: name != layer)  # the output of the first is shown
    settings = names if every_copy else [layer]

    def point(value: Any) -> SweepPoint:
        if key in FIXED_KEYS:
            return _point_in_text(reading, layer, key, value)
        changed = {f"{name}.{key}": as_value(value) for name in settings}
        return _point(reading, value, reading.view.with_values(changed, keep_size=keep_size), names)

    return _Sweep(point, lambda value: parse_value(key, value), lambda: _usual_values(reading, names[0], key, report))


def _usual_values(reading: Reading, name: str, key: str, report: Report | None) -> list[Any]:
    try:
        field = next((field for field in fields(find(reading, name), report) if field.key == key), None)
    except UsageError:  # the entry is in an included file, and has no fields here
        field = None
    row = next((row for row in report.rows if row.name == name), None) if report is not None else None
    value = row.config.get(key) if row is not None else _value_in_block(reading, name, key)
    if value is None and field is not None:
        value = field.default
    return default_values(key, value, () if field is None else field.choices)


def _value_in_block(reading: Reading, block: str, key: str) -> Any:
    """The value of a param of a block, from the scope of its entries."""
    scopes = (scope for _, scope in reading.trace.entries.values() if scope.level.prefix == f"{block}.")
    return next((scope.values.get(key) for scope in scopes), None)


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


def _point(reading: Reading, value: Plain, overrides: Overrides, names: Sequence[str] = ()) -> SweepPoint:
    """The network with a value that the text does not have."""
    spec, misread = reading.spec, reading.misread
    assert spec is not None  # its layers or params were found
    assert misread is not None
    try:
        graph = build(spec, misread, reading.variant, overrides)
        graph.check_changes()
    except UnbuiltError as error:
        return _misfit(value, error, reading, names)
    except SpecError as error:
        return SweepPoint(value, layers=names, problem=error.problems[0].message)
    except UsageError as error:  # with this value there is no such layer, or it has no such key
        return SweepPoint(value, layers=names, problem=error.message)
    return _figures(value, reading.report_of(graph), names)


def _misfit(value: Plain, error: UnbuiltError, reading: Reading, names: Sequence[str]) -> SweepPoint:
    """A value that does not build, with the padding that mends it where there is one."""
    if error.misfit is None or reading.graph is None:
        return SweepPoint(value, layers=names, problem=error.problems[0].message)
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
