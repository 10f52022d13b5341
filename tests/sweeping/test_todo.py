"""What remains to be done: each candidate once, however many workers there are, and whatever happens to them."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from convcalc.sweeping.ranges import Range
from convcalc.sweeping.todo import TRIES, Lost, Todo


@given(st.integers(1, 2000), st.integers(1, 4), st.integers(0, 10**6))
def test_every_candidate_is_done_once(total: int, workers: int, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - not for secrets
    todo = Todo([Range(0, total)])
    working: list[Range] = []
    done: list[Range] = []
    while True:
        while len(working) < workers and (range_ := todo.take(workers)):
            working.append(range_)
        if not working:
            break
        assert todo.frontier == min(each.start for each in working)
        chosen = working.pop(chance.randrange(len(working)))
        if chance.random() < 0.25:
            todo.give_back(chosen)
        else:
            todo.done(chosen, chance.choice([0.0, 0.001, 0.5, 3.0]))
            done.append(chosen)
    assert sorted(place for each in done for place in range(*each)) == list(range(total))
    assert (todo.left, todo.frontier) == (0, float("inf"))


@given(st.integers(1, 2000), st.integers(0, 1999))
def test_a_candidate_that_ends_each_worker_is_lost_with_few_others(total: int, bad: int) -> None:
    bad %= total
    todo = Todo([Range(0, total)])
    lost: list[Lost] = []
    done: list[int] = []
    endings = 0
    while range_ := todo.take(2):
        if range_.start <= bad < range_.stop:
            endings += 1
            lost += [each for each in [todo.failed(range_, "by hand")] if each]
        else:
            todo.done(range_, 0.001 * range_.size)
            done += range(*range_)
    assert endings == TRIES
    assert [each.reason for each in lost] == ["by hand"]
    assert sorted([*done, *range(*lost[0].range)]) == list(range(total))
    assert lost[0].range.size <= 16


def test_a_range_has_about_a_second_of_work() -> None:
    todo = Todo([Range(0, 10**6)])
    sizes = []
    while range_ := todo.take(1):
        sizes.append(range_.size)
        todo.done(range_, range_.size / 3000)
    assert max(sizes) == 2048
    assert len(sizes) < 520


def test_rows_that_wait_for_an_earlier_range_are_few() -> None:
    todo = Todo([Range(0, 10**6)])
    slow = todo.take(2)
    assert slow is not None
    taken = []
    while range_ := todo.take(2):
        todo.done(range_, range_.size / 3000)
        taken.append(range_)
    assert len(taken) < 100
    todo.done(slow, 1)
    assert todo.take(2) is not None
