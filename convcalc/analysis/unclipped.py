"""The boxes of all units along one axis, as if the image and every map continued beyond their borders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd, lcm

from convcalc.analysis.tracks import Box, Boxes, TooIrregular, Track, concentric, hull, hull_of, joined_by_stride
from convcalc.arith.window import MAX_PERIOD, MAX_UNITS, Taps, Window

# How many boxes may be looked at for one input; where more would be needed, they are reported as unknown.
BOXES = 1 << 20
BOXES_PER_LAYER = 1 << 9


class Work:
    """How many boxes may still be looked at for one input: this bounds the time that irregular networks take.

    It is `exhausted` when it did not allow more.
    """

    __slots__ = ("exhausted", "left")

    def __init__(self, layers: int) -> None:
        self.left = BOXES + BOXES_PER_LAYER * layers
        self.exhausted = False

    def allows(self, units: int, taps: int) -> bool:
        """Whether `units` lists of `taps` boxes are within bounds; if so, they are taken off."""
        if units > MAX_UNITS:
            return False
        if units * taps > self.left:
            self.exhausted = True
            return False
        self.left -= units * taps
        return True


class Unclipped:
    """The boxes of `units`: at each unit the hull of those of all `tracks`. Without tracks they are not known.

    `aligned` says whether all paths to a unit agree in stride and centre; None where that is not known.
    """

    __slots__ = ("units", "tracks", "aligned", "work")

    def __init__(self, units: int, tracks: tuple[Track, ...], aligned: bool | None, work: Work) -> None:
        self.units = units
        self.tracks = tracks
        self.aligned = aligned if tracks else None
        self.work = work

    def at(self, unit: int) -> Box | None:
        box: Box | None = None
        for track in self.tracks:
            box = hull(box, track.at(unit))
        return box

    def listed(self) -> Boxes:
        """The boxes of all units, in order."""
        if not self.tracks:
            return [None] * self.units
        first, *others = [track.listed(self.units) for track in self.tracks]
        for boxes in others:
            first = list(map(hull, first, boxes))
        return first

    def over(self, taps: Taps) -> Box | None:
        """The hull of the boxes of some units."""
        box: Box | None = None
        for track in self.tracks:
            box = hull(box, track.over(*taps))
        return box

    # -- figures -------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int | None:
        """The largest extent of a box; None where it is not known."""
        if not self.tracks:
            return None
        period = lcm(*(track.period for track in self.tracks))
        if min(period, self.units) > MAX_PERIOD:
            return None
        count = min(period, self.units)
        if len(self.tracks) == 1:
            boxes = self.tracks[0].listed(count)
        else:
            # Between two ends of a residue class the extent is convex in the unit: the largest is at an end.
            boxes = list(map(self.at, {*range(count), *range(self.units - count, self.units)}))
        return max([box[1] - box[0] + 1 for box in boxes if box], default=0)

    @property
    def local(self) -> list[Track]:
        """The tracks that move with the unit; the others belong to parts that every unit sees."""
        return [track for track in self.tracks if track.shift]

    @property
    def stride(self) -> tuple[int, int] | None:
        """Input positions between neighbouring units, numerator and denominator; None where that varies."""
        local = self.local
        if len(local) != 1:
            return None
        shift, period = local[0].shift, local[0].period
        common = gcd(shift, period)
        return shift // common, period // common

    @property
    def padding(self) -> int | None:
        """How far the first unit's box starts before the first pixel."""
        box = self.at(0)
        return None if box is None or not self.local else -box[0]

    @property
    def uniform(self) -> bool:
        """Whether all units have the same box."""
        if self.units == 1:
            return True
        return bool(self.tracks) and all(track.period == 1 and not track.shift for track in self.tracks)

    # -- moving --------------------------------------------------------------------------------------------------

    def through(self, window: Window, units: int) -> Unclipped:
        """The boxes of `units` that read these through a window."""
        return Unclipped(units, self._tracks_through(window, units), self.aligned, self.work)

    def _tracks_through(self, window: Window, units: int) -> tuple[Track, ...]:
        """In closed form, else unit by unit, else none."""
        if any(track.finite for track in self.tracks) and self._overhangs(window, units):
            return ()  # a listed map has no continuation beyond its border
        try:
            return joined_by_stride([self._track_through(track, window) for track in self.tracks])
        except TooIrregular:
            return self._listed(units, window.longest, lambda unit: self._through_at(window, unit))

    def _track_through(self, track: Track, window: Window) -> Track:
        if track.period > 1 or window.period > 1:
            # Each box of a period of the result is the hull of at most a period of boxes.
            if not self.work.allows(track.period_through(window), min(window.longest, track.period)):
                raise TooIrregular
        return track.through(window)

    def _through_at(self, window: Window, unit: int) -> Box | None:
        taps = window.at(unit)
        return taps and hull_of([self.at(tap) for tap in range(taps[0], taps[1] + 1, taps[2])])

    def _overhangs(self, window: Window, units: int) -> bool:
        first, last = window.at(0), window.at(units - 1)
        return first is None or last is None or first[0] < 0 or last[1] >= self.units

    def _listed(self, units: int, taps: int, box: Callable[[int], Box | None]) -> tuple[Track, ...]:
        """A track of listed boxes; none where there are none to list, or too many."""
        if not self.tracks or units > MAX_PERIOD or not self.work.allows(units, taps):
            return ()
        return (Track(units, 0, tuple(map(box, range(units))), finite=True),)

    def whole(self) -> Unclipped:
        """One unit whose box is the hull of all."""
        box = hull_of([track.over(0, self.units - 1, 1) for track in self.tracks])
        return Unclipped(1, (Track(1, 0, (box,)),) if self.tracks else (), self.aligned, self.work)

    def arranged(self, units: Sequence[int | None]) -> Unclipped:
        """The boxes of these units in this order; None is a unit that sees nothing."""
        boxes = tuple([None if unit is None else self.at(unit) for unit in units])
        tracks = (Track(len(boxes), 0, boxes, finite=True),) if self.tracks else ()
        return Unclipped(len(boxes), tracks, self.aligned, self.work)

    def joined(self, other: Unclipped) -> Unclipped:
        """The hull with the boxes of another branch, unit by unit."""
        tracks = self._tracks_joined(other)
        return Unclipped(self.units, tracks, self._aligned_with(other) if tracks else None, self.work)

    def _tracks_joined(self, other: Unclipped) -> tuple[Track, ...]:
        if not self.tracks or not other.tracks:
            return ()
        try:
            return joined_by_stride([*self.tracks, *other.tracks])
        except TooIrregular:
            return self._listed(self.units, 1, lambda unit: hull(self.at(unit), other.at(unit)))

    def _aligned_with(self, other: Unclipped) -> bool:
        """Whether both are aligned, and have the same strides and centres."""
        if not self.aligned or not other.aligned:
            return False
        if any(track.finite for track in (*self.tracks, *other.tracks)):
            pairs = [(self.at(unit), other.at(unit)) for unit in range(self.units)]
            return all(sum(mine) == sum(theirs) for mine, theirs in pairs if mine and theirs)
        return concentric(self.local, other.local)
