"""Sorted rows, the first of them, and the Pareto front against its definition."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.errors import UsageError
from convcalc.report.sums import Partial
from convcalc.sweeping import selection as module
from convcalc.sweeping.batch import Row
from convcalc.sweeping.selection import Selection, front, parse_selection

KEYS = ("width", "layer.*.groups", "merge")


def rows(*figures: tuple[Any, ...]) -> list[Row]:
    return list(enumerate(figures))


def dominates(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """The definition; the smallest is best."""
    return all(a <= b for a, b in zip(one, other)) and any(a < b for a, b in zip(one, other))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_front_is_that_of_the_definition(count: int) -> None:
    points = st.lists(st.tuples(*[st.integers(0, 5)] * count), max_size=40)
    signs = st.lists(st.booleans(), min_size=count, max_size=count)

    @given(points, signs, st.integers(1, 30))
    def check(points: list[tuple[int, ...]], descending: list[bool], buffer: int) -> None:
        signed = [tuple(-value if minus else value for value, minus in zip(point, descending)) for point in points]
        expected = [index for index, point in enumerate(signed) if not any(dominates(other, point) for other in signed)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "BUFFER", buffer)
            found = front(rows(*points), list(enumerate(descending)))
        assert sorted(index for index, _ in found) == expected

    check()


def test_a_front_leaves_out_what_is_not_known() -> None:
    found = front(rows((1, 5), (None, 1), (Partial(0), 9), (2, [3, None]), (3, [2, 4])), [(0, False), (1, False)])
    assert [index for index, _ in found] == [0, 4]


def order(selection: Selection, columns: list[str], *figures: tuple[Any, ...]) -> list[int]:
    return [index for index, _ in selection.rows(rows(*figures), columns)]


SORTED = [
    ("params", [2, 0, 1, 3]),
    ("-params", [0, 1, 2, 3]),
    ("merge,-params", [1, 2, 0, 3]),
    ("-merge", [0, 1, 2, 3]),
    ("field", [1, 0, 2, 3]),
    ("-receptive_field", [0, 2, 1, 3]),
]
FIGURES = [(5, "b", [9, 9]), (5, "a", [12, 8]), (3, "a", [9, 10]), (None, None, None)]


@pytest.mark.parametrize(("text", "expected"), SORTED, ids=[case[0] for case in SORTED])
def test_sort(text: str, expected: list[int]) -> None:
    columns = ["params", "merge", "receptive_field"]
    assert order(parse_selection(text, None, None, KEYS), columns, *FIGURES) == expected
    assert order(parse_selection(text, 2, None, KEYS), columns, *FIGURES) == expected[:2]


def test_a_front_is_sorted_by_its_first_objective() -> None:
    selection = parse_selection(None, 2, "-params,macs", KEYS)
    assert order(selection, ["params", "macs"], (1, 1), (3, 3), (2, 2), (2, 4)) == [1, 2]
    by_macs = parse_selection("macs", None, "-params,macs", KEYS)
    assert order(by_macs, ["params", "macs"], (1, 1), (3, 3), (2, 2), (2, 4)) == [0, 2, 1]


def test_without_a_selection_rows_stay() -> None:
    assert order(Selection(), ["params"], (3,), (1,), (2,)) == [0, 1, 2]


WRONG = [
    ({"top": 3}, "--top needs an order", "--sort -receptive_field"),
    ({"pareto": "params"}, "--pareto compares two figures or more", "--sort"),
    ({"pareto": "params,params"}, "`params` is in `params,params` twice", ""),
    ({"pareto": "field,-receptive_field"}, "twice", ""),
    ({"sort": "params,"}, "has an empty part", ""),
    ({"sort": "-"}, "has an empty part", ""),
    ({"sort": "parms"}, "there is no figure `parms`", "did you mean params"),
]


@pytest.mark.parametrize(("given_", "message", "help"), WRONG, ids=[str(case[0]) for case in WRONG])
def test_wrong(given_: dict[str, Any], message: str, help: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_selection(**{"sort": None, "top": None, "pareto": None, **given_}, keys=KEYS)
    assert message in caught.value.message
    assert help in caught.value.help


def test_objectives_may_be_varied_keys_and_expressions() -> None:
    selection = parse_selection("-layer.*.groups", None, "macs / params,-width,layers['a'].macs", KEYS)
    assert selection.columns == ["macs / params", "width", "layers['a'].macs", "layer.*.groups"]
    assert list(map(str, selection.pareto)) == ["macs / params", "-width", "layers['a'].macs"]
