"""The rows of the screen: a network as a tree of blocks that fold, filtered or sorted, and its columns as texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from convcalc.editor import Pin
from convcalc.render.cells import NOTHING, at_a_glance, counted, readable
from convcalc.render.comparison import bar
from convcalc.render.sheet import Head, Sheet
from convcalc.report.columns import COUNT, Column, columns
from convcalc.report.figures import wirings
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import ratio
from convcalc.report.view import FoldedRows, fold, matches, sort_key

ROOT = ""  # the key of the row that is the whole network
MAX_UNFOLDED = 40  # a network of more layers is folded at the start
BAR = 8  # characters of a bar for the whole network
INDENT = 2
WIRING_IMPORTANCE = 90  # of the columns in place of `params`
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LOG_MARKS = "█▓░"

# For each wiring of every layer, the columns that replace `params`.
PARAMS, SIDE_BY_SIDE = "params", "side by side"
WIRINGS = tuple(figure.name for figure in wirings())
WIRING_COLUMNS = {
    "as written": (PARAMS,),
    **{figure.header: (figure.name,) for figure in wirings()},
    SIDE_BY_SIDE: WIRINGS,
}
# The tables of `count` have more columns; a screen has less room.
DEFAULT = ("type", "output_shape", "receptive_field", "params", "macs")


@dataclass(slots=True, eq=False)
class OutlineItem:
    """One row of the screen: a layer, a block that is folded or unfolded, or the whole network (`key` is ROOT)."""

    key: str
    line: Row | FoldedRows
    level: int
    is_open: bool = False

    @property
    def is_block(self) -> bool:
        return isinstance(self.line, FoldedRows)

    @property
    def rows(self) -> list[Row]:
        """The layers in it."""
        return self.line.rows


class Outline:
    """The choice of rows and columns; it does not change with the report."""

    def __init__(self) -> None:
        self.columns: tuple[str, ...] = DEFAULT
        self.wiring = next(iter(WIRING_COLUMNS))
        self.pattern = ""
        self.sort: str | None = None
        self._unfolded: bool | None = None
        self._exceptions: set[str] = set()

    # -- folding -------------------------------------------------------------------------------------------------------

    def is_open(self, name: str) -> bool:
        """Whether a block shows its layers."""
        return (name in self._exceptions) != bool(self._unfolded)

    def toggle(self, name: str) -> None:
        self._exceptions ^= {name}

    def fold_all(self, unfolded: bool) -> None:
        self._unfolded = unfolded
        self._exceptions.clear()

    def reveal(self, name: str) -> None:
        """Unfold every block around a layer, and remove a filter that hides it."""
        parts = name.split(".")
        for depth in range(1, len(parts)):
            block = ".".join(parts[:depth])
            if not self.is_open(block):
                self.toggle(block)
        if self.pattern and not matches(name, "", self.pattern):
            self.pattern = ""

    # -- rows ----------------------------------------------------------------------------------------------------------

    def items(self, report: Report) -> list[OutlineItem]:
        """The rows of a report, the network first."""
        if self._unfolded is None:
            self._unfolded = len(report.rows) <= MAX_UNFOLDED
        root = OutlineItem(ROOT, FoldedRows(report.name or report.target, report.rows), 0, True)
        return [root, *self._below(report)]

    def _below(self, report: Report) -> Iterable[OutlineItem]:
        if not self.pattern and self.sort is None:
            return self._unfold(report.rows, 1)
        rows = [row for row in report.rows if matches(row.name, row.type, self.pattern)]
        if self.sort is not None:
            by = columns([self.sort])[0]
            rows.sort(key=lambda row: sort_key(by, row))
        return [OutlineItem(row.name, row, 0) for row in rows]

    def _unfold(self, rows: Iterable[Row], depth: int) -> Iterator[OutlineItem]:
        for line in fold(rows, depth):
            if isinstance(line, FoldedRows) and len(line.rows) == 1:
                line = line.rows[0]
            is_open = isinstance(line, FoldedRows) and self.is_open(line.name)
            yield OutlineItem(line.name, line, depth - 1, is_open)
            if is_open:
                yield from self._unfold(line.rows, depth + 1)

    # -- columns -------------------------------------------------------------------------------------------------------

    def figures(self) -> list[Column]:
        """The columns without the name; those of the wiring replace `params`."""
        names = [name for each in self.columns for name in (WIRING_COLUMNS[self.wiring] if each == PARAMS else (each,))]
        return columns(names)

    def sheet(self, items: Sequence[OutlineItem], pins: Iterable[Pin] = ()) -> Sheet:
        """The cells of the rows: names in a tree, figures, bars for the wiring and the macs, and pins."""
        heads = [Head("layer", importance=100, role="name")]
        texts = [[self._name(item) for item in items]]
        shown = self.figures()
        for column in shown:
            cell = readable(column, at_a_glance(column))
            importance = WIRING_IMPORTANCE if column.name in WIRING_COLUMNS[self.wiring] else column.importance
            heads.append(Head(column.header, right=column.kind == COUNT, importance=importance, role=column.name))
            texts.append([cell(item.line) for item in items])
            if column.name == "macs" or (column.name == WIRING_COLUMNS[self.wiring][0] and self.wiring != SIDE_BY_SIDE):
                heads.append(Head("", importance=45 if column.name != "macs" else 44, role="bar"))
                texts.append(_bars(column, items))
        if self.wiring == SIDE_BY_SIDE:
            heads.append(Head("log scale", importance=45, role="bar"))
            texts.append(_log_bars(items))
        for pin in pins:
            heads.append(Head(f"{pin.name} {params_column(self.wiring).header}", right=True, importance=85, role="pin"))
            texts.append(_pin_cells(params_column(self.wiring), pin.report, items))
        return Sheet("", heads, list(zip(*texts, strict=True)))

    def _name(self, item: OutlineItem) -> str:
        indent = " " * (INDENT * max(item.level, 0))
        if item.key == ROOT:
            return item.line.name
        name = item.key.rpartition(".")[2] if item.level and not self.pattern and self.sort is None else item.key
        return f"{indent}{'▾' if item.is_open else '▸'} {name}" if item.is_block else f"{indent}{name}"


def _bars(column: Column, items: Sequence[OutlineItem]) -> list[str]:
    """Each row's share of the network, as a bar; the network itself has none."""
    whole = column.get(items[0].line)
    return ["", *(share_bar(ratio(column.get(item.line), whole) or 0.0, BAR) for item in items[1:])]


def share_bar(share: float, width: int) -> str:
    """A share as a bar of at most `width` characters; a share above 0 has at least an eighth of a character.

    >>> share_bar(0.5, 4), share_bar(0.0001, 4), share_bar(0.0, 4)
    ('██', '▏', '')
    """
    eighths = min(round(share * width * 8), width * 8) or bool(share)
    whole, part = divmod(int(eighths), 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def params_column(wiring: str) -> Column:
    """The first column that a wiring shows in place of `params`."""
    return columns([WIRING_COLUMNS[wiring][0]])[0]


def _pin_cells(column: Column, report: Report, items: Sequence[OutlineItem]) -> list[str]:
    """The figures of the layers of the same names in another report; a dash where it has no such layer."""
    known = {row.name: row for row in report.rows}
    number = readable(column, at_a_glance(column))
    cells = [counted(column.of_network(report))]
    for item in items[1:]:
        rows = [known[row.name] for row in item.rows if row.name in known]
        cells.append(number(FoldedRows(item.key, rows)) if rows else NOTHING)
    return cells


def _log_bars(items: Sequence[OutlineItem]) -> list[str]:
    largest = columns([WIRINGS[-1]])[0]
    most = max([largest.get(item.line) or 0 for item in items], default=0)
    return [bar(item.line, most, _LOG_MARKS) for item in items]
