"""Puts the axes of a plot in their places, with ticks that do not touch each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from convcalc.drawing.measure import width
from convcalc.drawing.scatter.figure import Plot
from convcalc.drawing.scatter.labels import Box
from convcalc.drawing.scatter.scale import Number, Scale, tick_texts

WIDTH = 760.0
MARGIN = 16.0
TEXT = 12.0  # the size of the texts
TITLE = 15.0
TOP, HIGH = 84.0, 320.0  # of the frame
TICK_GAP = 8.0  # between a tick's text and the axis
APART = 12.0  # the least distance between the texts of ticks
X_TICKS, Y_TICKS, LEVEL_TICKS = 9, 8, 5
KEY_WIDE = 12.0
KEY_HIGH = 0.6  # of the height of the frame
KEY_TITLE_WIDEST = 150.0


class Tick(NamedTuple):
    """The text of a tick, and how far along the axis it is, from 0 to 1."""

    text: str
    at: float


class Layout(NamedTuple):
    """The frame of the points, the ticks of each axis, and the key of the third figure where there is one."""

    frame: Box
    x: list[Tick]
    y: list[Tick]
    level: list[Tick]
    key: Box | None

    def x_of(self, place: float) -> float:
        """The coordinate of a place along the x axis."""
        return self.frame.left + place * (self.frame.right - self.frame.left)

    def y_of(self, place: float) -> float:
        """The coordinate of a place along the y axis, which goes up."""
        return self.frame.bottom - place * (self.frame.bottom - self.frame.top)


def laid_out(plot: Plot) -> Layout:
    """The layout of a plot."""
    y = _ticks(plot.y.scale, Y_TICKS)
    left = MARGIN + max((width(tick.text, TEXT) for tick in y), default=0) + TICK_GAP
    right, bottom = WIDTH - MARGIN, TOP + HIGH
    level: list[Tick] = []
    key = None
    if plot.level is not None:
        level = _ticks(plot.level.scale, LEVEL_TICKS)
        texts = max((width(tick.text, TEXT) for tick in level), default=0)
        key_left = (
            WIDTH - MARGIN - max(KEY_WIDE + TICK_GAP + texts, min(width(plot.level.title, TEXT) + 1, KEY_TITLE_WIDEST))
        )
        key = Box(key_left, TOP, key_left + KEY_WIDE, TOP + HIGH * KEY_HIGH)
        right = key_left - MARGIN
    frame = Box(left, TOP, right, bottom)
    return Layout(frame, _apart(plot.x.scale, frame), y, level, key)


def _ticks(scale: Scale, most: int) -> list[Tick]:
    ticks: list[Number] = scale.ticks(most)
    texts = tick_texts(ticks, scale.is_log)
    return [Tick(text, scale.at(tick)) for text, tick in zip(texts, ticks)]


def _apart(scale: Scale, frame: Box) -> list[Tick]:
    """The ticks of the x axis: as many as have room for their texts."""
    for most in range(X_TICKS, 1, -1):
        ticks = _ticks(scale, most)
        if not _touch(ticks, frame):
            return ticks
    return list(_first_with_room(_ticks(scale, 1), frame))


def _touch(ticks: list[Tick], frame: Box) -> bool:
    return len(list(_first_with_room(ticks, frame))) < len(ticks)


def _first_with_room(ticks: list[Tick], frame: Box) -> Iterator[Tick]:
    """The ticks whose texts touch neither one before, nor those of the y axis, nor the border of the picture."""
    end = frame.left - TICK_GAP / 2
    for tick in ticks:
        middle, half = frame.left + tick.at * (frame.right - frame.left), width(tick.text, TEXT) / 2
        if middle - half >= end and middle + half <= frame.right + MARGIN:
            yield tick
            end = middle + half + APART
