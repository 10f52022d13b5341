"""The table of a report as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.render.formats.markdown import markdown_chunks
from convcalc.render.report import report_sheet, usual_columns
from convcalc.render.sheet import Sheet
from convcalc.report.columns import DEFAULT
from convcalc.report.columns import columns as columns_named
from convcalc.report.report import Report
from convcalc.report.view import View


def markdown_table(report: Report, layer: str | None, columns: Sequence[str] | None) -> str:
    """The table, or the row of one layer with the heads. Raises UsageError for unknown names."""
    usual = usual_columns(report) if layer is None else columns_named(DEFAULT)
    view = View(report, usual if columns is None else columns_named(columns))
    if layer is None:
        return "".join(markdown_chunks([report_sheet(view)]))
    view.lines = [report.row(layer)]
    sheet = report_sheet(view)
    return "".join(markdown_chunks([Sheet("", sheet.heads, sheet.rows)]))  # without the notes of the whole table
