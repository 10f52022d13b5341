"""The view of a report in a table: its columns, and its rows filtered, folded, sorted and cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.report.columns import COUNT, EXTENT, SHAPES, SHARE, Column, Line
from convcalc.report.figure import Formula
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import add_up, ratio, status


class FoldedRows:
    """Consecutive layers as one line: the sums of their counts, the output and the receptive field of the last one."""

    __slots__ = ("name", "rows")

    def __init__(self, name: str, rows: list[Row]) -> None:
        self.name = name
        self.rows = rows

    @property
    def type(self) -> str:
        return self.rows[0].type if len(self.rows) == 1 else f"{len(self.rows)} layers"

    @property
    def line(self) -> int:
        return self.rows[0].line

    @property
    def inputs(self) -> list[str]:
        """The layers and inputs outside the line that its layers read, in order."""
        own = {row.name for row in self.rows}
        return list(dict.fromkeys(name for row in self.rows for name in row.inputs if name not in own))

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        return self.rows[0].input_shapes

    @property
    def output_shape(self) -> Shape:
        return self.rows[-1].output_shape

    @property
    def receptive_fields(self) -> dict[str, ReceptiveField | None]:
        return self.rows[-1].receptive_fields

    @property
    def config(self) -> dict[str, Any]:
        return self.rows[0].config if len(self.rows) == 1 else {}

    @property
    def tied_to(self) -> str | None:
        return self.rows[0].tied_to if len(self.rows) == 1 else None

    def count(self, formula: Formula) -> int | None:
        """The sum of a formula over the layers."""
        return add_up([row.count(formula) for row in self.rows])


class View:
    """Rows and columns of a report in the order of the table; `hidden` layers are not shown."""

    __slots__ = ("columns", "hidden", "lines", "report")

    def __init__(
        self,
        report: Report,
        columns: Sequence[Column],
        *,
        patterns: Sequence[str] = (),
        depth: int | None = None,
        sort: Column | None = None,
        top: int | None = None,
    ) -> None:
        self.report = report
        self.columns = [self.of_network(column) for column in columns]
        rows = report.rows
        if patterns:
            rows = [row for row in rows if any(matches(row.name, row.type, pattern) for pattern in patterns)]
        lines: list[Line] = list(rows) if depth is None else fold(rows, depth)
        if sort is not None:
            sort = self.of_network(sort)
            lines.sort(key=lambda line: sort_key(sort, line))
        self.lines = lines[:top]
        shown = sum(len(line.rows) for line in self.lines)
        self.hidden = len(report.rows) - shown

    def of_network(self, column: Column) -> Column:
        """The column; a share becomes a part of the network's figure."""
        if column.kind != SHARE:
            return column
        part = column.get
        whole = self.total(column)
        known = None if status(whole) else whole
        return column._replace(get=lambda line: ratio(part(line), known))

    def total(self, column: Column) -> int | None:
        """The sum of a column over all layers of the network, also the hidden ones."""
        return add_up(map(column.get, self.report.rows))


def fold(rows: Iterable[Row], depth: int) -> list[Line]:
    """Lines with names of at most `depth` parts: a block with longer names is one line."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(".".join(row.name.split(".", depth)[:depth]), []).append(row)
    return [
        members[0] if len(members) == 1 and members[0].name == name else FoldedRows(name, members)
        for name, members in groups.items()
    ]


def sort_key(column: Column, line: Line) -> Any:
    """The key that sorts lines by a column: text from a to z, figures from the largest, unknown ones last."""
    value = column.get(line)
    if column.kind in (COUNT, SHARE):
        return (1, 0) if value is None else (0, -value)
    if column.kind == SHAPES:
        return [[-size for size in _numbers(shape)] for shape in value]
    if column.kind == EXTENT:
        return [[-size for size in _numbers(sizes or ())] or [1] for sizes in value.values()]
    return value


def _numbers(sizes: Iterable[Any]) -> list[float]:
    """Sizes as numbers: a stride may be a fraction as text; an unknown size is left out."""
    numbers: list[float] = []
    for size in sizes:
        whole, _, part = str(0 if size is None else size).partition("/")
        numbers.append(int(whole) / int(part) if part else int(whole))
    return numbers


def matches(name: str, type_name: str, pattern: str) -> bool:
    """Whether a name or type contains the pattern, or matches it where it has a wildcard; in any case.

    >>> matches("stem", "conv2d", "CONV"), matches("stem", "conv2d", "conv"), matches("stem", "conv2d", "conv*3d")
    (True, True, False)
    """
    pattern = pattern.lower().strip()
    words = (name.lower(), type_name.lower())
    if any(mark in pattern for mark in "*?["):
        return any(fnmatchcase(word, pattern) for word in words)
    return any(pattern in word for word in words)
