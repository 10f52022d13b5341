"""Masked kernels: of their taps only those before the middle one, in the order of rows and columns, are used."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from convcalc.arith.window import Window, sliding


def unmasked_taps(kernel: Sequence[int], *, strict: bool) -> tuple[int, ...]:
    """How many taps from the first on are read along each axis. The middle tap of k is k // 2, counted from 0.

    >>> unmasked_taps((5, 3), strict=False)
    (3, 3)
    >>> unmasked_taps((1, 5), strict=True)
    (1, 2)
    """
    taps = []
    for axis, size in enumerate(kernel):
        if any(other > 1 for other in kernel[:axis]):
            taps.append(size)  # earlier taps of another axis are read whole along this one
        else:
            # In the middle of this axis, earlier taps of the next axis are read; the middle tap only if not strict.
            taps.append(size // 2 + (not strict or any(other > 1 for other in kernel[axis + 1 :])))
    return tuple(taps)


def unmasked_taps_inside(windows: Sequence[Window], units: Sequence[int], sizes: Sequence[int], *, strict: bool) -> int:
    """How many unmasked taps of all outputs read a cell of the input; `windows` are those of the whole kernel.

    >>> rows, columns = sliding(3, 1, 1, 1), sliding(3, 1, 1, 1)
    >>> unmasked_taps_inside((rows, columns), (2, 2), (2, 2), strict=False)
    10
    """
    total, middle = 0, 1
    inside = [window.taps_inside(count, size) for window, count, size in zip(windows, units, sizes)]
    for axis, (window, count, size) in enumerate(zip(windows, units, sizes)):
        (first, _, step), centre = window.taps[0], window.longest // 2  # type: ignore[misc]  # of period 1
        before = sliding(centre, window.shift, step, -first, window.border).taps_inside(count, size) if centre else 0
        total += middle * before * prod(inside[axis + 1 :])
        middle *= sliding(1, window.shift, 1, -first - centre * step, window.border).taps_inside(count, size)
    return total if strict else total + middle
