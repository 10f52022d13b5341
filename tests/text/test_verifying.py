"""The proof of an edit: one walk over the text that was read again must agree with two plain values compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcalc.text.compose import compose
from convcalc.text.nodes import evaluate, read
from convcalc.text.source import Source
from convcalc.text.values import plain, same
from convcalc.text.verifying import Changes, equals_edited
from convcalc.text.writing import flow_text

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, 1.0, float("nan")]),
    st.sampled_from(["", "1", "true", "relu", "=width", "= width", "=2 * d[0]"]),
)  # fmt: skip
KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
ROOTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=3)


def text_of(value: Any) -> str:
    return flow_text(plain(value), in_flow=False) + "\n"


@settings(deadline=None)
@given(old=ROOTS, new=ROOTS)
def test_it_says_what_the_plain_values_say(old: dict[str, Any], new: dict[str, Any]) -> None:
    root = read(text_of(old))
    expected = same(evaluate(read(text_of(new))), evaluate(root))
    assert equals_edited(compose(Source("", text_of(new))), root, {}) is expected


@settings(deadline=None)
@given(old=ROOTS, value=VALUES, key=KEYS)
def test_it_sees_a_change_and_nothing_else(old: dict[str, Any], value: Any, key: str) -> None:
    root = read(text_of(old))
    changes: Changes = {id(root): [lambda before: {**before, key: plain(value)}]}  # type: ignore[dict-item]  # a mapping
    assert equals_edited(compose(Source("", text_of({**old, key: value}))), root, changes)
    other = {**old, key: [value]}
    assert not equals_edited(compose(Source("", text_of(other))), root, changes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: 1", "a: true"),
        ("a: 1", "a: 1.0"),
        ("a: =x", "a: ==x"),
        ("a: '=x'", "a: '=y'"),
        ("a: 1\nb: 2", "b: 2\na: 1"),
        ("a: [1, 2]", "a: [1]"),
        ("a: []", "a: {}"),
        ("a: &one [1]\nb: *one", "a: [1]\nb: [2]"),
    ],
)
def test_it_tells_apart(old: str, new: str) -> None:
    assert not equals_edited(compose(Source("", new)), read(old), {})
    assert equals_edited(compose(Source("", old)), read(old), {})


def test_an_alias_has_the_value_that_it_repeats_and_its_changes() -> None:
    root = read("a: &one [1]\nb: *one\n")
    change: Changes = {id(root.items[0]): [lambda _: [7]]}
    assert equals_edited(compose(Source("", "a: [7]\nb: [7]\n")), root, change)
    assert not equals_edited(compose(Source("", "a: [7]\nb: [1]\n")), root, change)
    here: Changes = {id(root.items[1]): [lambda _: 3]}
    assert equals_edited(compose(Source("", "a: [1]\nb: 3\n")), root, here)
