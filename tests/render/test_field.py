"""Pictures of fields, exactly: characters for small maps, pieces of JSON, and SVG."""

from __future__ import annotations

import json
from fractions import Fraction
from xml.etree import ElementTree

import pytest

import convcalc
from convcalc.arith.shape import Shape
from convcalc.render import field as render
from convcalc.render.field import field_json, field_markdown, field_text
from convcalc.render.field_picture import ASCII, UNICODE, Panel, picture
from convcalc.render.field_svg import field_svg
from convcalc.report.field import LayerField
from tests.helpers import analysed, network

SMALL = """
- conv2d: {name: conv, out_channels: 2, kernel_size: 3, stride: 2, padding: 1}
- conv2d: {name: deep, out_channels: 2, kernel_size: 3, padding: 1}
"""


def small(layer: str = "deep", input: str = "[1, 8, 8]", layers: str = SMALL) -> LayerField:
    return LayerField(analysed(network(layers, input, "name: Small")), layer)


CORNER = """\
deep (conv2d) of Small · 2x4x4 · looks at input 1x8x8

size          7x7                        ░░░░░░░░░
stride        2x2 to the next unit       ░░░░░░░░░
padding       3x3 outside the image      ░┌─────────┐
aligned       yes                        ░│███████  │
unit 0,1      4x6, rows 0 to 3,          ░│███████  │
              columns 0 to 5              │         │
with padding  7x7, rows -3 to 3,          │         │
              columns -1 to 5             └─────────┘
its centre    0, 2
█ what unit 0,1 sees of input, ◇ its centre, ░ padding
unit 0,1: row 0, column 1 of each channel of deep, counted from 0
"""

STRIP = """\
deep (conv1d) of Small · 2x4 · looks at input 1x8

size          7
stride        2 to the next unit
padding       3 outside the image
aligned       yes
unit 0        4, positions 0 to 3
with padding  7, positions -3 to 3
its centre    0

            ┌────────────────────────────────┐
░░░░░░░░░░░░│██◇█████████████                │
            └────────────────────────────────┘
█ what unit 0 sees of input, ◇ its centre, ░ padding
unit 0: position 0 of each channel of deep, counted from 0
"""

# Too narrow for a picture beside the figures; the last column is changed through the last unit of conv alone.
PIXEL = """\
deep (conv2d) of Small · 2x4x4 · looks at input 1x8x8

size       7x7
stride     2x2 to the next unit
padding    3x3 outside the image
aligned    yes
unit 0,0   centre 0, 0
pixel 0,7  changes 4 units: rows 0 to 1, columns 2 to 3

+------------+
|      ######|
|      ######|
|      ######|
|            |
|            |
|            |
+------------+
# units of deep that the pixel can change
"""


def test_a_unit_at_the_corner() -> None:
    field = small()
    field.select_unit((0, 1))
    assert field_text(field, size=(80, 14)) == CORNER


def test_a_sequence_is_a_strip() -> None:
    field = small(input="[1, 8]", layers=SMALL.replace("2d", "1d"))
    field.select_unit((0,))
    assert field_text(field) == STRIP


def test_the_units_of_a_pixel() -> None:
    field = small()
    field.select_pixel((0, 7))
    assert field_text(field, glyphs=ASCII, size=(60, 20)) == PIXEL


def test_three_axes_are_a_strip_and_a_picture() -> None:
    lines = field_text(small(input="[1, 4, 8, 8]", layers=SMALL.replace("2d", "3d"))).splitlines()
    right = [line[40:] for line in lines]
    assert right[2] == "slices"
    assert right[7] == "rows and columns"
    assert sum("◇" in line for line in right) == 2


def test_markdown_holds_the_same_picture() -> None:
    text = field_markdown(small())
    assert "| unit 2,2 | 7x7, rows 1 to 7, columns 1 to 7 |\n" in text
    assert "```text\n┌─" in text


def test_a_terminal_gets_roles_and_nothing_over_the_edge() -> None:
    field = LayerField(convcalc.analyse("resnet50"), "layer4.2.relu_3")
    marked = field_text(field, lambda text, role: f"<{role}>{text}</{role}>", size=(100, 30))
    assert "<result>█" in marked
    assert "<note>░" in marked
    for size in ((40, 24), (80, 24), (120, 40), (200, 60)):
        lines = field_text(field, size=size).splitlines()
        assert max(map(len, lines)) <= size[0]
        assert size[0] < 80 or len(lines) < size[1]


# --- Pictures alone. ---


def drawn(extents: tuple[int, int], box: tuple[tuple[int, int], tuple[int, int]], columns: int, rows: int) -> list[str]:
    return list(picture(Panel("", extents, box, False), columns, rows, ASCII))


PICTURES = [
    # Two columns and one row to a pixel.
    ((3, 4), ((1, 1), (1, 2)), 14, 7, ["+--------+", "|        |", "|  ####  |", "|        |", "+--------+"]),
    # A box far smaller than a character still shows.
    ((1000, 1000), ((0, 0), (999, 999)), 12, 8, ["+--------+", "|       #|", *["|        |"] * 3, "+--------+"]),
    # A box that holds the image, on padding on all sides.
    ((2, 2), ((-1, 2), (-1, 2)), 12, 8, ["::::::::::", "::+----+::", *["::|####|::"] * 2, "::+----+::", "::::::::::"]),
    # A strip is one row high, however long.
    ((1, 8), ((0, 0), (6, 9)), 14, 9, ["+--------+", "|      ##|::", "+--------+"]),
]


@pytest.mark.parametrize(("extents", "box", "columns", "rows", "lines"), PICTURES)
def test_pictures(
    extents: tuple[int, int],
    box: tuple[tuple[int, int], tuple[int, int]],
    columns: int,
    rows: int,
    lines: list[str],
) -> None:
    assert drawn(extents, box, columns, rows) == lines


def test_padding_is_drawn_up_to_the_size_of_the_map() -> None:
    assert Panel("", (1, 10), ((0, 0), (-1000, 1000)), False).region(1) == (-10, 20)


@pytest.mark.parametrize("shape", [(224, 224), (100, 400), (400, 100), (7, 5)])
def test_proportions(shape: Shape) -> None:
    """A character is twice as high as it is wide."""
    lines = drawn((shape[0], shape[1]), ((0, 0), (0, 0)), 80, 30)
    height, width = 2 * (len(lines) - 2), len(lines[0]) - 2
    assert abs(height * shape[1] - width * shape[0]) <= 2 * max(shape)


def test_all_glyphs_differ() -> None:
    for glyphs in (UNICODE, ASCII):
        assert len({glyphs.inside, glyphs.outside, glyphs.centre, glyphs.across, glyphs.down}) == 5


# --- JSON. ---


def test_json_is_the_value_in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "CHUNK", 100)
    field = small(input="[1, 1000]", layers=SMALL.replace("2d", "1d"))
    field.select_unit((499,))
    pieces = list(field_json(field))
    assert json.loads("".join(pieces)) == field.to_dict()
    assert max(map(len, pieces)) < 100 * len("[1000, 1000], ")


def test_boxes_that_are_not_known_are_null() -> None:
    """A concatenation along positions does not go on beyond its border in any one way."""
    layers = """
    - concat: {name: twice, from: [input, input], axis: 1}
    - conv1d: {name: conv, out_channels: 1, kernel_size: 3, padding: 1}
    """
    field = small("conv", "[1, 4]", layers)
    found = json.loads("".join(field_json(field)))
    assert found == field.to_dict()
    assert found["unclipped"] == [None]
    assert found["clipped"] == [[[0, 1], [0, 2], [1, 3], [0, 3], [0, 3], [0, 2], [1, 3], [2, 3]]]


# --- SVG. ---


def test_svg_has_the_map_its_pixels_and_the_box() -> None:
    field = small()
    field.select_unit((0, 1))
    root = ElementTree.fromstring(field_svg(field))  # noqa: S314 - ours
    shapes = {shape.get("class"): shape for shape in root.iter() if shape.get("class")}
    assert list(shapes) == ["title", "text", "map", "grid", "whole", "box", "centre"]
    # Eight columns and one of padding on 480: rows -3 to 3 and columns -1 to 5 of which 0 to 3 and 0 to 5 are inside.
    pixel = Fraction(480, 11)
    box = [float(shapes["box"].get(name, "")) for name in ("x", "y", "width", "height")]
    assert box == pytest.approx([pixel, 3 * pixel, 6 * pixel, 4 * pixel], abs=0.1)


def test_svg_escapes_names() -> None:
    report = analysed(network("- relu: {name: a}", "[1, 2, 2]", "name: 'A <&> B'"))
    assert "of A &lt;&amp;&gt; B" in field_svg(LayerField(report, "a"))
