"""Reports in every format.

A format is an option: its method imports what it needs, so that `count` in a pipe starts fast.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from convcalc.render.style import Screen
from convcalc.report.report import Report
from convcalc.report.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    from convcalc.conventions import Convention
    from convcalc.render.printout import Record
    from convcalc.render.sheet import Sheet


class ReportPrintout(NamedTuple):
    """The layers of networks and their totals, and the counts of another tool.

    With `si` the tables have counts of three digits with a unit. Other formats always have exact ones.
    """

    reports: Sequence[Report]
    selection: Selection = EVERYTHING
    convention: "Convention | None" = None
    si: bool = False

    @property
    def title(self) -> str:
        return ", ".join(report.name or report.target for report in self.reports)

    def sheets(self, width: int | None) -> "list[Sheet]":
        from convcalc.render.cells import number_format
        from convcalc.render.report import report_sheet, usual_columns

        depth = self.selection.depth
        views = [self.selection.view(report, usual_columns(report, depth)) for report in self.reports]
        return [report_sheet(view, number_format(self.si)) for view in views]

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
