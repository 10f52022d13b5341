"""The axes of a sweep, from texts and from Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.errors import UsageError
from convcalc.sweeping.axes import axis_texts, parse_axes, parse_axis
from convcalc.sweeping.values import size_of

VALUES: list[tuple[str, list[Any]]] = [
    ("16,32,64", [16, 32, 64]),
    (" 16 , 32 ", [16, 32]),
    ("7", [7]),
    ("16..64:16", [16, 32, 48, 64]),
    ("16..60:16", [16, 32, 48]),
    ("3..5", [3, 4, 5]),
    ("5..1:-2", [5, 3, 1]),
    ("-2..2:2", [-2, 0, 2]),
    ("16..128*2", [16, 32, 64, 128]),
    ("3..100*3", [3, 9, 27, 81]),
    ("64..16*0.5", [64, 32, 16]),
    ("0.5..1:0.25", [0.5, 0.75, 1]),
    ("1e-3..1e-1*10,1e2..3e2:1e2", [0.001, 0.01, 0.1, 100, 200, 300]),
    ("0.1..0.5:0.1", [0.1, 0.2, 0.3, 0.4, 0.5]),
    ("1,2,4..8:2,100", [1, 2, 4, 6, 8, 100]),
    ("[2,2,2,2],[3, 4, 6, 3]", [[2, 2, 2, 2], [3, 4, 6, 3]]),
    ("1,2,=in_channels", [1, 2, "=in_channels"]),
    ("=max(1, width),='a,b'", ["=max(1, width)", "='a,b'"]),
    ("same,'a, b',true,~,0.5", ["same", "a, b", True, None, 0.5]),
    ("3x224x224,3x256x256", [[3, 224, 224], [3, 256, 256]]),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, expected: list[Any]) -> None:
    axis = parse_axis(f"key={text}")
    found = [axis.at(place)[0] for place in range(axis.size)]
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


def test_keys_that_move_together() -> None:
    axis = parse_axis("width,block.depths=16/[2,2],32/[3, 4]")
    assert axis.keys == ("width", "block.depths")
    assert [axis.at(place) for place in range(axis.size)] == [(16, [2, 2]), (32, [3, 4])]


ERRORS = [
    ("width", "`width` has no `=`", "write KEY=VALUES"),
    ("=3", "`=3` has no key", "write KEY=VALUES"),
    ("width=", "has no values", "16..128:16"),
    ("width=1,,2", "a value is missing", ""),
    ("width=8..4", "the range `8..4` is empty: it goes down with a positive step", "write 4..8, or a step of -1"),
    ("width=4..8:-1", "is empty: it goes up with a negative step", "a step of 1"),
    ("width=1..4:0", "the step of `1..4:0` is 0", ""),
    ("width=1..4*1", "is not a range", "the factor are positive"),
    ("width=4..1*2", "is empty: the factor leads away from the end", ""),
    ("width=1..4*1.0000001", "has more than 10,000 values", "a larger factor"),
    ("width=1..4:1:1", "`1..4:1:1` is not a range", ""),
    ("width=a..b", "`a..b` is not a range", ""),
    ("width={a", "`width={a`", "as in YAML"),
    ("a,b=1/2,3", "`3` has 1 of 2 values", "as in a,b=16/2"),
]


@pytest.mark.parametrize(("text", "message", "help"), ERRORS, ids=[case[0] for case in ERRORS])
def test_errors(text: str, message: str, help: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_axis(text)
    assert message in caught.value.message
    assert help in caught.value.help


def test_a_key_varies_once() -> None:
    with pytest.raises(UsageError, match="`width` is varied twice"):
        parse_axes(["width=1,2", "depth,width=1/2"])


def test_a_huge_range_is_not_written_out() -> None:
    axis = parse_axis(f"width=1..{10**30}")
    assert axis.size == 10**30
    assert axis.at(10**29) == (10**29 + 1,)
    assert size_of(parse_axis(f"width=0.5..{10**30}").values) == 10**30


numbers = st.integers(-50, 50)


@given(numbers, numbers, st.integers(1, 9))
def test_ranges_have_both_ends(first: int, length: int, step: int) -> None:
    last = first + abs(length) * step
    axis = parse_axis(f"key={first}..{last}:{step}")
    assert [axis.at(place) for place in range(axis.size)] == [(value,) for value in range(first, last + 1, step)]


plain = st.recursive(
    st.integers(-5, 10**9) | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["same", "a, b", "a/b", "=in_channels", "=max(1, 2)", "3x4x5x", "it's", "12", "1..4",
                       "a: b", "", '"', "\\"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@given(st.lists(plain, min_size=1, max_size=4))
def test_python_values_survive_their_text(values: list[Any]) -> None:
    [text] = axis_texts({"key": values})
    axis = parse_axis(text)
    assert [axis.at(place)[0] for place in range(axis.size)] == values


@given(st.lists(st.tuples(plain, plain), min_size=1, max_size=3))
def test_python_values_that_move_together(values: list[tuple[Any, Any]]) -> None:
    [text] = axis_texts({("a", "b"): values})
    axis = parse_axis(text)
    assert [axis.at(place) for place in range(axis.size)] == values


def test_python_ranges_and_texts() -> None:
    assert axis_texts({"width": range(16, 129, 16), "depth": "1..3"}) == ["width=16..128:16", "depth=1..3"]
    assert axis_texts({"input": [(3, 8, 8)]}) == ["input=[3, 8, 8]"]
    assert axis_texts(["width=1,2"]) == axis_texts("width=1,2") == ["width=1,2"]
