"""Draws the small pictures of docs/concepts/: python docs/make_concepts.py.

Each picture is rows of cells, seen from the side: one cell is one position of a map. The same call always draws the
same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

IMAGES = Path(__file__).parent / "images"
CELL = 30  # the side of a cell
STEP = 36  # from one cell to the next
ROW = 84  # from one row to the next
LEFT = 150  # where cells start; the labels of the rows are before them
TOP = 16
# Medium tones: a page may have a light or a dark background.
STYLE = """\
  <style>
    text { font: 13px system-ui, sans-serif; fill: #76808b }
    rect { fill: #808a94; fill-opacity: 0.12; stroke: #76808b }
    .outside { stroke-dasharray: 4 3; fill-opacity: 0 }
    .a { fill: #2f81f7; fill-opacity: 0.55 }
    .b { fill: #f0604d; fill-opacity: 0.55 }
    .c { fill: #2da44e; fill-opacity: 0.55 }
    .ab { fill: #8f6fd0; fill-opacity: 0.55 }
    line { stroke: #76808b; stroke-opacity: 0.6 }
    line.a { stroke: #2f81f7; stroke-opacity: 1; stroke-width: 2 }
    line.b { stroke: #f0604d; stroke-opacity: 1; stroke-width: 2 }
    line.c { stroke: #2da44e; stroke-opacity: 1; stroke-width: 2 }
  </style>"""


class Row(NamedTuple):
    """A row of cells: its label, the place of each cell in steps, and the class of some of them."""

    label: str
    places: Sequence[float]
    marks: Mapping[int, str] = {}


class Line(NamedTuple):
    """A line from a cell of one row to a cell of the next row above."""

    row: int
    low: int
    high: int
    mark: str = ""


def drawing(title: str, rows: Sequence[Row], lines: Iterable[Line], left: int = LEFT, below: str = "") -> str:
    """The rows from the input at the bottom to the last layer at the top, with the lines between them."""
    height = TOP * 2 + CELL + ROW * (len(rows) - 1) + (24 if below else 0)
    width = left + round(max(max(row.places) for row in rows) * STEP) + CELL + TOP
    parts = [_line(rows, line, left) for line in lines]
    for number, row in enumerate(rows):
        parts += _cells(row, _y(rows, number), left)
    if below:
        parts.append(f'<text x="{left}" y="{height - 10}">{escape(below)}</text>')
    return _svg(title, width, height, parts)


def _cells(row: Row, y: int, left: int) -> Iterator[str]:
    yield f'<text x="{TOP}" y="{y + 20}">{escape(row.label)}</text>'
    for index, place in enumerate(row.places):
        x = left + place * STEP
        kind = row.marks.get(index, "")
        yield f'<rect x="{x:.0f}" y="{y}" width="{CELL}" height="{CELL}" rx="3" class="{kind}"/>'


def _line(rows: Sequence[Row], line: Line, left: int) -> str:
    x1, x2 = (
        left + rows[row].places[cell] * STEP + CELL / 2
        for row, cell in ((line.row, line.low), (line.row + 1, line.high))
    )
    y1, y2 = _y(rows, line.row), _y(rows, line.row + 1) + CELL
    return f'<line x1="{x1:.0f}" y1="{y1}" x2="{x2:.0f}" y2="{y2}" class="{line.mark}"/>'


def _y(rows: Sequence[Row], number: int) -> int:
    return TOP + ROW * (len(rows) - 1 - number)


def _svg(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
    return (
        "\n".join([head, f"  <title>{escape(title)}</title>", STYLE, *(f"  {part}" for part in parts), "</svg>"]) + "\n"
    )


def field() -> str:
    """Two convolutions with a kernel of 3: one unit sees 5 pixels."""
    rows = [
        Row("input: 9 pixels", range(9), dict.fromkeys(range(2, 7), "a")),
        Row("first layer, kernel 3", range(1, 8), dict.fromkeys(range(2, 5), "a")),
        Row("second layer, kernel 3", range(2, 7), {2: "a"}),
    ]
    lines = [Line(0, unit + tap, unit, "a") for unit in (2, 3, 4) for tap in range(3)]
    return drawing(
        "A unit of the second layer sees 5 pixels", rows, [*lines, *(Line(1, unit, 2, "a") for unit in (2, 3, 4))]
    )


def stride() -> str:
    """A kernel of 3 with stride 2: neighbouring units see fields 2 pixels apart."""
    rows = [
        Row("input: 9 pixels", range(9), {2: "a", 3: "a", 4: "ab", 5: "b", 6: "b"}),
        Row("kernel 3, stride 2", range(1, 9, 2), {1: "a", 2: "b"}),
    ]
    lines = [Line(0, 2 * unit + tap, unit, mark) for unit, mark in ((1, "a"), (2, "b")) for tap in range(3)]
    return drawing("Two neighbouring units see fields that are 2 pixels apart", rows, lines)


def padding() -> str:
    """A kernel of 3 with padding 1: as many units as pixels."""
    rows = [
        Row("6 pixels, padding 1", range(8), {0: "outside", 7: "outside", 1: "a", 2: "a"}),
        Row("kernel 3: 6 units", range(1, 7), {0: "a"}),
    ]
    return drawing(
        "The first unit reads one cell of padding and two pixels", rows, [Line(0, tap, 0, "a") for tap in range(3)]
    )


def wirings() -> Iterator[tuple[str, str]]:
    """Five pixels and three units, wired in three ways."""
    colours = ("a", "b", "c")
    every = [Line(0, pixel, unit) for unit in range(3) for pixel in range(5)]
    window = [(unit, tap) for unit in range(3) for tap in range(3)]
    for name, lines, said in (
        ("full", every, "15 connections, 15 weights"),
        ("local", [Line(0, unit + tap, unit) for unit, tap in window], "9 connections, 9 weights"),
        ("shared", [Line(0, unit + tap, unit, colours[tap]) for unit, tap in window], "9 connections, 3 weights"),
    ):
        rows = [Row("5 pixels", range(5)), Row("3 units", range(1, 4))]
        yield name, drawing(said, rows, lines, left=90, below=said)


def pictures() -> dict[Path, str]:
    """The files and their texts."""
    drawn = {"field": field(), "stride": stride(), "padding": padding(), **dict(wirings())}
    return {IMAGES / f"concept-{name}.svg": svg for name, svg in drawn.items()}


if __name__ == "__main__":
    for file, svg in pictures().items():
        file.write_text(svg, encoding="utf-8")
