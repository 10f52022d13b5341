"""Tracks against their definition: each unit of what reads them, one by one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from convcalc.analysis.tracks import Box, Track, hull, hull_of
from convcalc.arith.window import Taps, Window

FAR = range(-30, 60)


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """Boxes that move to the right from one period to the next; most of them also rise within a period."""
    period, moved = draw(st.integers(1, 7)), draw(st.integers(0, 9))
    starts = draw(st.lists(st.integers(0, moved), min_size=period, max_size=period))
    sizes = draw(st.lists(st.integers(0, 4), min_size=period, max_size=period))
    lows, highs = starts, [start + size for start, size in zip(starts, sizes)]
    if draw(st.integers(0, 2)):
        lows, highs = sorted(lows), sorted(highs)
    boxes: list[Box | None] = list(zip(lows, highs))
    if not draw(st.integers(0, 4)):
        boxes[0] = None
    return Track(period, moved, tuple(boxes))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    period, shift = draw(st.integers(1, 5)), draw(st.integers(0, 5))
    taps: list[Taps | None] = []
    for _ in range(period):
        first, count, step = draw(st.integers(-4, 4)), draw(st.integers(0, 4)), draw(st.integers(1, 3))
        taps.append((first, first + count * step, step) if draw(st.integers(0, 9)) else None)
    return Window(period, shift, tuple(taps))


@given(tracks())
def test_a_track_rises_if_no_box_starts_or_ends_before_the_one_before_it(track: Track) -> None:
    boxes = [track.at(unit) for unit in FAR]
    pairs = [(before, after) for before, after in pairwise(boxes) if before and after]
    rising = None not in boxes and all(before[0] <= after[0] and before[1] <= after[1] for before, after in pairs)
    assert track.rises == rising


@given(tracks(), windows())
def test_a_unit_sees_the_hull_of_all_that_it_reads(track: Track, window: Window) -> None:
    found = track.through(window)
    for unit in FAR:
        taps = window.at(unit)
        read = [] if taps is None else [track.at(tap) for tap in range(taps[0], taps[1] + 1, taps[2])]
        assert found.at(unit) == hull_of(read)
        assert taps is None or track.over(*taps) == hull_of(read)
    if found.rises:
        assert Track(found.period, found.shift, found.boxes).rises


@given(tracks(), tracks(), st.integers(0, 5))
def test_joined_tracks_of_one_stride(one: Track, other: Track, stride: int) -> None:
    one, other = (Track(track.period, stride * track.period, track.boxes) for track in (one, other))
    joined = one.joined(other)
    assert [joined.at(unit) for unit in FAR] == [hull(one.at(unit), other.at(unit)) for unit in FAR]
    if joined.rises:
        assert Track(joined.period, joined.shift, joined.boxes).rises
