"""The last place of a range at which a condition holds, in few steps; only where figures grow or fall throughout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from convcalc.sweeping.sizes import smallest

SAMPLES = 9
# Places beyond the answer that are verified: a width that is rounded to a multiple of 8 moves in steps of 8.
NEIGHBOURS = 8
FEWEST = SAMPLES + NEIGHBOURS  # in a smaller range all places are tried


def sample_places(size: int) -> Iterator[list[int]]:
    """Places of a range at equal distances, with both ends; then also 1, 2, 4, … for answers near the start."""
    even = [number * (size - 1) // (SAMPLES - 1) for number in range(SAMPLES)]
    yield even
    yield sorted({*even, *(1 << power for power in range((size - 1).bit_length()))})


def are_monotone(figures: Sequence[Sequence[object]]) -> bool:
    """Whether each figure never falls, or never rises, from one sample to the next.

    >>> are_monotone([[1, 9], [2, 9], [2, 4]]), are_monotone([[1], [3], [2]]), are_monotone([["a"], ["b"]])
    (True, False, False)
    """
    for column in zip(*figures, strict=True):
        numbers = [smallest(value) for value in column]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            return False
        steps = [after - before for before, after in pairwise(known)]
        if any(step < 0 for step in steps) and any(step > 0 for step in steps):
            return False
    return True


def last_place(size: int, places: Sequence[int], passes: Callable[[int], bool]) -> int | None:
    """The last of `size` places that passes, where those that pass are neighbours; None where that cannot be told.

    The samples at `places` show a run of places that pass; the end of the run is found by halving, and the places
    beyond it are verified.
    """
    passing = [place for place in places if passes(place)]
    if not passing or passing != [place for place in places if passing[0] <= place <= passing[-1]]:
        return None
    low = passing[-1]
    high = next((place for place in places if place > low), size)
    while high - low > 1:
        middle = (low + high) // 2
        if passes(middle):
            low = middle
        else:
            high = middle
    beyond = range(low + 1, min(low + 1 + NEIGHBOURS, size))
    return None if any(passes(place) for place in beyond) else low
