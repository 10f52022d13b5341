"""The branches of a network beside its table, one line a layer: as `git log --graph` draws the history of commits.

A lane is a tensor that a later layer reads. The first of its readers goes on in this lane. For the others the tensor is
kept in another lane, on the right, until the last of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from convcalc.render.sheet import Head, Sheet
from convcalc.report.columns import Line

MOST_LANES = 16  # more are not told apart


class Glyphs(NamedTuple):
    """The characters: a layer, a lane, a line, and the ends and crossings of a line at a lane."""

    layer: str = "●"
    lane: str = "│"
    line: str = "─"
    right_end: dict[str, str] = {"up": "╯", "down": "╮", "both": "┤"}  # noqa: RUF012 - never changed
    left_end: dict[str, str] = {"up": "╰", "down": "╭", "both": "├"}  # noqa: RUF012
    middle: dict[str, str] = {"up": "┴", "down": "┬", "both": "┼"}  # noqa: RUF012
    more: str = "…"


PLAIN = Glyphs("*", "|", "-", *({"up": "'", "down": ".", "both": "+"},) * 3, more="~")


def glyphs_for(encoding: str) -> Glyphs:
    """The glyphs that an encoding has."""
    try:
        "●│─╯╮┤╰╭├┴┬┼…".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return Glyphs()


def lanes(lines: Sequence[Line], glyphs: Glyphs) -> list[str]:
    """The lanes beside each line; the lines are all layers of a network, in order. Its inputs have no lane."""
    owner = {row.name: number for number, line in enumerate(lines) for row in line.rows}
    reads = [list(dict.fromkeys(owner[name] for name in line.inputs if name in owner)) for line in lines]
    readers: list[list[int]] = [[] for _ in lines]
    for number, sources in enumerate(reads):
        for source in sources:
            readers[source].append(number)
    drawn = _Lanes(glyphs)
    return [drawn.line(number, sources, readers[number]) for number, sources in enumerate(reads)]


def with_lanes(sheet: Sheet, lines: Sequence[Line], glyphs: Glyphs) -> Sheet:
    """A sheet with one row for each line, and the lanes before them."""
    rows = [[beside, *row] for beside, row in zip(lanes(lines, glyphs), sheet.rows, strict=True)]
    total = sheet.total if sheet.total is None else ["", *sheet.total]
    return sheet._replace(heads=[Head("", importance=99), *sheet.heads], rows=rows, total=total)


class _Lane(NamedTuple):
    """A line of the table whose output is kept, and the lines that still read it here, in order."""

    source: int
    readers: tuple[int, ...]


class _Lanes:
    """The lanes in use, from left to right; None where one is free."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.lanes: list[_Lane | None] = []

    def line(self, number: int, sources: Sequence[int], readers: Sequence[int]) -> str:
        """The text beside the next line, which reads the lines `sources` and is read by `readers`."""
        before = [lane is not None for lane in self.lanes]
        joined = self._take(number, sources)
        ended = [place for place in joined if self.lanes[place] is None]
        place = ended[0] if ended else self._free(0, before)
        first, others = tuple(readers[:1]), tuple(readers[1:])
        if first:
            self.lanes[place] = _Lane(number, first)
        if others:
            kept = self._free(place + 1, before)
            self.lanes[kept] = _Lane(number, others)
            joined.append(kept)
        text = self._text(place, joined, before)
        while self.lanes and self.lanes[-1] is None:
            self.lanes.pop()
        return text

    def _take(self, number: int, sources: Sequence[int]) -> list[int]:
        """The lanes that a line reads; one without further readers becomes free."""
        joined: list[int] = []
        for place, lane in enumerate(self.lanes):
            if lane is not None and lane.source in sources and number in lane.readers:
                left = tuple(reader for reader in lane.readers if reader != number)
                self.lanes[place] = lane._replace(readers=left) if left else None
                joined.append(place)
        return joined

    def _free(self, first: int, before: Sequence[bool]) -> int:
        """The first lane from `first` that is free, and was free before this line."""
        for place in range(first, len(self.lanes)):
            if self.lanes[place] is None and not (place < len(before) and before[place]):
                return place
        self.lanes.append(None)
        return len(self.lanes) - 1

    def _text(self, place: int, joined: Sequence[int], before: Sequence[bool]) -> str:
        """The layer in its lane, and a line from it to the lanes that it reads or opens."""
        left, right = min([place, *joined]), max([place, *joined])
        text = ""
        for lane in range(min(len(self.lanes), MOST_LANES)):
            up, down = lane < len(before) and before[lane], self.lanes[lane] is not None
            if lane:
                text += self.glyphs.line if left < lane <= right else " "
            if lane == place:
                text += self.glyphs.layer
            elif lane in joined:
                ends = self.glyphs.left_end if lane == left else self.glyphs.right_end
                ends = ends if lane in (left, right) else self.glyphs.middle
                text += ends["both" if up and down else "up" if up else "down"]
            elif up and down:
                text += self.glyphs.lane  # a lane that the line passes is not joined with it
            else:
                text += self.glyphs.line if left < lane < right else " "
        return text.rstrip() + (self.glyphs.more if len(self.lanes) > MOST_LANES else "")
