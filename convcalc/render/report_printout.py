"""Reports in every format.

A format is an option: its method imports what it needs, so that `count` in a pipe starts fast.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from convcalc.plain_tuple import PlainTuple
from convcalc.render.style import Screen
from convcalc.report.report import Report
from convcalc.report.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from convcalc.conventions import Convention
    from convcalc.render.printout import Record
    from convcalc.render.sheet import Sheet
    from convcalc.report.view import View


class ReportPrintout(PlainTuple):
    """The layers of networks and their totals, and the counts of another tool.

    With `si` the tables have counts of three digits with a unit. Other formats always have exact ones. With `graph`
    the branches are drawn beside the rows of a table.
    """

    reports: Sequence[Report]
    selection: Selection = EVERYTHING
    convention: "Convention | None" = None
    si: bool = False
    graph: bool = False

    @property
    def title(self) -> str:
        return ", ".join(report.name or report.target for report in self.reports)

    def sheets(self, width: int | None) -> "list[Sheet]":
        return self._sheets(self._views())

    def _sheets(self, views: "list[View]") -> "list[Sheet]":
        from convcalc.render.cells import number_format
        from convcalc.render.report import report_sheet

        return [report_sheet(view, number_format(self.si)) for view in views]

    def _views(self) -> "list[View]":
        from convcalc.render.report import usual_columns
        from convcalc.report.columns import DEFAULT, columns

        if self.graph:  # it shows what the rows read
            return [self.selection.view(report, columns(DEFAULT)) for report in self.reports]
        depth = self.selection.depth
        return [self.selection.view(report, usual_columns(report, depth)) for report in self.reports]

    def table(self, screen: Screen) -> Iterable[str]:
        """The sheets, beside the lanes of each network where they are to be shown."""
        from convcalc.render.formats.table import tables

        views = self._views()
        sheets = self._sheets(views)
        if self.graph:
            from convcalc.render.lanes import glyphs_for, with_lanes

            glyphs = glyphs_for(screen.encoding)
            sheets = [with_lanes(sheet, view.lines, glyphs) for sheet, view in zip(sheets, views)]
        return tables(sheets, screen)

    def html(self, screen: Screen) -> Iterator[str]:
        """The tables, and the drawing of each network."""
        from convcalc.drawing.draw import draw
        from convcalc.render.formats.html import html_chunks, page

        drawings = [draw(report, depth=self.selection.depth).svg for report in self.reports]
        return page(self.title, [*html_chunks(self.sheets(None)), *drawings])

    def records(self) -> "Iterator[Record]":
        """One record for each layer; with several reports the first field is the target."""
        from convcalc.render.cells import exact
        from convcalc.report.columns import CSV, columns

        views = [self.selection.view(report, columns(CSV)) for report in self.reports]
        several = len(views) > 1
        yield [*(["target"] if several else []), *[column.name for column in views[0].columns]]
        for view in views:
            cells = [exact(column) for column in view.columns]
            first = [view.report.target] if several else []
            for line in view.lines:
                yield [*first, *[cell(line) for cell in cells]]

    def json(self, screen: Screen) -> Iterator[str]:
        """Every figure of every layer, or the selected ones."""
        from convcalc.render.formats.json import json_chunks

        layers = None if self.selection.is_whole else list(map(self._layers, self.reports))
        other = self.convention
        more = None if other is None else [{"convention": other.to_dict(report.rows)} for report in self.reports]
        return json_chunks(self.reports, as_list=len(self.reports) > 1, layers=layers, more=more)

    def _layers(self, report: Report) -> Iterable[str]:
        """The selected layers, encoded: whole rows, or the figures of columns."""
        from convcalc.render.formats.json import encoded_lines, encoded_rows
        from convcalc.report.columns import DEFAULT, columns

        selection = self.selection
        if selection.columns is None and selection.depth is None:
            return encoded_rows(report, selection.view(report, ()).lines)
        return encoded_lines(selection._replace(added=()).view(report, columns(DEFAULT)))
