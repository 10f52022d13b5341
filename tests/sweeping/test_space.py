"""The space by index, and its order in a sample."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.sweeping.axes import parse_axes
from convcalc.sweeping.space import Shuffle, Space


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_an_index_is_a_place_in_the_product(sizes: list[int]) -> None:
    space = Space(parse_axes([f"k{number}=1..{size}" for number, size in enumerate(sizes)]))
    assert space.size == prod(sizes)
    expected = list(product(*[range(1, size + 1) for size in sizes]))
    assert [space.values(index) for index in range(space.size)] == expected


def test_keys_that_move_together_are_one_axis() -> None:
    space = Space(parse_axes(["a,b=1/x,2/y", "c=5,6"]))
    assert space.keys == ("a", "b", "c")
    assert [space.values(index) for index in range(4)] == [(1, "x", 5), (1, "x", 6), (2, "y", 5), (2, "y", 6)]


@given(st.integers(1, 2000), st.integers(0, 2**70))
def test_a_shuffle_has_every_number_once(size: int, seed: int) -> None:
    shuffle = Shuffle(size, seed)
    assert sorted(shuffle[place] for place in range(size)) == list(range(size))


def test_a_shuffle_is_the_same_everywhere() -> None:
    assert [Shuffle(1000, 0)[place] for place in range(6)] == [500, 293, 859, 779, 625, 414]
    assert [Shuffle(10**12, 7)[place] for place in range(4)] == [
        296_363_121_188,
        837_220_300_211,
        451_746_558_710,
        718_046_944_624,
    ]


def test_a_shuffle_of_a_huge_space_is_spread_over_it() -> None:
    size, count = 10**24, 2000
    shuffle = Shuffle(size, 1)
    tenths = [shuffle[place] * 10 // size for place in range(count)]
    assert all(150 <= tenths.count(tenth) <= 250 for tenth in range(10))
    assert len({shuffle[place] for place in range(count)}) == count


def test_seeds_give_other_orders() -> None:
    orders = {tuple(Shuffle(100, seed)[place] for place in range(100)) for seed in range(50)}
    assert len(orders) == 50


def test_a_place_outside() -> None:
    with pytest.raises(IndexError):
        Shuffle(10, 0)[10]
