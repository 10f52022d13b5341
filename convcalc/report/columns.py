"""The columns of a table of layers: figures of the list, chosen by name, and those of another tool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.report import figures
from convcalc.report.figure import COUNT, EXTENT, LAYER, SHAPES, SHARE, TEXT, Line
from convcalc.report.figure import Figure as Column

if TYPE_CHECKING:
    from convcalc.conventions import Convention

__all__ = [
    "ALL", "COLUMNS", "COUNT", "CSV", "Column", "DEFAULT", "EXTENT", "Line", "SHAPES", "SHARE", "SHARES", "TEXT",
    "columns", "convention_columns"
]  # fmt: skip

COLUMNS = figures.columns()
# The columns of a table, on a terminal, in a pipe and in a file.
DEFAULT = ("name", "type", "kernel_size", "stride", "output_shape", "receptive_field", "params", "macs")
CSV = ("name", "type", "inputs", *DEFAULT[2:])
# The share of a layer in the figure of the network; only a view knows the network.
SHARES = {
    f"{name}_share": COLUMNS[name]._replace(
        name=f"{name}_share", header=f"{COLUMNS[name].header} %", kind=SHARE, importance=45,
        unit="", help=f"share of the {COLUMNS[name].header} of the network", of=LAYER,
    )
    for name in ("params", "macs")
}  # fmt: skip
ALL = {**COLUMNS, **SHARES}


def columns(names: Sequence[str]) -> list[Column]:
    """The columns of these names or headings. Raises UsageError for one that does not exist."""
    by_word = {**{column.header: column for column in ALL.values()}, **ALL}
    found = []
    for name in names:
        column = by_word.get(name) or by_word.get(name.lower())
        if column is None:
            help = f"{nearest(name.lower(), by_word)} `--columns help` lists them".lstrip()
            raise UsageError(f"there is no column `{name}`", help)
        found.append(column)
    return list(dict.fromkeys(found))


def convention_columns(convention: Convention) -> list[Column]:
    """The counts of another tool, beside those of convcalc: its parameters and, if it counts them, operations."""

    def total(figure: Callable[[Any], int | None]) -> Callable[[Line], int]:
        # The network was checked: no figure is unknown.
        return lambda line: sum(figure(row) or 0 for row in line.rows)

    name, note = convention.name, convention.note
    params = Column("convention_params", f"{name} params", COUNT, "numbers", f"parameters as {name} counts them", 65,
                    note=note, get=total(convention.params))  # fmt: skip
    if convention.operation_rules is None:
        return [params]
    operations = Column("convention_ops", f"{name} ops", COUNT, "operations",
                        f"operations as {name} counts them", 65, note=note, at_a_glance=True,
                        get=total(convention.operations))  # fmt: skip
    return [params, operations]
