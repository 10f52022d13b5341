"""The columns of a table of layers: figures of the list, chosen by name, and those of another tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.report import figures
from convcalc.report.figure import COUNT, EXTENT, SHAPES, TEXT, Line
from convcalc.report.figure import Figure as Column

if TYPE_CHECKING:
    from convcalc.conventions import Convention

__all__ = [
    "COLUMNS", "COUNT", "Column", "DEFAULT", "EXTENT", "Line", "SHAPES", "TEXT", "WIDE", "columns", "convention_columns"
]  # fmt: skip

COLUMNS = figures.columns()
DEFAULT = ("name", "type", "output_shape", "receptive_field", "params", "macs")
# The additional columns of a wide terminal.
WIDE = ("name", "type", "kernel_size", "stride", "output_shape", "receptive_field", "params", "macs")


def columns(names: list[str] | tuple[str, ...]) -> list[Column]:
    """The columns of these names. Raises UsageError for one that does not exist."""
    for name in names:
        if name not in COLUMNS:
            help = nearest(name, COLUMNS)
            raise UsageError(f"there is no column `{name}`", f"{help} The columns are ".lstrip() + ", ".join(COLUMNS))
    return [COLUMNS[name] for name in dict.fromkeys(names)]


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
