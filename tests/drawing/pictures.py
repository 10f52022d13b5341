"""Reads an SVG as a reader of the page sees it: its elements, its texts, and whether they are inside."""

from __future__ import annotations

from xml.etree import ElementTree

from convcalc.drawing.measure import width

SPACE = "{http://www.w3.org/2000/svg}"
FONT_SIZE = 12.0  # of no text in a graph is more


def parsed(picture: str) -> ElementTree.Element:
    """The picture, which is well-formed XML without scripts, links and fonts of its own."""
    root = ElementTree.fromstring(picture)  # noqa: S314 - a picture of ours
    assert root.tag == f"{SPACE}svg"
    names = {element.tag.removeprefix(SPACE) for element in root.iter()}
    assert names <= {"svg", "title", "style", "g", "rect", "path", "text", "circle"}
    for element in root.iter():
        assert not any("href" in name or name.startswith("on") for name in element.attrib)
        assert "url(" not in (element.text or "")
    return root


def texts(picture: str) -> list[str]:
    """The texts of a picture, without its titles."""
    return [element.text or "" for element in parsed(picture).iter(f"{SPACE}text")]


def assert_texts_inside(picture: str) -> None:
    """Every text that has a place of its own lies within the picture, in the middle of its place or after it."""
    root = parsed(picture)
    total_width, total_height = float(root.attrib["width"]), float(root.attrib["height"])
    moved = {child: group for group in root.iter(f"{SPACE}g") if "transform" in group.attrib for child in group.iter()}
    for element in root.iter(f"{SPACE}text"):
        if element in moved or "transform" in element.attrib:
            continue
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        room = width(element.text or "", FONT_SIZE)
        starts_there = "note" in element.attrib.get("class", "").split() or "title" in element.attrib.get("class", "")
        assert 0 <= y <= total_height
        assert 0 <= x <= total_width
        assert x + (room * 10 / 12 if starts_there else room / 2) <= total_width + 1 or len(element.text or "") > 30
