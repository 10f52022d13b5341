"""Values as the texts of cells: plain digits for programs; grouped digits or three digits with a unit for readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import group_digits, human, human_bytes, percent
from convcalc.report.columns import COUNT, EXTENT, SHAPES, SHARE, Column, Line
from convcalc.report.report import Report
from convcalc.report.sums import Partial, status

UNKNOWN, NOTHING, TIED = "?", "–", "tied"

Cell = Callable[[Line], str]
Number = Callable[[int], str]


def counted(figure: int | None, number: Number = group_digits) -> str:
    """A count; `≥` marks a partial sum, which is a lower bound, and a question mark is an unknown count.

    >>> counted(44426), counted(Partial(44426)), counted(None)
    ('44,426', '≥ 44,426', '?')
    """
    if figure is None:
        return UNKNOWN
    return f"≥ {number(figure)}" if type(figure) is Partial else number(figure)


def factor(value: float | None) -> str:
    """
    >>> factor(3025.0), factor(94.23), factor(2.5), factor(0.5), factor(0.0017), factor(0.00002), factor(None)
    ('×3,025', '×94.2', '×2.50', '×0.50', '×0.0017', '×1/50,000', '–')
    >>> factor(1284694.1)
    '×1.28 M'
    """
    if value is None:
        return NOTHING
    if value >= 999_950:
        return f"×{human(round(value))}"
    if value >= 99.95:
        return f"×{group_digits(round(value))}"
    if value >= 0.1:
        return f"×{value:.1f}" if value >= 9.995 else f"×{value:.2f}"
    return f"×{value:.2g}" if value >= 0.001 or not value else f"×1/{group_digits(round(1 / value))}"


def extent(sizes: Iterable[Any] | None) -> str:
    """The sizes along the axes, such as 5x5; a dash for no sizes, a question mark for an unknown size."""
    if sizes is None:
        return NOTHING
    return "x".join([UNKNOWN if size is None else str(size) for size in sizes]) or NOTHING


def extents(value: Any) -> str:
    """Sizes, or several sizes with the names of the inputs or outputs."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {extents(item)}" for name, item in value.items())
    return extent(value)


def sizes(value: Any) -> str:
    """A shape, or padding: a [before, after] pair of equal numbers becomes one number."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        pairs = [str(before) if before == after else f"{before}+{after}" for before, after in value]
        return "x".join(pairs)
    return extents(value)


def shapes(value: Iterable[Iterable[int]]) -> str:
    return ", ".join([format_shape(shape) for shape in value]) or NOTHING


def by_name(value: Mapping[str, Any]) -> str:
    """The figure of every input; a single input has no name here."""
    return extents(value if len(value) > 1 else next(iter(value.values())))


def exact(column: Column) -> Cell:
    """Exact integers for programs; empty where a figure is absent or unknown."""
    get = column.get
    if column.kind == COUNT:
        return lambda line: "" if status(figure := get(line)) else str(figure)
    if column.kind == SHARE:
        return lambda line: "" if (share := get(line)) is None else f"{share:.6f}"
    text = _text(column)

    def cell(line: Line) -> str:
        shown = text(line)
        return "" if shown == NOTHING or (column.kind == EXTENT and not shown.strip(UNKNOWN + "x")) else shown

    return cell


def readable(column: Column, number: Number = group_digits) -> Cell:
    """Texts for readers, with counts in this format."""
    if column.kind != COUNT:
        return _text(column)
    get = column.get
    if not column.owned:
        return lambda line: counted(get(line), number)
    return lambda line: TIED if line.tied_to is not None and not get(line) else counted(get(line), number)


def total_cell(figure: Column, report: Report, number: Number = group_digits) -> str:
    """A figure of a network: bytes with a unit, counts as in a column, sizes along the axes."""
    value = figure.of_network(report)
    if not figure.is_sum:
        return extents(value)
    return counted(value, human_bytes if figure.is_bytes else number)


def explanation(figure: Column, report: Report) -> str:
    """The explanation of a total, with its number type and batch."""
    return figure.explained.format(dtype=report.dtype, batch=report.batch)


def number_format(si: bool) -> Number:
    """The format of counts: three digits with an SI unit, or all digits."""
    return human if si else group_digits


def at_a_glance(column: Column) -> Number:
    """The format for a screen with little room: columns that are read at a glance have three digits."""
    return human if column.at_a_glance else group_digits


def _text(column: Column) -> Cell:
    get = column.get
    if column.kind == SHAPES:
        return lambda line: shapes(get(line))
    if column.kind == EXTENT:
        return lambda line: by_name(get(line))
    if column.kind == SHARE:
        return lambda line: UNKNOWN if (share := get(line)) is None else percent(round(share * 10**9), 10**9)
    return get
