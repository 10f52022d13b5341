"""The pictures of a layer's field as SVG, with colours for light and dark backgrounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from convcalc.analysis.tracks import Box
from convcalc.render.field import facts, field_panels, labelled, title
from convcalc.render.field_picture import Panel
from convcalc.report.field import LayerField

SIDE = 480  # the longer side of a picture, in user units
STRIP = 24  # the height of a strip
COLUMNS = 64  # of the text
MARGIN = 16
LINE = 20  # from one line of text to the next
MAX_GRID = 64  # a finer grid would be a grey area

# Medium tones: the file may be shown on a light or a dark background.
STYLE = """\
  <style>
    text { font: 13px ui-monospace, monospace; fill: #76808b }
    .title { font-weight: bold }
    .map { fill: #808a94; fill-opacity: 0.1; stroke: #76808b }
    .grid { fill: none; stroke: #808a94; stroke-opacity: 0.4; stroke-width: 0.5 }
    .whole { fill: #2f81f7; fill-opacity: 0.15; stroke: #2f81f7; stroke-dasharray: 5 4 }
    .box { fill: #2f81f7; fill-opacity: 0.5 }
    .centre { fill: #f0604d }
  </style>"""


def field_svg(field: LayerField) -> str:
    """The title, the figures, and the pictures."""
    return _svg(field, [title(field), *labelled(facts(field), COLUMNS)])


def pictures_svg(field: LayerField) -> str:
    """The pictures alone, for a page that has the figures."""
    return _svg(field, [])


def _svg(field: LayerField, lines: Sequence[str]) -> str:
    """Lines of text, and below them the map, a grid where its pixels are few, the box and its centre."""
    parts, top = [], MARGIN
    for place, line in enumerate(lines):
        role = "text" if place else "title"
        top += LINE
        parts.append(f'<text x="{MARGIN}" y="{top}" class="{role}" xml:space="preserve">{escape(line)}</text>')
    width = max(map(len, lines), default=0) * 8
    for panel in field_panels(field):
        top += MARGIN
        drawing = _Drawing(panel)
        parts.append(f'<g transform="translate({MARGIN} {top})">')
        parts += [f"  {shape}" for shape in drawing.shapes()]
        parts.append("</g>")
        top += round(drawing.height)
        width = max(width, round(drawing.width))
    size = f"{width + 2 * MARGIN} {top + MARGIN}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">\n'
        f"  <title>{escape(title(field))}</title>"
    )
    return "\n".join([head, STYLE, *(f"  {part}" for part in parts), "</svg>"]) + "\n"


class _Drawing:
    """One panel, its pixels scaled so that the longer side fits."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        (self.top, bottom), (self.left, right) = map(panel.region, (0, 1))
        self.is_strip = panel.extents[0] == 1
        self.scale = SIDE / max(right - self.left, 0 if self.is_strip else bottom - self.top)
        self.row = STRIP if self.is_strip else self.scale  # the height of a pixel
        self.width = (right - self.left) * self.scale
        self.height = (bottom - self.top) * self.row

    def shapes(self) -> Iterator[str]:
        rows, columns = self.panel.extents
        yield self._rectangle("map", (0, rows - 1), (0, columns - 1))
        if max(rows, columns) <= MAX_GRID:
            yield self._grid()
        (down, across), extents = self.panel.box, self.panel.extents
        if down is None or across is None:
            return
        inside = [_cut((max(low, 0), min(high, size - 1))) for (low, high), size in zip((down, across), extents)]
        kept = [(max(low, -size), min(high, 2 * size - 1)) for (low, high), size in zip((down, across), extents)]
        yield self._rectangle("whole", *kept)
        if inside[0] and inside[1]:
            yield self._rectangle("box", inside[0], inside[1])
        if self.panel.centred:
            x, y = self._x((across[0] + across[1] + 1) / 2), self._y((down[0] + down[1] + 1) / 2)
            yield f'<circle class="centre" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'

    def _x(self, column: float) -> float:
        return (column - self.left) * self.scale

    def _y(self, row: float) -> float:
        return (row - self.top) * self.row

    def _rectangle(self, kind: str, rows: Box, columns: Box) -> str:
        x, y = self._x(columns[0]), self._y(rows[0])
        width, height = self._x(columns[1] + 1) - x, self._y(rows[1] + 1) - y
        return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'

    def _grid(self) -> str:
        rows, columns = self.panel.extents
        down = "".join(f"M{self._x(column):.1f} {self._y(0):.1f}V{self._y(rows):.1f}" for column in range(1, columns))
        across = "".join(f"M{self._x(0):.1f} {self._y(row):.1f}H{self._x(columns):.1f}" for row in range(1, rows))
        return f'<path class="grid" d="{down}{across}"/>'


def _cut(box: Box) -> Box | None:
    return box if box[0] <= box[1] else None
