"""The receptive fields of a layer in every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from convcalc.render.field import facts, field_json, field_markdown, field_text, title, words
from convcalc.render.field_picture import glyphs_for
from convcalc.render.field_svg import field_svg, pictures_svg
from convcalc.render.formats.html import html_chunks, page
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.render.style import Screen
from convcalc.report.field import LayerField


@dataclass(frozen=True, slots=True)
class FieldPrintout:
    """The pixels that a unit of a layer sees, or the units that a pixel changes; `note` is a line below the text."""

    field: LayerField
    note: str = ""

    def table(self, screen: Screen) -> Sequence[str]:
        """The figures, and the picture beside or below them."""
        size = None if screen.width is None else (screen.width, screen.height)
        return (field_text(self.field, screen.style, glyphs_for(screen.encoding), size, self.note),)

    def json(self, screen: Screen) -> Iterator[str]:
        return field_json(self.field)

    def markdown(self, screen: Screen) -> Sequence[str]:
        return (field_markdown(self.field),)

    def html(self, screen: Screen) -> Iterator[str]:
        heads = [Head("figure"), Head("value")]
        figures = Sheet(title(self.field), heads, facts(self.field), notes=words(self.field))
        return page(title(self.field), [*html_chunks([figures]), pictures_svg(self.field)])

    def svg(self, screen: Screen) -> Sequence[str]:
        return (field_svg(self.field),)

    def records(self) -> Iterator[Record]:
        """One record for each axis and unit, with the first and the last position that the unit sees."""
        yield ("axis", "unit", "clipped_first", "clipped_last", "unclipped_first", "unclipped_last")
        for name, axis in zip(self.field.positions, self.field.axes):
            unclipped = self.field.unclipped(axis) or repeat(None)
            for unit, boxes in enumerate(zip(self.field.clipped(axis), unclipped)):
                yield (name, unit, *[place for box in boxes for place in box or (None, None)])
