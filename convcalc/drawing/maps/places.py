"""Puts the stages of a figure in rows, or in a U where the maps become smaller and larger again."""

from __future__ import annotations

from itertools import pairwise
from math import log2, sqrt
from typing import NamedTuple

from convcalc.drawing.maps.stages import Figure, Stage
from convcalc.drawing.measure import width

LARGEST = 150.0  # the longer side of the largest map
SMALLEST = 5.0
SHEAR = 0.42  # how far the back of a box is to the right and above, per unit of the width of its map
THICKEST, THINNEST = 46.0, 3.0  # a box of the most channels, and of few
SHEETS = 32  # up to so many channels are drawn as sheets, one a map
SHEET_STEP = 3.0
SMALLEST_SHEET = 14.0
BAR = 9.0  # the width of a vector
GAP = 38.0
ROW_GAP = 30.0
WIDEST = 980.0  # a longer row is wrapped
OVERHANG = 160.0  # of vectors, so that the last ones do not stand alone
LABEL = 10.0  # the size of the texts
WIDEST_WORDS = 130.0  # below a map; longer ones are shortened
MARGIN = 20.0
HEAD = 42.0  # above the maps, for labels at two heights
FOOT = 38.0  # below, for what makes the next map
RISE = 18.0  # from one level of a U to the next


class Drawn(NamedTuple):
    """A stage in its place: the front face begins at x, y; `thickness` is how far its channels reach to the right.

    `slant` is the offset of the back edge of the width. A sheet for each channel has a thickness of one step each.
    """

    stage: Stage
    x: float
    y: float
    height: float
    slant: float
    thickness: float
    row: int

    @property
    def right(self) -> float:
        return self.x + self.thickness + self.slant

    @property
    def top(self) -> float:
        return self.y - self.slant

    @property
    def bottom(self) -> float:
        return self.y + self.height


class Placement(NamedTuple):
    drawn: list[Drawn]
    sheets: bool
    is_u: bool
    width: float
    height: float


def placed(figure: Figure) -> Placement:
    """The places of all stages, to one scale."""
    maps = [stage for stage in figure.stages if stage.is_map]
    sheets = all(stage.shape[0] <= SHEETS for stage in maps)
    scale = LARGEST / max((max(stage.sizes) for stage in maps), default=1)
    most = max((stage.shape[0] for stage in maps), default=1)
    drawn = [_sized(stage, scale, most, sheets) for stage in figure.stages]
    return _in_u(drawn, figure, sheets) if _is_u(figure) else _in_rows(drawn, sheets)


def _sized(stage: Stage, scale: float, most: int, sheets: bool) -> Drawn:
    if not stage.is_map:
        length = min(30 + 9 * sqrt(max(stage.shape, default=1)), LARGEST)
        return Drawn(stage, 0, 0, length, 0, BAR, 0)
    rows, columns = stage.sizes
    least = SMALLEST_SHEET if sheets else SMALLEST
    height, across = max(rows * scale, least), max(columns * scale, least)
    if sheets:
        return Drawn(stage, 0, 0, height, 0, across + (stage.shape[0] - 1) * SHEET_STEP, 0)
    thickness = max(THICKEST * sqrt(stage.shape[0] / most), THINNEST)
    return Drawn(stage, 0, 0, height, across * SHEAR, thickness, 0)


def _is_u(figure: Figure) -> bool:
    """Whether maps become smaller step by step and then, beside skips, about as large as at the start."""
    levels = _levels(figure)
    lowest = max(levels)
    turn = levels.index(lowest)
    return (
        bool(figure.skips)
        and lowest > levels[0]
        and lowest > levels[-1]
        and levels[-1] <= levels[0] + 1
        and levels[: turn + 1] == sorted(levels[: turn + 1])
        and levels[turn:] == sorted(levels[turn:], reverse=True)
    )


def text_width(stage: Stage) -> float:
    """The width of the texts above and below a stage."""
    return max(width(stage.label, LABEL, bold=True), min(width(stage.made_by, LABEL - 1), WIDEST_WORDS))


def _room(drawn: Drawn) -> float:
    """The width that a stage and its label need."""
    return max(drawn.right - drawn.x, text_width(drawn.stage) / 2)  # the texts of neighbours are at two heights


def _in_rows(drawn: list[Drawn], sheets: bool) -> Placement:
    """From left to right, in as many rows as it takes; the maps of a row are centred on a line."""
    rows: list[list[Drawn]] = [[]]
    x = start = MARGIN + width(drawn[0].stage.label, LABEL) / 2
    for each in drawn:
        if rows[-1] and x + _room(each) > WIDEST + (OVERHANG if not each.stage.is_map else 0):
            rows.append([])
            x = start
        rows[-1].append(each._replace(x=x, row=len(rows) - 1))
        x += _room(each) + GAP
    result: list[Drawn] = []
    y = MARGIN
    for row in rows:
        tallest = max(each.height + each.slant for each in row)
        for each in row:
            middle = y + HEAD + tallest / 2
            result.append(each._replace(y=middle - (each.height - each.slant) / 2))
        y += HEAD + tallest + FOOT + ROW_GAP
    right = max(max(each.right, each.x + width(each.stage.label, LABEL)) for each in result)
    return Placement(result, sheets, False, right + MARGIN + 20, y - ROW_GAP + MARGIN)


def _levels(figure: Figure) -> list[int]:
    """How often each map is halved, less how often it is doubled; a little more or less is a border."""
    levels = [0]
    for before, after in pairwise(figure.stages):
        ratio = before.sizes[1] / after.sizes[1] if before.is_map and after.is_map else 1
        levels.append(levels[-1] + round(log2(ratio)))
    return levels


def _in_u(drawn: list[Drawn], figure: Figure, sheets: bool) -> Placement:
    """From left to right; each halving of a map is a level further down."""
    levels = _levels(figure)
    tallest = {
        level: max(each.height + each.slant for each, at in zip(drawn, levels) if at == level) for level in set(levels)
    }
    tops: dict[int, float] = {}
    y = MARGIN
    for level in sorted(tallest):
        tops[level] = y
        y += HEAD + tallest[level] + FOOT + RISE
    result: list[Drawn] = []
    x = MARGIN
    for number, (each, level) in enumerate(zip(drawn, levels)):
        middle = tops[level] + HEAD + tallest[level] / 2
        result.append(each._replace(x=x, y=middle - (each.height - each.slant) / 2, row=level))
        same = number + 1 < len(levels) and levels[number + 1] == level
        x += _room(each) + (GAP / 2 if same else 10)
    right = max(max(each.right, each.x + width(each.stage.label, LABEL)) for each in result)
    return Placement(result, sheets, True, right + MARGIN, y - RISE + MARGIN)
