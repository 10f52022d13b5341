"""Rearranged tensors as views: their elements are those that the operations give on lists."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.importers.strides import Strides

Elements = dict[tuple[int, ...], int]


def elements(view: Strides) -> list[int]:
    """The elements of a view in order, by their numbers in the source."""
    axes = [[sum(parts) for parts in product(*([run.stride * place for place in range(run.size)] for run in axis))]
            for axis in view.axes]  # fmt: skip
    return [view.first + sum(parts) for parts in product(*axes)]


def reordered(values: list[int], shape: list[int], order: list[int]) -> list[int]:
    """The elements with the axes in another order, one by one."""
    steps = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    places = product(*(range(shape[axis]) for axis in order))
    return [values[sum(place * steps[axis] for place, axis in zip(at, order))] for at in places]


@st.composite
def operations(draw: Any) -> tuple[list[int], list[tuple[str, Any]]]:
    shape = draw(st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=1, max_size=3))
    kinds = draw(st.lists(st.sampled_from(["permute", "merge", "split", "cut"]), max_size=5))
    return shape, [(kind, draw(st.integers(0, 100))) for kind in kinds]


@given(operations())
def test_the_elements_of_a_view(case: tuple[list[int], list[tuple[str, Any]]]) -> None:
    shape, steps = case
    values, view = list(range(prod(shape))), Strides.of(tuple(shape))
    for kind, number in steps:
        axis = number % len(shape)
        try:
            if kind == "permute":
                order = [*range(axis, len(shape)), *range(axis)]
                found = view.permute(order)
                values, shape = reordered(values, shape, order), [shape[axis] for axis in order]
            elif kind == "cut":
                start = number % shape[axis]
                found = view.cut(axis, start, shape[axis] - start)
                outer = list(range(len(values)))
                inner, size = prod(shape[axis + 1 :]), shape[axis]
                values = [values[place] for place in outer if place // inner % size >= start]
                shape = [*shape[:axis], size - start, *shape[axis + 1 :]]
            else:
                size = shape[axis]
                merged = [*shape[:axis], prod(shape[axis : axis + 2]), *shape[axis + 2 :]]
                split = [*shape[:axis], size // 2, 2, *shape[axis + 1 :]] if size % 2 == 0 else shape
                wanted = merged if kind == "merge" else split
                found = view.reshape(tuple(wanted))
                shape = wanted
        except ValueError:
            return  # it is no view with runs
        view = found
    assert elements(view) == values


def test_what_is_no_view() -> None:
    with pytest.raises(ValueError, match="divide"):
        Strides.of((4, 6)).permute([1, 0]).reshape((3, 8)).reshape((5, 5))
    with pytest.raises(ValueError, match="elements"):
        Strides.of((4,)).reshape((4, 2))
    with pytest.raises(ValueError, match="distances"):
        Strides.of((2, 3)).permute([1, 0]).reshape((6,)).cut(0, 1, 2)
