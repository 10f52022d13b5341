"""The figures of expectations, budgets and baselines: their names, what they count, why one is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import counts_other, group_digits, parse_quantity
from convcalc.report import figures
from convcalc.report.figure import MAX, MIN
from convcalc.report.figures import BY_NAME
from convcalc.report.gaps import names_of, reason_without_window, rows_upstream
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import status

BOUNDS = (MIN, MAX)
# The figures of a network, and of a layer, that are numbers, or for a receptive field a number for each axis.
TOTALS = tuple(figure.name for figure in figures.totals())
LAYER_NUMBERS = tuple(figure.name for figure in figures.numbers_of_layers())
LEFT_OUT = "a figure that a custom type leaves out is unknown; write an empty mapping or 0 for none"


def counted(figure: str) -> str:
    """What a figure counts, in the words of a quantity's unit.

    >>> [counted(figure) for figure in ("trainable_params", "biases", "param_bytes", "macs", "receptive_field")]
    ['params', 'params', 'bytes', 'macs', 'pixels']
    """
    return BY_NAME[figure].counts or figure


def number(value: Any, figure: str) -> Any:
    """A number with a unit as an integer; any other value, also a number that counts something else, unchanged."""
    if isinstance(value, str):
        quantity = parse_quantity(value, counted(figure))
        return value if quantity is None else quantity
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def other_unit(value: Any, figure: str) -> str:
    """The message for a number whose unit does not fit a figure; empty where it fits.

    >>> other_unit("4MiB", "macs")
    '`4MiB` is in bytes, which is not a unit of macs'
    """
    other = counts_other(value, counted(figure)) if isinstance(value, str) else ""
    return f"`{value}` is in {other}, which is not a unit of {figure}" if other else ""


def show(value: Any) -> str:
    """A figure for readers."""
    if value is None:
        return "unknown"
    if isinstance(value, int) and not isinstance(value, bool):
        return group_digits(value)
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return format_shape(value)
    return str(value)


def numbers(value: Any, of: str = "") -> Iterator[tuple[str, int | None]]:
    """The numbers of a figure, each with its output or input: one, or all axes of a receptive field.

    >>> list(numbers(5)), list(numbers({"fc": [7, 9], "aux": None}))
    ([('', 5)], [('fc', 7), ('fc', 9), ('aux', None)])
    """
    if isinstance(value, dict):
        for name, part in value.items():
            yield from numbers(part, f"{of} {name}".lstrip())
    elif isinstance(value, (list, tuple)):
        for axis in value:
            yield from numbers(axis, of)
    else:
        yield of, value


def is_known(figure: str, value: Any) -> bool:
    """Whether a number is known in full."""
    return value is not None and not (BY_NAME[figure].is_sum and status(value))


def why_not_known(figure: str, value: int | None, rows: Sequence[Row]) -> str:
    """The message for a count of some rows that is not complete because of custom types."""
    known = "is not known" if value is None else f"is at least {group_digits(value)}, and not known in full"
    lacking = [row for row in rows if BY_NAME[figure].of_layer(row) is None]
    return f"{figure} {known}: no formula of {names_of(lacking)} gives it"


def why_unseen(report: Report, row: Row | None = None) -> str:
    """Why the receptive field of a layer, or of the outputs, is not known: an earlier layer has no window."""
    first = len(report.inputs)
    outputs = [tensor - first for tensor in report.graph.outputs.values() if tensor >= first]
    return reason_without_window(rows_upstream(report, outputs if row is None else [row.index]))
