"""What becomes of a window at the borders of a map: the questions that tell whether boxes may simply be cut there.

A field keeps its boxes as if the image went on, and cuts them at its border. That is exact wherever a window reads real
cells alone; where it hangs over, the cells that it really meets must reach as far as the cut does.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from convcalc.arith.formula import ceil_div
from convcalc.arith.window import ZERO, Window

if TYPE_CHECKING:
    from convcalc.analysis.axis_field import AxisField

# Beyond these, boxes are reported as unknown rather than listed.
MAX_UNITS = 1 << 18


def stays_regular(field: AxisField, window: Window, units: int) -> bool:
    """Whether a regular field stays one: cutting its boxes through the window gives what each unit really sees.

    That can only fail where a window hangs over a border: the first (last) real tap must reach the image's border,
    as the padding cells beside it do.
    """
    if window.period != 1 or window.border != ZERO or window.shift == 0:
        return False
    first, last, step = window.taps[0]  # type: ignore[misc]  # a window of period 1 has taps
    (low, high), shift = field.tracks[0].boxes[0], field.tracks[0].shift  # type: ignore[misc]  # regular
    if step == 1:
        # Whatever hangs over a border ends at the border itself.
        end = first + (units - 1) * window.shift
        reaches_end = end < field.units and high + (field.units - 1) * shift >= field.extent - 1
        return (first >= 0 or low <= 0 <= last) and (end + last - first < field.units or reaches_end)
    over_low = min(-(first // window.shift), units)  # units whose window starts before the map
    over_high = min(-((field.units - 1 - last - (units - 1) * window.shift) // window.shift), units)
    if step <= field.units and last >= 0 and first + (units - 1) * window.shift < field.units:
        # Every window has a real cell, and the outermost of them lies less than a step from the border.
        meets_low = over_low <= 0 or low + (step - 1) * shift <= 0
        if meets_low and (over_high <= 0 or high + (field.units - step) * shift >= field.extent - 1):
            return True
    if over_low > 64 or over_high > 64:
        return False
    for unit in range(over_low):
        taps = window.inside(unit, field.units)
        if taps is None or low + taps[0] * shift > 0:
            return False
    for unit in range(units - max(over_high, 0), units):
        taps = window.inside(unit, field.units)
        if taps is None or high + taps[1] * shift < field.extent - 1:
            return False
    return True


def outer_units(window: Window, units: int, size: int) -> tuple[range, range] | None:
    """The first and the last outputs of a window, between which none has a tap outside a map of `size`.

    None where some outputs have no tap at all, or the window does not move along.
    """
    taps = [each for each in window.taps if each]
    if window.border != ZERO or window.shift <= 0 or len(taps) < window.period:
        return None
    to_the_map = ceil_div(-min(first for first, _, _ in taps), window.shift) * window.period
    off_the_map = ceil_div(size - max(last for _, last, _ in taps), window.shift) * window.period
    # An output that lies on both sides, as where the map is smaller than the window, is looked at once.
    start = min(max(to_the_map, 0), units)
    return range(start), range(max(min(off_the_map, units), start), units)


def meets_all(window: Window, units: int, size: int) -> bool:
    """Whether each of `units` outputs of a window reads some real position of a map of `size`."""
    if window.period == 1 and window.shift > 0 and window.taps[0] is not None and window.taps[0][2] == 1:
        ends = (window.inside(0, size), window.inside(units - 1, size))  # a row of cells that moves on leaves none out
        return None not in ends
    if window.border != ZERO:
        return None not in window.taps  # a pixel stands in for every tap outside
    if window.shift == 0:
        units = min(units, window.period)  # the others read the same
    outer = outer_units(window, units, size)
    looked_at = chain(range(units)) if outer is None else chain(*outer)
    return units <= MAX_UNITS and all(window.inside(unit, size) for unit in looked_at)
