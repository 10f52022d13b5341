"""The figures that expectations, budgets and baselines hold: their names, what they count, why one is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import counts_other, group_digits, parse_quantity
from convcalc.report import figures
from convcalc.report.figure import FIELD, MAX, MIN
from convcalc.report.figures import BY_NAME
from convcalc.report.gaps import names_of, rows_upstream, without_window
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import status

BOUNDS = (MIN, MAX)
# The figures of a network, and of a layer, that are numbers or, of a receptive field, a number for each axis.
TOTALS = tuple(figure.name for figure in figures.totals())
LAYER_NUMBERS = tuple(figure.name for figure in figures.numbers_of_layers())
LEFT_OUT = "what a custom type leaves out is unknown; an empty mapping or 0 says that there is none"


def counted(figure: str) -> str:
    """What a figure counts, as the units of a quantity name it.

    >>> [counted(figure) for figure in ("trainable_params", "biases", "param_bytes", "macs", "receptive_field")]
    ['params', 'params', 'bytes', 'macs', 'pixels']
    """
    return BY_NAME[figure].counts or figure


def number(value: Any, figure: str) -> Any:
    """A number with its unit read, anything else as it is; so too a number that counts what the figure does not."""
    if isinstance(value, str):
        quantity = parse_quantity(value, counted(figure))
        return value if quantity is None else quantity
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def other_unit(value: Any, figure: str) -> str:
    """The sentence on a number that counts something else than a figure does; nothing where it does not.

    >>> other_unit("4MiB", "macs")
    '`4MiB` counts bytes, and macs are no such thing'
    """
    other = counts_other(value, counted(figure)) if isinstance(value, str) else ""
    return f"`{value}` counts {other}, and {figure} {'is' if figure == FIELD else 'are'} no such thing" if other else ""


def show(value: Any) -> str:
    """A figure as people read it."""
    if value is None:
        return "unknown"
    if isinstance(value, int) and not isinstance(value, bool):
        return group_digits(value)
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return format_shape(value)
    return str(value)


def numbers(value: Any, of: str = "") -> Iterator[tuple[str, int | None]]:
    """The numbers of a figure and what each is of: one, or, of a receptive field, every axis of every output and input.

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
    """Whether a number is known, and of a sum all of it."""
    return value is not None and not (BY_NAME[figure].is_sum and status(value))


def why_not_known(figure: str, value: int | None, rows: Sequence[Row]) -> str:
    """The sentence on a count of some rows that is not complete, for it is unknown in custom types among them."""
    known = "is not known" if value is None else f"is at least {group_digits(value)}, and not known in full"
    lacking = [row for row in rows if BY_NAME[figure].of_layer(row) is None]
    return f"{figure} {known}: no formula of {names_of(lacking)} gives it"


def why_unseen(report: Report, row: Row | None = None) -> str:
    """Why the receptive field of a layer, or of the outputs, is not known: a layer before it gives no window."""
    first = len(report.inputs)
    outputs = [tensor - first for tensor in report.graph.outputs.values() if tensor >= first]
    return without_window(rows_upstream(report, outputs if row is None else [row.index]))
