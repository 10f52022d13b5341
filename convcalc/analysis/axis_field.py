"""The receptive field of all units along one axis.

Unclipped boxes are kept in closed form, as tracks. Clipped boxes follow from them by cutting at the image's border in
all but a few cases (rows dropped by a stride and padded afterwards, padding read through a dilation, reflection); only
then they are listed unit by unit.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from math import gcd, lcm

from convcalc.analysis.borders import MAX_UNITS, meets_all, outer_units, stays_regular
from convcalc.analysis.tracks import Box, Boxes, TooIrregular, Track, concentric, hull, hull_of, joined_by_stride
from convcalc.arith.window import MAX_PERIOD, Taps, Window

# The boxes that may be looked at in all; beyond them they are reported as unknown rather than listed.
BOXES = 1 << 20
BOXES_PER_LAYER = 1 << 9


class Work:
    """How many boxes may still be looked at for one input: what bounds the time of irregular networks."""

    __slots__ = ("left",)

    def __init__(self, layers: int) -> None:
        self.left = BOXES + BOXES_PER_LAYER * layers

    def allows(self, units: int, taps: int) -> bool:
        """Whether `units` lists of `taps` boxes are within bounds; takes them off if so."""
        if units > MAX_UNITS or units * taps > self.left:
            return False
        self.left -= units * taps
        return True


class AxisField:
    """The boxes of all `units` along one axis, of an input `extent` positions long.

    `tracks` is empty where the unclipped boxes are not known; `aligned` is then None.

    `listed` holds the clipped boxes where cutting the unclipped ones does not give them; `exact` is False where even
    those are not known. `regular` marks the common case: one track of period 1 and every unit sees some pixel.
    `saturated` marks the other common one: every unit sees the whole image, through a gate or a global pooling.
    `sighted` says of the cut boxes that none is empty: the hull of some of them is then the cut hull, and need not be
    listed.
    """

    __slots__ = (
        "units", "extent", "tracks", "work", "listed", "exact", "regular", "saturated", "sighted", "aligned",
        "_clipped_size",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        extent: int,
        tracks: tuple[Track, ...],
        work: Work,
        *,
        exact: bool = True,
        regular: bool = False,
        aligned: bool | None = True,
    ) -> None:
        self.units = units
        self.extent = extent
        self.tracks = tracks
        self.work = work
        self.listed: Boxes | None = None
        self.exact = exact
        self.regular = regular
        self.saturated = False
        self.sighted = regular
        self.aligned = aligned
        self._clipped_size: int | None = None

    # -- single boxes --------------------------------------------------------------------------------------------

    def unclipped(self, unit: int) -> Box | None:
        """The box of a unit, as if the image and every map went on beyond their borders."""
        box: Box | None = None
        for track in self.tracks:
            box = hull(box, track.at(unit))
        return box

    def clipped(self, unit: int) -> Box | None:
        """The box of the pixels that can change the unit; None when there are none."""
        if self.listed is not None:
            return self.listed[unit]
        return (0, self.extent - 1) if self.saturated else self._cut(self.unclipped(unit))

    def _cut(self, box: Box | None) -> Box | None:
        if box is None:
            return None
        low, high = max(box[0], 0), min(box[1], self.extent - 1)
        return (low, high) if low <= high else None

    # -- figures -------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int | None:
        """The largest unclipped extent over the units; None where it is not known."""
        if not self.tracks:
            return None
        if self.regular:
            low, high = self.tracks[0].boxes[0]  # type: ignore[misc]  # regular: no unit is blind
            return high - low + 1
        period = 1
        for track in self.tracks:
            period = lcm(period, track.period)
        if min(period, self.units) > MAX_PERIOD:
            return None
        units = range(min(period, self.units))
        if len(self.tracks) > 1:
            # Between two ends of a residue class the extent is convex in the unit: the largest is at an end.
            units = [*units, *range(max(self.units - period, 0), self.units)]  # type: ignore[assignment]
        sizes = [box[1] - box[0] + 1 for box in map(self.unclipped, units) if box]
        return max(sizes, default=0)

    @property
    def clipped_size(self) -> int | None:
        """The largest clipped extent over the units; None where it is not known."""
        if self._clipped_size is None and self.exact:
            if self.saturated:
                self._clipped_size = self.extent
            elif self.regular:
                self._clipped_size = self._regular_clipped_size()
            elif self.units <= MAX_UNITS:
                self._clipped_size = self._largest_clipped_size()
        return self._clipped_size

    def _largest_clipped_size(self) -> int:
        """The widest cut box, looked for from the middle on, where it is most often met at once."""
        size = self.size if self.listed is None else None
        most = self.extent if size is None else min(size, self.extent)
        middle, largest = self.units // 2, 0
        for unit in chain(range(middle, self.units), range(middle)):
            box = self.clipped(unit)
            largest = max(largest, box[1] - box[0] + 1) if box else largest
            if largest >= most:
                break
        return largest

    def _regular_clipped_size(self) -> int:
        """The widest cut box of a regular field, whose extent is concave in the unit."""
        track = self.tracks[0]
        (low, high), shift = track.boxes[0], track.shift  # type: ignore[misc]  # regular: no unit is blind
        if shift == 0:
            return min(high, self.extent - 1) - max(low, 0) + 1
        uncut = max(0, -(low // shift))  # the first unit that is not cut on the left
        if uncut < self.units and high + uncut * shift < self.extent:
            return high - low + 1
        to_the_end = max(0, -((high - self.extent + 1) // shift))  # the first that reaches the right border
        if to_the_end <= min(self.units - 1, -low // shift):
            return self.extent
        candidates = {0, self.units - 1, min(uncut, self.units - 1), min(to_the_end, self.units - 1)}
        candidates |= {max(unit - 1, 0) for unit in candidates}
        return max(box[1] - box[0] + 1 for box in map(self.clipped, candidates) if box)

    @property
    def local(self) -> list[Track]:
        """The tracks that move with the unit; the others are of parts that every unit sees."""
        return [track for track in self.tracks if track.shift]

    @property
    def stride(self) -> tuple[int, int] | None:
        """Input positions between neighbouring units, numerator and denominator; None where there is no one stride."""
        local = self.tracks if self.regular else self.local
        if len(local) != 1 or not local[0].shift:
            return None
        shift, period = local[0].shift, local[0].period
        common = gcd(shift, period)
        return shift // common, period // common

    @property
    def padding(self) -> int | None:
        """How far the first unit's box starts before the first pixel."""
        box = self.unclipped(0)
        return None if box is None or not self.local else -box[0]

    @property
    def uniform(self) -> bool:
        """Whether all units see the same box."""
        same = all(track.period == 1 and not track.shift for track in self.tracks)
        return bool(self.tracks) and self.exact and same and (self.listed is None or len(set(self.listed)) == 1)

    # -- moving --------------------------------------------------------------------------------------------------

    def through(self, window: Window, units: int) -> AxisField:
        """The field of `units` that read this axis through a window. Raises TooIrregular."""
        if self.regular and stays_regular(self, window, units):
            track = self.tracks[0].through(window)
            return AxisField(units, self.extent, (track,), self.work, regular=True, aligned=self.aligned)
        if not window.period:
            raise TooIrregular
        tracks = self._tracks_through(window, units)
        aligned = self.aligned if tracks else None
        result = AxisField(units, self.extent, tracks, self.work, exact=self.exact, aligned=aligned)
        if self.saturated and tracks and meets_all(window, units, self.units):
            result.saturated = result.sighted = True
        elif tracks and self.sighted and self._cuts_well(window, result):
            result._settle()
        elif window.shift == 0 and window.period == 1:
            result._keep(1, self._taps(window), lambda unit: self._read(window, unit), copies=units)
        else:
            result._keep(units, self._taps(window), lambda unit: self._read(window, unit))
        return result

    def _tracks_through(self, window: Window, units: int) -> tuple[Track, ...]:
        """Unclipped boxes through a window: in closed form, else unit by unit, else none."""
        if any(track.finite for track in self.tracks) and self._overhangs(window, units):
            return ()  # a listed map does not go on beyond its border in any one way
        try:
            return joined_by_stride([self._through(track, window) for track in self.tracks])
        except TooIrregular:
            return self._listed(units, window.longest, lambda unit: self._hull_over(window.at(unit)))

    def _hull_over(self, taps: Taps | None) -> Box | None:
        return taps and hull_of([self.unclipped(tap) for tap in range(taps[0], taps[1] + 1, taps[2])])

    def _listed(self, units: int, taps: int, box: Callable[[int], Box | None]) -> tuple[Track, ...]:
        """A track of listed boxes; none where there are none to list, or too many."""
        if not self.tracks or units > MAX_PERIOD or not self.work.allows(units, taps):
            return ()
        return (Track(units, 0, tuple(map(box, range(units))), finite=True),)

    def _through(self, track: Track, window: Window) -> Track:
        if track.period > 1 or window.period > 1:
            # A period of the result is at most the product of both, and each box the hull of a period of boxes.
            if not self.work.allows(track.period * window.period, min(window.longest, track.period)):
                raise TooIrregular
        return track.through(window)

    def _taps(self, window: Window) -> int:
        """The most taps of a window that have to be looked at one by one."""
        return 1 if self.regular else min(window.longest, self.units)

    def _overhangs(self, window: Window, units: int) -> bool:
        first, last = window.at(0), window.at(units - 1)
        return first is None or last is None or first[0] < 0 or last[1] >= self.units

    def _read(self, window: Window, unit: int) -> Box | None:
        taps = window.inside(unit, self.units)
        if taps is None:
            return None
        first, last, step = taps
        if self.listed is not None:
            return hull_of(self.listed[first : last + 1 : step])
        if self.regular:
            low, high = self.clipped(first), self.clipped(last)
            assert low is not None  # regular: no unit is blind
            assert high is not None
            return low[0], high[1]
        return hull_of([self.clipped(tap) for tap in range(first, last + 1, step)])

    def _cuts_well(self, window: Window, result: AxisField) -> bool:
        """Whether cutting the boxes of the result gives what the real taps of a sighted field see, for every unit.

        Where no tap lies outside the map it does; the other units are looked at.
        """
        outer = outer_units(window, result.units, self.units)
        if outer is None:
            return False
        count = sum(units.stop - units.start for units in outer)  # len() stops at what fits into a machine's word
        if not self.work.allows(count, self._taps(window)):
            return False
        for unit in chain(*outer):
            found = self._read(window, unit)
            if found is None or found != result.clipped(unit):
                return False
        return True

    def _settle(self) -> None:
        """Take the cut boxes, none of which is empty."""
        self.sighted = True
        if any(self._covers(track) for track in self.tracks):
            self.saturated = True
        elif len(self.tracks) == 1 and self.tracks[0].period == 1:
            self.regular = True

    def _keep(self, units: int, taps: int, box: Callable[[int], Box | None], copies: int = 1) -> None:
        """Take the clipped boxes that `box` gives, and drop them again where cutting the tracks says the same.

        Beyond the bounds of the work they stay unknown.
        """
        if not self.exact or not self.work.allows(units * copies, taps):
            self.exact = False
            return
        listed = [box(unit) for unit in range(units)] * copies
        if any(found != self._cut(self.unclipped(unit)) for unit, found in enumerate(listed)):
            self.listed = listed
        elif None not in listed:
            self._settle()

    def _covers(self, track: Track) -> bool:
        """Whether every unit sees the whole image by this track alone."""
        box = track.boxes[0] if track.period == 1 and not track.shift else None
        return box is not None and box[0] <= 0 and box[1] >= self.extent - 1

    def whole(self) -> AxisField:
        """One unit that sees what all of these see."""
        boxes = [track.over(0, self.units - 1, 1) for track in self.tracks]
        tracks = (Track(1, 0, (hull_of(boxes),)),) if boxes else ()
        result = AxisField(1, self.extent, tracks, self.work, exact=self.exact, aligned=self.aligned)
        if self.regular:
            result._keep(1, 1, lambda _: hull(self.clipped(0), self.clipped(self.units - 1)))
        else:
            result._keep(1, self.units, lambda _: hull_of([self.clipped(unit) for unit in range(self.units)]))
        return result

    def placed(self, start: int, units: int) -> AxisField:
        """These units as positions start, start + 1, … of a longer axis whose other units see nothing of it."""
        if units > MAX_PERIOD:
            raise TooIrregular
        boxes: Boxes = [None] * units
        listed: Boxes = [None] * units
        for unit in range(self.units):
            boxes[start + unit] = self.unclipped(unit)
            listed[start + unit] = self.clipped(unit)
        tracks = (Track(units, 0, tuple(boxes), finite=True),) if self.tracks else ()
        result = AxisField(units, self.extent, tracks, self.work, exact=self.exact, aligned=self.aligned)
        result._keep(units, 1, listed.__getitem__)
        return result

    def joined(self, other: AxisField) -> AxisField:
        """The hull with another branch's field, unit by unit."""
        if self is other:
            return self
        tracks = self._tracks_joined(other)
        aligned = self._aligned_with(other) if tracks else None
        if self.regular and other.regular and len(tracks) == 1 and tracks[0].period == 1:
            return AxisField(self.units, self.extent, tracks, self.work, regular=True, aligned=aligned)
        exact = self.exact and other.exact
        result = AxisField(self.units, self.extent, tracks, self.work, exact=exact, aligned=aligned)
        if tracks and (self.saturated or other.saturated):
            result.saturated = result.sighted = result.exact = True
            return result
        if tracks and self.sighted and other.sighted:
            result._settle()
            return result
        result._keep(self.units, 1, lambda unit: hull(self.clipped(unit), other.clipped(unit)))
        return result

    def _tracks_joined(self, other: AxisField) -> tuple[Track, ...]:
        if not self.tracks or not other.tracks:
            return ()
        try:
            return joined_by_stride([*self.tracks, *other.tracks])
        except TooIrregular:
            return self._listed(self.units, 1, lambda unit: hull(self.unclipped(unit), other.unclipped(unit)))

    def _aligned_with(self, other: AxisField) -> bool:
        """Whether both are aligned, and have the same strides and centres."""
        if not self.aligned or not other.aligned:
            return False
        if any(track.finite for track in (*self.tracks, *other.tracks)):
            pairs = [(self.unclipped(unit), other.unclipped(unit)) for unit in range(self.units)]
            return all(sum(mine) == sum(theirs) for mine, theirs in pairs if mine and theirs)
        return concentric(self.local, other.local)


def of_input(extent: int, work: Work) -> AxisField:
    """The field of the input itself: every position sees itself."""
    return AxisField(extent, extent, (Track(1, 1, ((0, 0),)),), work, regular=True)
