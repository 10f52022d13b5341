"""An image and a box on it, drawn with characters that are twice as high as they are wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import NamedTuple

from convcalc.analysis.tracks import Box
from convcalc.render.style import Style, plain_style

CELLS_PER_PIXEL = 4  # the most columns that one pixel takes
_ROLES = {"inside": "result", "outside": "note"}


class Glyphs(NamedTuple):
    """The characters of a picture: for the box inside and outside the image, its centre, and the image's border."""

    inside: str
    outside: str
    centre: str
    corners: str
    across: str
    down: str

    @property
    def text(self) -> str:
        """All characters, to test whether an encoding has them."""
        return "".join(self)


UNICODE = Glyphs("█", "░", "◇", "┌┐└┘", "─", "│")
ASCII = Glyphs("#", ":", "o", "++++", "-", "|")


def glyphs_for(encoding: str) -> Glyphs:
    """The characters that an encoding has."""
    try:
        UNICODE.text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


class Panel(NamedTuple):
    """A picture: a map of `extents` rows and columns with a box, a pair of first and last for each; a strip has 1 row.

    The part of a box beyond the border is drawn too, as far from the map as the map is long. `centred` marks the centre
    of the box.
    """

    title: str
    extents: tuple[int, int]
    box: tuple[Box | None, Box | None]
    centred: bool

    def region(self, axis: int) -> tuple[int, int]:
        """Where the picture starts and ends along an axis: it shows the map and the box."""
        extent, box = self.extents[axis], self.box[axis]
        low, high = box or (0, 0)
        return max(min(low, 0), -extent), min(max(high + 1, extent), 2 * extent)


@dataclass(slots=True)
class _Mark:
    """A place along one side of a picture: a part of the map (`inside`), of its surroundings, or a border."""

    kind: str
    filled: bool
    centre: bool = False


def picture(panel: Panel, columns: int, rows: int, glyphs: Glyphs, style: Style = plain_style) -> Iterator[str]:
    """The lines of a picture of at most so many columns and rows, with the map's proportions."""
    heights, widths = (high - low for low, high in map(panel.region, (0, 1)))
    pixels = max(widths / max(columns - 4, 1), 1 / CELLS_PER_PIXEL)
    is_strip = panel.extents[0] == 1
    if not is_strip:
        pixels = max(pixels, heights / (2 * max(rows - 4, 1)))
    across = _ruler(panel, 1, pixels)
    for down in _ruler(panel, 0, 1 if is_strip else 2 * pixels):
        cells = [_cell(down, mark, glyphs) for mark in across]
        yield "".join(_painted(cells, style)).rstrip()


def _ruler(panel: Panel, axis: int, pixels: float) -> list[_Mark]:
    """The places along a side, each `pixels` long: before the map, a border, the map, a border, after the map."""
    extent, box = panel.extents[axis], panel.box[axis]
    start, end = panel.region(axis)
    inside = max(round(extent / pixels), 1)
    filled = [_covers(box, (cell + 0.5) * extent / inside) for cell in range(inside)]
    if box is not None and not any(filled) and box[1] >= 0 and box[0] < extent:
        filled[min(max(box[0], 0) * inside // extent, inside - 1)] = True
    marks = [_Mark("inside", covered) for covered in filled]
    if panel.centred and (sum(filled) > 2 or extent == 1) and box is not None and 0 <= sum(box) < 2 * extent:
        marks[(sum(box) + 1) * inside // (2 * extent)].centre = True
    before, behind = ceil(-start / pixels), ceil((end - extent) / pixels)
    return [
        *(_Mark("outside", _covers(box, -(cell - 0.5) * pixels)) for cell in range(before, 0, -1)),
        _Mark("first", box is not None and box[0] < 0 <= box[1]),
        *marks,
        _Mark("last", box is not None and box[0] < extent <= box[1]),
        *(_Mark("outside", _covers(box, extent + (cell + 0.5) * pixels)) for cell in range(behind)),
    ]


def _covers(box: Box | None, place: float) -> bool:
    return box is not None and box[0] <= place < box[1] + 1


def _cell(down: _Mark, across: _Mark, glyphs: Glyphs) -> tuple[str, str]:
    """The character at a place, and its role for the colour."""
    kinds = {down.kind, across.kind}
    if "outside" in kinds:
        return (glyphs.outside, "outside") if down.filled and across.filled else (" ", "")
    if kinds == {"inside"}:
        if not (down.filled and across.filled):
            return " ", ""
        return (glyphs.centre if down.centre and across.centre else glyphs.inside), "inside"
    if "inside" in kinds:
        return (glyphs.across if across.kind == "inside" else glyphs.down), "border"
    return glyphs.corners[2 * (down.kind == "last") + (across.kind == "last")], "border"


def _painted(cells: Iterable[tuple[str, str]], style: Style) -> Iterator[str]:
    for role, run in groupby(cells, lambda cell: cell[1]):
        text = "".join(character for character, _ in run)
        yield style(text, _ROLES[role]) if role in _ROLES else text
