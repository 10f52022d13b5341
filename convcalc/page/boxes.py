"""What each unit of a layer sees of an input, in few numbers: boxes that move by equal steps are one run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.receptive_field import Field
from convcalc.analysis.tracks import Box
from convcalc.arith.shape import POSITIONS
from convcalc.page.pool import Pool
from convcalc.report.report import Report
from convcalc.report.rows import Row

MOST_UNITS = 1024  # along one axis; of a longer axis every second unit is listed, or every third, and so on


class Fields:
    """The fields of the layers of a report. `axes` has each axis once, as values for the script."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.axes = Pool()
        self._known: dict[Any, int] = {}

    def of(self, row: Row) -> list[list[Any]]:
        """For each input that a layer sees: its number, the words for its positions, and the numbers of its axes."""
        found = []
        for number, fields in enumerate(self.report.analysis.fields.values()):
            field = fields[row.index]
            axes = None if field is None else _known_axes(field)
            if axes:
                found.append([number, words(len(axes)), [self._axis(axis) for axis in axes]])
        return found

    def _axis(self, axis: AxisField) -> int:
        tracks = tuple([(track.period, track.shift, track.boxes) for track in axis.tracks])
        # Boxes that are not cut as usual belong to this object alone.
        key = (axis.units, axis.extent, type(axis), tracks, getattr(axis, "seen", None) and id(axis))
        if key not in self._known:
            self._known[key] = self.axes.number(_axis(axis))
        return self._known[key]


def words(rank: int) -> list[str]:
    """The words for the positions along each axis.

    >>> words(2), words(4)
    (['rows', 'columns'], ['axis 1', 'axis 2', 'axis 3', 'axis 4'])
    """
    if rank not in POSITIONS:
        return [f"axis {axis}" for axis in range(1, rank + 1)]
    return [f"{word}s" for word in POSITIONS[rank]]


def _known_axes(field: Field) -> list[AxisField]:
    """The axes of a field; none where the boxes along one of them are not known."""
    known = [axis for axis in field.axes if axis is not None and axis.exact]
    return known if len(known) == len(field.axes) else []


def _axis(axis: AxisField) -> list[Any]:
    """Units, pixels, the step from one listed unit to the next, and their boxes.

    The boxes are those inside the image, then those not cut at its border: None where these are the same, or unknown.
    """
    step = -(-axis.units // MOST_UNITS)
    listed = range(0, axis.units, step)
    clipped = runs(axis.clipped(unit) for unit in listed)
    unclipped = runs(axis.unclipped(unit) for unit in listed) if axis.tracks else None
    return [axis.units, axis.extent, step, clipped, None if unclipped == clipped else unclipped]


def runs(boxes: Iterable[Box | None]) -> list[list[int]]:
    """Boxes as runs: how many, the first box, and the steps of its two ends; only a number where there is no box.

    >>> runs([(0, 1), (0, 2), (1, 3), (2, 4), None])
    [[2, 0, 1, 0, 1], [2, 1, 3, 1, 1], [1]]
    """
    found: list[list[int]] = []
    for box in boxes:
        last = found[-1] if found else None
        if last is None or not _continues(last, box):
            found.append([1] if box is None else [1, *box, 0, 0])
    return found


def _continues(run: list[int], box: Box | None) -> bool:
    """Add a box to a run, if it is the next one."""
    if box is None or len(run) == 1:
        if box is not None or len(run) > 1:
            return False
    else:
        count, low, high, low_step, high_step = run
        if count == 1:
            run[3:] = box[0] - low, box[1] - high
        elif box != (low + count * low_step, high + count * high_step):
            return False
    run[0] += 1
    return True
