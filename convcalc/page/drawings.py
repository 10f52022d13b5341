"""The drawing of a network, and one of each block that it shows closed: the script opens them in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from convcalc.drawing.graph.diagram import Box, Diagram
from convcalc.drawing.graph.fold import diagram
from convcalc.drawing.graph.picture import graph_fragment, graph_style
from convcalc.drawing.graph.section import Section
from convcalc.report.report import Report

MOST_CHARACTERS = 150_000  # of the drawings of blocks; the table shows what is in the others


class Drawing(NamedTuple):
    """The picture of the whole network, or of a block that is shown closed in drawing number `outer`."""

    name: str
    outer: int
    svg: str


class _Block(NamedTuple):
    """A closed block: rows `first` up to `stop`, shown in drawing number `outer`."""

    name: str
    outer: int
    first: int
    stop: int


class Drawings:
    """The drawings of a network: `all` begins with that of the whole network, and outer blocks come before inner ones.

    Each box has the number of its first row and, if it is a closed block, the number of the drawing that opens it.
    """

    def __init__(self, report: Report, name: str) -> None:
        self._report = report
        self._blocks: list[_Block] = []
        self._diagrams: list[Diagram] = []
        self.all = [self._drawing(diagram(report), name, -1, 0)]
        room = MOST_CHARACTERS
        for block in self._blocks:  # the list grows while blocks are drawn
            section = Section(report, block.first, block.stop)
            shown = diagram(section, least=block.name.count(".") + 2)
            self.all.append(self._drawing(shown, block.name, block.outer, block.first))
            room -= len(self.all[-1].svg)
            if room <= 0:
                break

    @property
    def style(self) -> str:
        """The style of all drawings."""
        return graph_style(*self._diagrams)

    def blocks(self) -> Iterator[tuple[int, Drawing]]:
        """The drawings of blocks, with their numbers."""
        return ((number, drawing) for number, drawing in enumerate(self.all) if number)

    def _drawing(self, shown: Diagram, name: str, outer: int, first: int) -> Drawing:
        number = len(self._diagrams)
        self._diagrams.append(shown)
        return Drawing(name, outer, graph_fragment(shown, name, lambda box: self._attributes(box, first, number)))

    def _attributes(self, box: Box, first: int, outer: int) -> dict[str, str]:
        if not box.rows:
            return {}
        attributes = {"class": "box", "data-row": str(first + box.rows[0])}
        if box.kind == "block":
            # Of a repeated block, the drawing has the first copy.
            rows = [first + number for number in box.rows]
            own = [row for row in rows if self._report.rows[row].name.startswith(f"{box.name}.")]
            self._blocks.append(_Block(box.name, outer, own[0], own[-1] + 1))
            attributes["data-block"] = str(len(self._blocks))
        return attributes
