"""Ranges and shards: every candidate is in one of them, and ranges of any runs are nested or apart."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.errors import UsageError
from convcalc.sweeping.ranges import Range, Shard, first_range, joined, outermost, parse_shard, pieces, without

TOTALS = st.integers(0, 3000)
PARTS = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 30)).map(lambda each: Range(each[0], sum(each))))


def positions(ranges: list[Range]) -> list[int]:
    return [place for each in ranges for place in range(each.start, each.stop)]


@given(TOTALS, st.integers(1, 70))
def test_shards_are_a_partition(total: int, count: int) -> None:
    shards = [positions(Shard(number, count).parts(total)) for number in range(1, count + 1)]
    assert sorted(chain(*shards)) == list(range(total))


@given(st.integers(0, 10**15), st.integers(1, 1000))
def test_shards_are_balanced(total: int, count: int) -> None:
    """The cost of a candidate is not equal, but the numbers of candidates nearly are."""
    sizes = [sum(part.size for part in Shard(number, count).parts(total)) for number in {1, (count + 1) // 2, count}]
    assert max(sizes) - min(sizes) <= max(total // (64 * count), 1)


@given(st.integers(0, 10**12), st.integers(1, 10**12), st.floats(0.1, 1e9))
def test_the_first_range_is_aligned(start: int, size: int, wanted: float) -> None:
    found = first_range(Range(start, start + size), wanted)
    assert found.start == start
    assert 1 <= found.size <= min(size, max(wanted, 1))
    assert found.size & (found.size - 1) == 0
    assert start % found.size == 0


@st.composite
def aligned(draw: st.DrawFn) -> Range:
    size = 2 ** draw(st.integers(0, 5))
    start = size * draw(st.integers(0, 8))
    return Range(start, start + size)


@given(st.lists(aligned()))
def test_outermost_ranges_have_every_position_once(ranges: list[Range]) -> None:
    found = positions(outermost(ranges))
    assert found == sorted(set(positions(ranges)))


@given(aligned(), st.sampled_from([1, 2, 4, 8]))
def test_pieces_are_aligned_and_whole(whole: Range, count: int) -> None:
    found = pieces(whole, count)
    assert positions(found) == positions([whole])
    assert len(found) <= count
    assert all(each.start % each.size == 0 for each in found)


@given(PARTS, PARTS)
def test_differences_are_those_of_sets(parts: list[Range], done: list[Range]) -> None:
    found = without(parts, done)
    assert positions(found) == sorted({*positions(parts)} - {*positions(done)})
    assert positions(joined(parts)) == sorted({*positions(parts)})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3", "`3` is not a shard; write NUMBER/COUNT, as in --shard 3/100"),
        ("a/b", "`a/b` is not a shard; write NUMBER/COUNT, as in --shard 3/100"),
        ("0/4", "there is no shard 0/4; the first shard is 1"),
        ("5/4", "there is no shard 5/4; the last shard is 4/4"),
        ("1/0", "`1/0` is not a shard; write NUMBER/COUNT, as in --shard 3/100"),
    ],
)
def test_what_is_no_shard(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_shard(text)
    assert str(caught.value) == says
