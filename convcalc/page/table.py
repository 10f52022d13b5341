"""The table of layers and blocks for the script: every column as its texts in order, and each line's place in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcalc.page.pool import Pool
from convcalc.render.cells import NOTHING, counted, readable
from convcalc.report.columns import ALL, COUNT, SHARE, TEXT, Column, Line, columns
from convcalc.report.report import Report
from convcalc.report.view import FoldedRows, View, fold, sort_key

# The drawing and the chosen layer have the others, and a reader can choose them.
SHOWN = columns(("name", "type", "output_shape", "receptive_field", "params", "macs"))


class Lines:
    """The layers of a report, then its blocks; `parents` has the number of the block around each, -1 for none."""

    def __init__(self, report: Report) -> None:
        self.all: list[Line] = list(report.rows)
        self.parents = [-1] * len(report.rows)
        around = list(self.parents)  # the innermost block of each row so far
        depth, deepest = 1, max((row.name.count(".") for row in report.rows), default=0)
        while depth <= deepest:
            for block in fold(report.rows, depth):
                if isinstance(block, FoldedRows) and len(block.rows) > 1:
                    self._add(block, around)
            depth += 1
        self.parents[: len(around)] = around

    def _add(self, block: FoldedRows, around: list[int]) -> None:
        outer = around[block.rows[0].index]
        if outer >= 0 and len(self.all[outer].rows) == len(block.rows):
            return  # the only member of its block
        self.parents.append(outer)
        for row in block.rows:
            around[row.index] = len(self.all)
        self.all.append(block)


def table_data(report: Report, lines: Lines, texts: Pool) -> dict[str, Any]:
    """The table: its columns, and the block around each line."""
    view = View(report, SHOWN)
    found = [_column(column, lines.all, view, texts) for column in map(view.of_network, ALL.values())]
    return {"parents": lines.parents, "columns": [column for column in found if column is not None]}


def _column(column: Column, lines: Sequence[Line], view: View, texts: Pool) -> dict[str, Any] | None:
    """A column; None for one without any value. `values` are in the order of sorting, `ranks` are places in them."""
    cell = readable(column)
    shown = [str(cell(line)) for line in lines]
    if not set(shown) - {"", NOTHING}:
        return None
    first = {value: line for line, value in zip(reversed(lines), reversed(shown))}
    keys = {value: sort_key(column, line) for value, line in first.items()}
    values = sorted(keys, key=keys.__getitem__)
    ranks = {value: rank for rank, value in enumerate(values)}
    return {
        "name": column.name,
        "header": column.header,
        "help": f"{column.help} ({column.unit})" if column.unit else column.help,
        "right": column.kind in (COUNT, SHARE),
        "text": column.kind == TEXT,
        "shown": column in SHOWN,
        "values": texts.numbers(values),
        "ranks": [ranks[value] for value in shown],
        "total": counted(view.total(column)) if column.is_sum else "",
    }
