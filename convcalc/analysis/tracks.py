"""Boxes of one axis in closed form: the input positions that each unit along an axis depends on.

A *track* is quasi-affine: unit u = q * period + r sees boxes[r] moved by q * shift input positions. A chain of
convolutions has one track of period 1. Interpolation makes longer periods. Branches of different strides make several
tracks, whose hull is the unit's box.
"""

from __future__ import annotations

from math import gcd, lcm
from operator import le

from convcalc.arith.window import MAX_PERIOD, Window

# More boxes than this are not listed, whatever part of them is read.
MAX_LISTED = 4 * MAX_PERIOD
Box = tuple[int, int]
Boxes = list["Box | None"]


class TooIrregular(Exception):
    """The pattern of boxes has no short closed form."""


class Track:
    """Quasi-affine boxes; None where a unit sees nothing.

    A finite track is a list, such as that of a concatenated map: it has no meaning beyond its units. If it `rises`,
    each unit sees something, and no box begins or ends before the one of the unit before it.
    """

    __slots__ = ("period", "shift", "boxes", "finite", "rises")

    def __init__(
        self, period: int, shift: int, boxes: tuple[Box | None, ...], *, finite: bool = False, rises: bool = False
    ) -> None:
        if period > 1 and shift % period == 0 and None not in boxes:
            step = shift // period
            low, high = boxes[0]  # type: ignore[misc]  # None was excluded
            if all(box == (low + step * r, high + step * r) for r, box in enumerate(boxes)):
                period, shift, boxes = 1, step, boxes[:1]
        self.period = period
        self.shift = shift
        self.boxes = boxes
        self.finite = finite
        self.rises = rises or self._is_rising()

    def _is_rising(self) -> bool:
        if None in self.boxes or self.shift < 0:
            return False
        if self.period == 1:
            return True
        lows, highs = self._ends(0, self.period + 1)
        return all(map(le, lows, lows[1:])) and all(map(le, highs, highs[1:]))

    def _ends(self, start: int, stop: int) -> tuple[list[int], list[int]]:
        """Where the boxes of a range of units begin, and where they end; each unit sees something."""
        period, shift, boxes = self.period, self.shift, self.boxes
        cycles = range(start // period, (stop - 1) // period + 1)
        parts = [(each * shift, boxes[max(start - each * period, 0) : stop - each * period]) for each in cycles]
        lows = [box[0] + move for move, part in parts for box in part]  # type: ignore[index]  # no box is None
        highs = [box[1] + move for move, part in parts for box in part]  # type: ignore[index]
        return lows, highs

    def at(self, unit: int) -> Box | None:
        cycle, residue = divmod(unit, self.period)
        box = self.boxes[residue]
        return box and (box[0] + cycle * self.shift, box[1] + cycle * self.shift)

    def listed(self, units: int) -> Boxes:
        """The boxes of the first units, in order."""
        boxes, shift = self.boxes, self.shift
        if units <= self.period:
            return list(boxes[:units])
        moves = [cycle * shift for cycle in range(-(-units // self.period))]
        return [box and (box[0] + move, box[1] + move) for move in moves for box in boxes][:units]

    def over(self, first: int, last: int, step: int) -> Box | None:
        """The hull of units first, first + step, … last.

        Boxes move to the right from one period to the next, so the lowest is among the first `period` units of the
        row and the highest among the last.
        """
        if self.period == 1:
            box = self.boxes[0]
            return box and (box[0] + first * self.shift, box[1] + last * self.shift)
        if self.rises:
            return self.at(first)[0], self.at(last)[1]  # type: ignore[index]  # no box is None
        units = range(first, last + 1, step)
        lows = [box[0] for box in map(self.at, units[: self.period]) if box]
        highs = [box[1] for box in map(self.at, units[-self.period :]) if box]
        return (min(lows), max(highs)) if lows and highs else None

    def period_through(self, window: Window) -> int:
        """The period of what reads these units through a window."""
        return window.period * (self.period // gcd(window.shift, self.period) if window.shift else 1)

    def through(self, window: Window) -> Track:
        """The boxes of what reads these units through a window."""
        if self.period == window.period == 1:
            taps = window.taps[0]
            box = self.over(*taps) if taps else None
            return Track(1, self.shift * window.shift, (box,), finite=self.finite)
        period = self.period_through(window)
        if period > MAX_PERIOD:
            raise TooIrregular
        shift = self.shift * (window.shift * period // window.period) // self.period
        if self.rises and window.shift >= 0 and None not in window.taps:
            boxes, rises = self._rising_over_each(window, period), window.period == 1
            return Track(period, shift, boxes, finite=self.finite, rises=rises)
        return Track(period, shift, tuple(self._over_each(window, period)), finite=self.finite)

    def _rising_over_each(self, window: Window, outputs: int) -> tuple[Box, ...]:
        """The same where boxes rise: the first tap has the lowest, the last tap the highest."""
        taps = [each for each in window.taps if each]
        reach = (outputs // window.period - 1) * window.shift  # from the first period of the window to the last
        start, stop = min(first for first, _, _ in taps), max(last for _, last, _ in taps) + reach + 1
        if stop - start > MAX_LISTED:
            return tuple([self.over(*window.at(unit)) for unit in range(outputs)])  # type: ignore[misc]  # none is empty
        lows, highs = self._ends(start, stop)
        found_lows, found_highs = [0] * outputs, [0] * outputs
        for residue, (first, last, _) in enumerate(taps):
            for found, ends, tap in ((found_lows, lows, first - start), (found_highs, highs, last - start)):
                found[residue :: window.period] = ends[tap : tap + reach + 1 : window.shift or 1]
        return tuple(zip(found_lows, found_highs))

    def _over_each(self, window: Window, outputs: int) -> list[Box | None]:
        """The hull that each of the first outputs of a window reads."""
        taps = [window.at(unit) for unit in range(outputs)]
        known = [each for each in taps if each]
        if self.period <= 2 or window.longest > self.period or len(known) < outputs or None in self.boxes:
            return [self.over(*each) if each else None for each in taps]
        # Many boxes: each is computed once, and the hulls are those of slices of the list.
        start, stop = min(first for first, _, _ in known), max(last for _, last, _ in known) + 1
        if stop - start > MAX_LISTED:
            return [self.over(*each) for each in known]
        lows, highs = self._ends(start, stop)
        slices = [slice(first - start, last - start + 1, step) for first, last, step in known]
        return [(min(lows[each]), max(highs[each])) for each in slices]

    def largest_inside(self, units: int, extent: int) -> int:
        """The largest part of a box inside an image of `extent`, of a track of period 1 without empty boxes.

        The size of that part is concave in the unit: it is largest where the cutting stops.
        """
        (low, high), shift = self.boxes[0], self.shift  # type: ignore[misc]  # no box is empty
        if shift == 0:
            return min(high, extent - 1) - max(low, 0) + 1
        uncut = max(0, -(low // shift))  # the first unit that is not cut on the left
        if uncut < units and high + uncut * shift < extent:
            return high - low + 1
        to_the_end = max(0, -((high - extent + 1) // shift))  # the first that reaches the right border
        if to_the_end <= min(units - 1, -low // shift):
            return extent
        candidates = {0, units - 1, min(uncut, units - 1), min(to_the_end, units - 1)}
        candidates |= {max(unit - 1, 0) for unit in candidates}
        return max(box[1] - box[0] + 1 for unit in candidates if (box := cut_box(self.at(unit), extent)))

    def same_stride(self, other: Track) -> bool:
        return self.shift * other.period == other.shift * self.period

    def joined(self, other: Track) -> Track:
        """The hull with a track of the same stride, unit by unit."""
        if self.period == other.period == 1 and self.boxes[0] and other.boxes[0]:
            (low, high), (other_low, other_high) = self.boxes[0], other.boxes[0]
            return Track(1, self.shift, ((min(low, other_low), max(high, other_high)),))
        period = lcm(self.period, other.period)
        if period > MAX_PERIOD:
            raise TooIrregular
        boxes: tuple[Box | None, ...]
        if None in self.boxes or None in other.boxes:
            boxes = tuple(map(hull, self.listed(period), other.listed(period)))
        else:
            (lows, highs), (other_lows, other_highs) = self._ends(0, period), other._ends(0, period)
            boxes = tuple(zip(map(min, lows, other_lows), map(max, highs, other_highs)))
        shift, finite = self.shift * (period // self.period), self.finite or other.finite
        return Track(period, shift, boxes, finite=finite, rises=self.rises and other.rises)

    def concentric(self, other: Track) -> bool:
        """Whether two tracks have the same stride and the same centre at every unit."""
        if not self.same_stride(other):
            return False
        for unit in range(lcm(self.period, other.period)):
            mine, theirs = self.at(unit), other.at(unit)
            if mine and theirs and sum(mine) != sum(theirs):
                return False
        return True


def cut_box(box: Box | None, extent: int) -> Box | None:
    """The part of a box inside an image of `extent`."""
    if box is None:
        return None
    low, high = max(box[0], 0), min(box[1], extent - 1)
    return (low, high) if low <= high else None


def hull(one: Box | None, other: Box | None) -> Box | None:
    """The smallest box that holds both."""
    if one is None or other is None:
        return one or other
    return min(one[0], other[0]), max(one[1], other[1])


def hull_of(boxes: Boxes) -> Box | None:
    seen = [box for box in boxes if box]
    if len(seen) < 2:
        return seen[0] if seen else None
    lows, highs = zip(*seen)
    return min(lows), max(highs)


def joined_by_stride(tracks: list[Track]) -> tuple[Track, ...]:
    """Tracks of one stride joined into one."""
    kept: list[Track] = []
    for track in tracks:
        for place, other in enumerate(kept):
            if other.same_stride(track):
                kept[place] = other.joined(track)
                break
        else:
            kept.append(track)
    return tuple(kept)


def concentric(local: list[Track], others: list[Track]) -> bool:
    return not local or not others or (len(local) == len(others) == 1 and local[0].concentric(others[0]))
