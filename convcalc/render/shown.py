"""What a report, a comparison, a difference and a sweep show in Python: text, a fragment of HTML, and a data frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from convcalc.errors import UsageError
from convcalc.render.cells import exact
from convcalc.render.comparison import ComparisonPrintout
from convcalc.render.difference_printout import DifferencePrintout
from convcalc.render.formats import chunks
from convcalc.render.formats.html import html_chunks
from convcalc.render.report_printout import ReportPrintout
from convcalc.render.style import Screen
from convcalc.report.columns import COLUMNS, COUNT, Column
from convcalc.report.comparison import Comparison
from convcalc.report.difference import Difference
from convcalc.report.report import Report, Shown
from convcalc.report.rows import Row
from convcalc.report.sums import status

if TYPE_CHECKING:
    from pandas import DataFrame

    from convcalc.sweeping.sweep import Sweep


def text_in(value: Shown, format: str) -> str:
    """The value in a format of the command line."""
    return "".join(chunks(_printout(value), format, Screen()))


def fragment(value: Shown) -> str:
    """The value as a fragment of HTML, for a notebook."""
    return "".join(html_chunks(_printout(value).sheets(None)))


def frame(value: Shown) -> DataFrame:
    """The value as a data frame. Raises UsageError without pandas."""
    try:
        import pandas  # not a dependency: the caller has it
    except ImportError:
        raise UsageError("to_dataframe needs pandas", "install it with: pip install pandas") from None
    names, *rows = _records(value)
    # As objects, integers of any size are exact, beside None as well.
    return pandas.DataFrame(rows, columns=list(names), dtype=object).convert_dtypes()


def _printout(value: Shown) -> Any:
    if isinstance(value, Report):
        return ReportPrintout([value])
    if isinstance(value, Comparison):
        return ComparisonPrintout(value)
    if isinstance(value, Difference):
        return DifferencePrintout(value)
    # Only a sweep and a solution need their modules.
    from convcalc.solving.solution import Solution

    if isinstance(value, Solution):
        from convcalc.render.solution import SolutionPrintout

        return SolutionPrintout(value)
    from convcalc.render.sweep_printout import SweepPrintout  # there is no other

    return SweepPrintout(cast("Sweep", value))


def _records(value: Shown) -> list[Sequence[Any]]:
    """The names of the columns, and the rows."""
    if isinstance(value, Report):
        return [list(COLUMNS), *([_cell(column, row) for column in COLUMNS.values()] for row in value.rows)]
    if isinstance(value, Comparison):
        data = value.to_dict()
        records: list[dict[str, Any]] = data.get("networks") or data["layers"]
        names = [name for name in (records[0] if records else ()) if name != "status"]
        return [names, *([record[name] for name in names] for record in records)]
    return list(_printout(value).records())


def _cell(column: Column, row: Row) -> Any:
    """A count as an integer, anything else as the text of a cell; None where it is absent or not known."""
    if column.kind != COUNT:
        return exact(column)(row) or None
    count = column.get(row)
    return None if status(count) else count
