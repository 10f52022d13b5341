"""What the units along one axis see of an image: their boxes, unclipped and clipped at its border.

The unclipped boxes have a closed form. Nearly always, cutting them at the border gives the clipped ones: the field is
`Regular`, `Saturated`, `Sighted` or `Cut`. The exceptions are `Listed` unit by unit: rows that a stride drops and
padding replaces, padding read through a dilation, reflection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import ClassVar

from convcalc.analysis.tracks import Box, Boxes, TooIrregular, Track, cut_box, hull, hull_of
from convcalc.analysis.unclipped import Unclipped, Work
from convcalc.arith.window import MAX_PERIOD, MAX_UNITS, ZERO, Taps, Window


class AxisField:
    """What all `units` along one axis see of `extent` pixels; `boxes` are unclipped.

    The clipped boxes are not known if `exact` is False. If `sighted`, each unit sees at least one pixel: then the hull
    of clipped boxes is the hull of the unclipped ones, cut.
    """

    __slots__ = ("boxes", "units", "extent", "_clipped_size")

    exact: ClassVar[bool] = True
    sighted: ClassVar[bool] = False

    def __init__(self, boxes: Unclipped, extent: int) -> None:
        self.boxes = boxes
        self.units = boxes.units
        self.extent = extent
        self._clipped_size: int | None = None

    # -- what each kind of field answers ------------------------------------------------------------------------

    def clipped(self, unit: int) -> Box | None:
        """The box of the pixels that can change the unit; None when there are none."""
        return self._cut(self.boxes.at(unit))

    def all_clipped(self) -> Boxes:
        """The clipped boxes of all units, in order."""
        extent, last = self.extent, self.extent - 1
        boxes = self.boxes.listed()
        return [box if not box or 0 <= box[0] <= box[1] <= last else cut_box(box, extent) for box in boxes]

    def seen_by(self, taps: Taps) -> Box | None:
        """The hull of the clipped boxes of some units."""
        return hull_of([self.clipped(tap) for tap in range(taps[0], taps[1] + 1, taps[2])])

    def _lookups(self, taps: int) -> int:
        """How many boxes `seen_by` looks at for as many taps."""
        return min(taps, self.units)

    def _largest(self) -> int | None:
        """The widest clipped box. The search starts in the middle, where it most often is."""
        if self.units > MAX_UNITS:
            return None
        middle, largest, most = self.units // 2, 0, self._most()
        for unit in chain(range(middle, self.units), range(middle)):
            box = self.clipped(unit)
            largest = max(largest, box[1] - box[0] + 1) if box else largest
            if largest >= most:
                break
        return largest

    def _most(self) -> int:
        """A bound: no clipped box is wider."""
        return min(self.boxes.size or self.extent, self.extent)

    # -- figures -------------------------------------------------------------------------------------------------

    def unclipped(self, unit: int) -> Box | None:
        """The box of a unit, as if the image and every map went on beyond their borders."""
        return self.boxes.at(unit)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The unclipped boxes in closed form; empty if they are not known."""
        return self.boxes.tracks

    @property
    def local(self) -> list[Track]:
        return self.boxes.local

    @property
    def aligned(self) -> bool | None:
        return self.boxes.aligned

    @property
    def size(self) -> int | None:
        return self.boxes.size

    @property
    def stride(self) -> tuple[int, int] | None:
        return self.boxes.stride

    @property
    def padding(self) -> int | None:
        return self.boxes.padding

    @property
    def clipped_size(self) -> int | None:
        """The largest clipped extent over the units; None where it is not known."""
        if self._clipped_size is None and self.exact:
            self._clipped_size = self._largest()
        return self._clipped_size

    @property
    def uniform(self) -> bool:
        """Whether all units see the same box."""
        return self.boxes.uniform and self.exact

    # -- moving --------------------------------------------------------------------------------------------------

    def through(self, window: Window, units: int) -> AxisField:
        """The field of `units` that read this axis through a window. Raises TooIrregular."""
        if not window.period:
            raise TooIrregular
        boxes = self.boxes.through(window, units)
        if not self.exact:
            return Irregular(boxes, self.extent)
        if self._stays_cut(window, boxes):
            return cut(boxes, self.extent)
        distinct = 1 if window.shift == 0 and window.period == 1 else units
        return by_unit(
            boxes,
            self.extent,
            self._lookups(window.longest),
            lambda: [self._read(window, unit) for unit in range(distinct)],
            distinct,
        )

    def _read(self, window: Window, unit: int) -> Box | None:
        copies = window.copies(unit, self.units) if window.border != ZERO else None
        if copies is not None:
            return hull_of([self.clipped(cell) for cell in copies])
        taps = window.inside(unit, self.units)
        return None if taps is None else self.seen_by(taps)

    def _stays_cut(self, window: Window, boxes: Unclipped) -> bool:
        """Whether cutting `boxes` gives what every unit sees through the real taps of a window.

        It does for a unit without taps outside the map, if all units are sighted; the other units are compared.
        """
        outer = window.outer_units(boxes.units, self.units) if boxes.tracks and self.sighted else None
        if outer is None:
            return False
        count = sum(units.stop - units.start for units in outer)  # len() stops at what fits into a machine's word
        if not boxes.work.allows(count, self._lookups(window.longest)):
            return False
        for unit in chain(*outer):
            seen = self._read(window, unit)
            if seen is None or seen != self._cut(boxes.at(unit)):
                return False
        return True

    def _cut(self, box: Box | None) -> Box | None:
        return cut_box(box, self.extent)

    def whole(self) -> AxisField:
        """One unit that sees what all of these see."""
        boxes = self.boxes.whole()
        if not self.exact:
            return Irregular(boxes, self.extent)
        every = (0, self.units - 1, 1)
        return by_unit(boxes, self.extent, self._lookups(self.units), lambda: [self.seen_by(every)], 1)

    def listed(self, units: Sequence[int | None]) -> AxisField:
        """The field of these units in this order; None is a unit that sees nothing."""
        boxes = self.boxes.arranged(units)
        if not self.exact:
            return Irregular(boxes, self.extent)
        seen = [None if unit is None else self.clipped(unit) for unit in units]
        return by_unit(boxes, self.extent, 1, lambda: seen, len(seen))

    def placed(self, start: int, units: int) -> AxisField:
        """These units as positions start, start + 1, … of a longer axis whose other units see nothing of it."""
        if units > MAX_PERIOD:
            raise TooIrregular
        after = units - start - self.units
        return self.listed([*[None] * start, *range(self.units), *[None] * after])

    def joined(self, other: AxisField) -> AxisField:
        """The hull with another branch's field, unit by unit."""
        if self is other:
            return self
        boxes = self.boxes.joined(other.boxes)
        if boxes.tracks and (isinstance(self, Saturated) or isinstance(other, Saturated)):
            return Saturated(boxes, self.extent)
        if boxes.tracks and self.sighted and other.sighted:
            return cut(boxes, self.extent)
        if not (self.exact and other.exact):
            return Irregular(boxes, self.extent)
        seen = lambda: list(map(hull, self.all_clipped(), other.all_clipped()))  # noqa: E731
        return by_unit(boxes, self.extent, 1, seen, self.units)


class Cut(AxisField):
    """Each unit sees its box, cut at the border; some may see nothing."""

    __slots__ = ()


class Sighted(AxisField):
    """Each unit sees its box, cut at the border, and at least one pixel."""

    __slots__ = ()

    sighted = True

    def seen_by(self, taps: Taps) -> Box | None:
        return self._cut(self.boxes.over(taps))

    def _lookups(self, taps: int) -> int:
        return min(taps, max(track.period for track in self.boxes.tracks))


class Regular(Sighted):
    """The common case: one box, which moves by the same distance from unit to unit and never leaves the image."""

    __slots__ = ()

    @property
    def _box(self) -> Box:
        box = self.boxes.tracks[0].boxes[0]
        assert box is not None  # each unit sees some pixel
        return box

    @property
    def size(self) -> int | None:
        low, high = self._box
        return high - low + 1

    @property
    def stride(self) -> tuple[int, int] | None:
        shift = self.boxes.tracks[0].shift
        return (shift, 1) if shift else None

    def through(self, window: Window, units: int) -> AxisField:
        if not self._stays_regular(window, units):
            return super().through(window, units)
        boxes = self.boxes
        return Regular(Unclipped(units, (boxes.tracks[0].through(window),), boxes.aligned, boxes.work), self.extent)

    def _stays_regular(self, window: Window, units: int) -> bool:
        """Whether each unit through the window surely sees its box, cut.

        If a window overhangs the map, its outermost real tap is less than a step away from the border. Even such a tap
        must see up to the border of the image, as the padding beside it would.
        """
        if window.period != 1 or window.border != ZERO or window.shift == 0:
            return False
        first, last, step = window.taps[0]  # type: ignore[misc]  # a window of period 1 has taps
        start = first + (units - 1) * window.shift  # where the last window starts
        if step > self.units or last < 0 or start >= self.units:
            return False  # some window may have no real tap
        (low, high), shift = self._box, self.boxes.tracks[0].shift
        reaches_start = first >= 0 or low + (step - 1) * shift <= 0
        inside = start + last - first < self.units
        return reaches_start and (inside or high + (self.units - step) * shift >= self.extent - 1)

    def _largest(self) -> int:
        return self.boxes.tracks[0].largest_inside(self.units, self.extent)


class Saturated(Sighted):
    """The other common case: each unit sees the whole image, through a gate or a global pooling."""

    __slots__ = ()

    def clipped(self, unit: int) -> Box | None:
        return 0, self.extent - 1

    def all_clipped(self) -> Boxes:
        return [(0, self.extent - 1)] * self.units

    def seen_by(self, taps: Taps) -> Box | None:
        return 0, self.extent - 1

    def through(self, window: Window, units: int) -> AxisField:
        if window.period:
            boxes = self.boxes.through(window, units)
            if boxes.tracks and window.each_unit_reads(units, self.units):
                return Saturated(boxes, self.extent)
        return super().through(window, units)

    def _largest(self) -> int:
        return self.extent


class Listed(AxisField):
    """What each unit sees, listed: for some of them it is not their box, cut."""

    __slots__ = ("seen",)

    def __init__(self, boxes: Unclipped, extent: int, seen: Boxes) -> None:
        super().__init__(boxes, extent)
        self.seen = seen

    def clipped(self, unit: int) -> Box | None:
        return self.seen[unit]

    def all_clipped(self) -> Boxes:
        return self.seen

    def seen_by(self, taps: Taps) -> Box | None:
        first, last, step = taps
        return hull_of(self.seen[first : last + 1 : step])

    def _most(self) -> int:
        return self.extent

    @property
    def uniform(self) -> bool:
        return self.boxes.uniform and len(set(self.seen)) == 1


class Irregular(AxisField):
    """The clipped boxes are not known: there are too many, or they are too irregular."""

    __slots__ = ()

    exact = False


def of_input(extent: int, work: Work) -> AxisField:
    """The field of the input itself: every position sees itself."""
    return Regular(Unclipped(extent, (Track(1, 1, ((0, 0),)),), True, work), extent)


def cut(boxes: Unclipped, extent: int) -> AxisField:
    """The field of units that see these boxes, cut; none of them is empty."""
    for track in boxes.tracks:
        if track.shift == 0 and track.period == 1 and cut_box(track.boxes[0], extent) == (0, extent - 1):
            return Saturated(boxes, extent)
    one = len(boxes.tracks) == 1 and boxes.tracks[0].period == 1
    return Regular(boxes, extent) if one else Sighted(boxes, extent)


def by_unit(boxes: Unclipped, extent: int, lookups: int, seen: Callable[[], Boxes], distinct: int) -> AxisField:
    """The field whose first `distinct` units see what `seen` returns, and the rest the same again.

    It is listed only if that differs from their boxes, cut. For each unit `seen` looks at up to `lookups` boxes.
    """
    if not (boxes.work.allows(distinct, lookups) and boxes.work.allows(boxes.units, 1)):
        return Irregular(boxes, extent)
    found, inside = seen() * (boxes.units // distinct), Cut(boxes, extent)
    if found != inside.all_clipped():
        return Listed(boxes, extent, found)
    return inside if None in found else cut(boxes, extent)
