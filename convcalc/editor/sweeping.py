"""A sweep: the network with several values of one parameter, one after the other; and the usual values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from convcalc.editor.changes import check_key
from convcalc.editor.fields import fields
from convcalc.editor.places import find
from convcalc.editor.reading import Reading
from convcalc.editor.typed import parse_value
from convcalc.editor.values import SweepPoint
from convcalc.errors import UsageError
from convcalc.report.report import Report
from convcalc.text.edits import SetValue
from convcalc.text.values import EditError, Path, Plain

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


def sweep(
    reading: Reading, layer: str, key: str, values: Sequence[Any] | None, report: Report | None
) -> Iterator[SweepPoint]:
    """The network with each of the values. Raises UsageError, at once, for an unknown layer or key."""
    place = find(reading, layer)
    check_key(place, key)
    if key == "name":
        raise UsageError("a name does not affect figures", "vary a parameter")
    path = place.path_of(key)
    if values is None:
        field = next((field for field in fields(place, report) if field.key == key), None)
        value = None if field is None else field.default if field.value is None else field.value
        values = default_values(key, value, () if field is None else field.choices)
    given = [parse_value(key, value) for value in values]
    return (_sweep_point(reading, layer, path, value) for value in given)


def _sweep_point(reading: Reading, layer: str, path: Path, value: Plain) -> SweepPoint:
    try:
        document = SetValue(path, value).apply(reading.document)
    except EditError as error:
        return SweepPoint(value, problem=error.message)
    # Not cached: a sweep must not remove the readings that undo needs.
    swept = Reading(document, reading.variant, reading.view, reading.readings)
    report = swept.report
    if report is None:
        return SweepPoint(value, problem=swept.problems[0].message)
    shape = next((row.output_shape for row in report.rows if row.name == layer), None)
    outputs = list(report.outputs.values())
    totals = report.totals
    return SweepPoint(
        value, params=totals.params, macs=totals.macs, field=totals.receptive_field, output=shape,
        network_output=outputs[0] if outputs else None,
    )  # fmt: skip
