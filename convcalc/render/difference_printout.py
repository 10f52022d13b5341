"""The difference between two networks in every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.drawing.graph.changes import changed_diagram
from convcalc.drawing.graph.picture import graph_svg
from convcalc.render.cells import number_format
from convcalc.render.changes import ARROW, value_text
from convcalc.render.difference import difference_markdown, difference_sheets, nothing_differs
from convcalc.render.formats.html import html_chunks, page
from convcalc.render.formats.table import tables
from convcalc.render.printout import Record
from convcalc.render.sheet import Sheet
from convcalc.render.style import Screen
from convcalc.report.changes import CHANGED, FigureChange, LayerChange
from convcalc.report.difference import Difference
from convcalc.report.sums import Partial


@dataclass(frozen=True, slots=True)
class DifferencePrintout:
    """The difference between two networks; `every` and `depth` choose the lines of the table, `si` its numbers."""

    difference: Difference
    every: bool = False
    depth: int | None = None
    si: bool = False

    @property
    def title(self) -> str:
        return f"{self.difference.old.target} {ARROW} {self.difference.new.target}"

    def table(self, screen: Screen) -> Iterable[str]:
        if self.difference.is_empty:
            return (nothing_differs(self.difference),)
        return tables(self.sheets(screen.width), screen)

    def sheets(self, width: int | None) -> list[Sheet]:
        return difference_sheets(self.difference, every=self.every, depth=self.depth, number=number_format(self.si))

    def data(self) -> dict[str, Any]:
        return self.difference.to_dict()

    def markdown(self, screen: Screen) -> Iterator[str]:
        return difference_markdown(self.difference, depth=self.depth, number=number_format(self.si))

    def html(self, screen: Screen) -> Iterator[str]:
        """The tables, and the drawing of what has changed."""
        body = html_chunks(self.sheets(None))
        return page(self.title, body if self.difference.is_empty else [*body, *self.svg(screen)])

    def svg(self, screen: Screen) -> Sequence[str]:
        return (graph_svg(changed_diagram(self.difference), self.title),)

    def records(self) -> Iterator[Record]:
        """One record for each figure or parameter that differs, first those of the whole network."""
        yield ("layer", "type", "status", "what", "old", "new")
        for name, change in self.difference.totals.items():
            if change.differs:
                yield ("total", "", CHANGED, name, _exact(change.old), _exact(change.new))
        for layer in self.difference.layers:
            for name, change in _changes_of(layer).items():
                yield (layer.row.name, layer.row.type, layer.status, name, _exact(change.old), _exact(change.new))


def _changes_of(layer: LayerChange) -> dict[str, FigureChange]:
    """What differs in a layer; for an added or removed layer, its output and its figures."""
    if layer.old is None or layer.new is None:
        shapes = [None if row is None else row.output_shape for row in (layer.old, layer.new)]
        return {"output_shape": FigureChange(*shapes), "params": layer.change("params"), "macs": layer.change("macs")}
    renamed = {"name": FigureChange(layer.old.name, layer.new.name)} if layer.old.name != layer.new.name else {}
    field = {f"receptive_field.{name}": change for name, change in layer.field.items()}
    return {**renamed, **layer.config, **layer.wiring, **layer.figures, **field}


def _exact(value: Any) -> str:
    """A value without grouped digits; empty where it is unknown or absent."""
    if value is None or type(value) is Partial:
        return ""
    return str(value) if type(value) is int else value_text(value)
