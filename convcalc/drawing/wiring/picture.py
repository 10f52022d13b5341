"""Draws a wiring figure as SVG: panels side by side, the input cells above, the output cells below."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from convcalc.drawing import svg
from convcalc.drawing.measure import shortened, width
from convcalc.drawing.palette import FONT, style
from convcalc.drawing.svg import number
from convcalc.drawing.wiring.panels import Panel, Table, Wiring

SIZE = 12.0  # of the text
LINE = 16
MARGIN = 20
GAP = 28  # between two panels
CELL = 18
PITCH = 24  # from one cell to the next
RISE = 104  # from the input cells to the output cells
NARROWEST = 250
IN_A_ROW = 3
CHIP = 9  # the side of a square that shows a weight
MOST_CHIPS = 80
# Colours that are easy to tell apart, on light and on dark; more weights go round the colour circle.
COLOURS = (
    "#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#00a5b5", "#f032e6", "#9a6324", "#808000", "#e0ac00",
    "#469990", "#7a5cff",
)  # fmt: skip
_SCOPE = "convcalc-wiring"
_STYLE = (
    f"text{{font:{SIZE:g}px {FONT}}}.title{{font-size:15px;font-weight:bold}}.head{{font-size:13px;font-weight:bold}}"
    ".count{font-size:14px;font-weight:bold}.cell{fill:none;stroke-width:1.2px}"
    ".padding{fill:none;stroke-dasharray:2 2}.wire{fill:none;stroke-width:1.7px}.faint{opacity:.35}"
)


class _Drawn(NamedTuple):
    """The shapes of a panel, their height, and the words below them: sentences in lines, and a count."""

    shapes: list[str]
    height: float
    lines: list[str]
    figure: str


def wiring_svg(wiring: Wiring) -> str:
    """The picture of a wiring figure."""
    first, last = wiring.example.first, wiring.example.last
    panel_width = max(NARROWEST, max(last - first + 1, len(wiring.example.taps)) * PITCH)
    drawn = [_panel(wiring, panel, panel_width) for panel in wiring.panels]
    if wiring.table is not None:
        drawn.append(_table(wiring.table, panel_width))
    in_a_row = len(drawn) if len(drawn) <= IN_A_ROW else 2
    total_width = max(in_a_row * panel_width + (in_a_row - 1) * GAP, NARROWEST * 2) + 2 * MARGIN
    title = shortened(wiring.title, 15, total_width - 2 * MARGIN, bold=True)
    parts = [svg.text(MARGIN, MARGIN + 12, title, "title")]
    y = MARGIN + 14.0
    for line in _lines(wiring.note, total_width - 2 * MARGIN):
        y += LINE
        parts.append(svg.text(MARGIN, y, line, "note"))
    y += GAP
    for start in range(0, len(drawn), in_a_row):
        row = drawn[start : start + in_a_row]
        shapes_height = max(each.height for each in row)
        count_top = shapes_height + max(len(each.lines) for each in row) * LINE + LINE + 8
        for place, each in enumerate(row):
            words = [svg.text(0, shapes_height + LINE * (n + 1), line) for n, line in enumerate(each.lines)]
            words.append(svg.text(0, count_top, each.figure, "count"))
            moved = f"translate({number(MARGIN + place * (panel_width + GAP))} {number(y)})"
            parts.append(svg.group([*each.shapes, *words], transform=moved))
        y += count_top + 4 + GAP
    height = y - GAP + MARGIN
    paper = svg.element("rect", width=total_width, height=height, class_="paper")
    return svg.document([paper, *parts], total_width, height, wiring.title, style(_SCOPE, {"plain"}, _STYLE), _SCOPE)


def _panel(wiring: Wiring, panel: Panel, panel_width: float) -> _Drawn:
    """The cells of input and output, the lines between them, and a square for each weight."""
    example = wiring.example
    inputs, outputs = range(example.first, example.last + 1), range(len(example.taps))
    top, bottom = 28.0, 28.0 + CELL + RISE
    in_x = _centres(len(inputs), panel_width, example.first)
    out_x = _centres(len(outputs), panel_width, 0)
    parts = [svg.text(panel_width / 2, 10, panel.title, "caption", "middle")]
    for each in panel.connections:
        is_real = 0 <= each.source < example.size
        d = f"M{number(in_x[each.source])} {number(top + CELL)}L{number(out_x[each.target])} {number(bottom)}"
        hue = colour(each.weight, panel.weights)
        parts.append(svg.element("path", d=d, class_="wire" if is_real else "wire faint", stroke=hue))
    parts += [_cell(in_x[cell], top, "cell" if 0 <= cell < example.size else "padding") for cell in inputs]
    parts += [_cell(out_x[unit], bottom, "cell") for unit in outputs]
    parts += [svg.text(0, top - 6, "in", "note"), svg.text(0, bottom + CELL + 12, "out", "note")]
    chips, height = _chips(panel, panel_width, bottom + CELL + 24)
    return _Drawn(parts + chips, height, _sentences(panel.sentences, panel_width), panel.figure)


def _centres(count: int, panel_width: float, first: int) -> dict[int, float]:
    """The middle of each of so many cells, by its number."""
    left = (panel_width - count * PITCH) / 2
    return {first + place: left + place * PITCH + PITCH / 2 for place in range(count)}


def _cell(x: float, y: float, kind: str) -> str:
    return svg.element("rect", x=x - CELL / 2, y=y, width=CELL, height=CELL, rx=3, class_=f"{kind} line")


def _chips(panel: Panel, panel_width: float, top: float) -> tuple[list[str], float]:
    """A square in the colour of each weight, in rows, and where they end."""
    in_a_row = int(panel_width // (CHIP + 3))
    count = min(panel.weights, MOST_CHIPS)
    chips = [
        svg.element("rect", x=place % in_a_row * (CHIP + 3), y=top + place // in_a_row * (CHIP + 3), width=CHIP,
                    height=CHIP, rx=2, fill=colour(place, panel.weights))
        for place in range(count)
    ]  # fmt: skip
    return chips, top - (-count // in_a_row) * (CHIP + 3) + 2


def colour(weight: int, weights: int) -> str:
    """The colour of a weight among so many.

    >>> colour(0, 5), colour(1, 40)
    ('#e6194b', 'hsl(9 70% 48%)')
    """
    if weights <= len(COLOURS):
        return COLOURS[weight]
    return f"hsl({360 * weight // weights} 70% {(38, 48, 58)[weight % 3]}%)"


def _table(table: Table, panel_width: float) -> _Drawn:
    """The input maps as rows and the output maps as columns; a dot where one reads the other."""
    top, left = 44.0, 24.0
    pitch = min(PITCH, (panel_width - left) / len(table.rows))
    parts = [svg.text(panel_width / 2, 10, table.title, "caption", "middle"), svg.text(left, 32, "output maps", "note")]
    turned = f"translate(12 {number(top + 62)}) rotate(-90)"
    parts.append(svg.element("text", "input maps", class_="note", transform=turned))
    side = pitch - 2
    for column, row in enumerate(table.rows):
        for channel in range(table.inputs):
            x, y = left + column * pitch, top + channel * pitch
            parts.append(svg.element("rect", x=x, y=y, width=side, height=side, rx=2, class_="padding line"))
            if channel in row:
                parts.append(svg.element("circle", cx=x + side / 2, cy=y + side / 2, r=side * 0.32, fill=COLOURS[2]))
    height = max(top + table.inputs * pitch + 4, top + 70)
    return _Drawn(parts, height, _sentences(table.sentences, panel_width), table.figure)


def _sentences(sentences: Iterable[str], limit: float) -> list[str]:
    return [line for sentence in sentences for line in _lines(sentence, limit)]


def _lines(text: str, limit: float) -> list[str]:
    """The text in lines of at most this width."""
    letters = max(int(limit / (width(text, SIZE) / max(len(text), 1))), 10)
    return wrap(text, letters, break_long_words=False, break_on_hyphens=False)
