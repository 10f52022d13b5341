"""What a plot shows, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from convcalc.drawing.scatter.scale import Number, Scale


class Axis(NamedTuple):
    """An axis and its title."""

    title: str
    scale: Scale


class Mark(NamedTuple):
    """A point on the front. `label` is the short text beside it, if there is room; `hint` says everything.

    `level` is its value of the third figure, if there is one.
    """

    x: Number
    y: Number
    label: str
    hint: str
    level: Number | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """Two figures against each other: `dots` are all points, `marks` those on the front, in its order.

    With `stepped` the marks are joined by the border of what is reached. The third figure `level` is a colour of the
    marks. `legend` says what the marks are; each of the `notes` is a line below. `count` is the number of networks that
    the dots are of: some may have the same place.
    """

    title: str
    subtitle: str
    x: Axis
    y: Axis
    dots: Sequence[tuple[Number, Number]]
    marks: Sequence[Mark]
    legend: str
    level: Axis | None = None
    stepped: bool = False
    count: int = 0
    label: str = ""
    notes: Sequence[str] = ()
