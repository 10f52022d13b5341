"""The rows and columns of a report that a table shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from convcalc.plain_tuple import PlainTuple

if TYPE_CHECKING:
    from convcalc.report.columns import Column
    from convcalc.report.report import Report
    from convcalc.report.view import View


class Selection(PlainTuple):
    """The selected rows and columns of a report, None for the default. `added` columns follow the others."""

    columns: "Sequence[Column] | None" = None
    added: "Sequence[Column]" = ()
    patterns: Sequence[str] = ()
    depth: int | None = None
    sort: "Column | None" = None
    top: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it selects every figure of every layer, in the order of the network."""
        return self._replace(added=()) == Selection()

    def view(self, report: "Report", usual: "Sequence[Column]") -> "View":
        """The selected part of a report, with the `usual` columns by default."""
        from convcalc.report.view import View  # a whole report as JSON does not need it

        columns = [*(usual if self.columns is None else self.columns), *self.added]
        return View(report, columns, patterns=self.patterns, depth=self.depth, sort=self.sort, top=self.top)


EVERYTHING = Selection()
