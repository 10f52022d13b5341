"""Expressions: all that section 4 allows, and nothing else."""

from __future__ import annotations

import ast
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc.language.expression_errors import ExpressionError
from convcalc.language.expressions import divisible, evaluate, names_in
from convcalc.text.source import Expression

NAMES: dict[str, Any] = {"a": 5, "b": 2.5, "t": True, "s": "text", "xs": [1, [2, 3], 4], "big": 10**90}


def value_of(text: str) -> Any:
    return evaluate(Expression(text), NAMES.__getitem__)


ALLOWED = [
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 / 2", 3.5), ("8 / 2", 4), ("-7 // 2", -4), ("-7 % 3", 2), ("2 ** 10",
     1024),
    ("2 ** -1", 0.5), ("-a", -5), ("+a", 5), ("a * b", 12.5), ("4 * b", 10), ("a - 1", 4), ("10 ** 99", 10**99),
    ("a > 3", True), ("a >= 5 and b < 2", False), ("not t", False), ("a == 5 or nope", True), ("1 < a < 9", True),
    ("a != 5", False), ("s == 'text'", True), ("2 in [1, 2]", True), ("2 not in [1, 2]", False),
    ("1 if a > 3 else nope", 1), ("'x' if not t else s", "text"),
    ("xs[0]", 1), ("xs[1][1]", 3), ("xs[-1]", 4), ("xs[1:]", [[2, 3], 4]), ("[a, b, [t]]", [5, 2.5, [True]]),
    ("(1, 2)", [1, 2]), ("[1] + [2]", [1, 2]), ("[0] * 3", [0, 0, 0]), ("'a' + 'b'", "ab"),
    ("min(3, a)", 3), ("max([1, a])", 5), ("abs(-3)", 3), ("int(2.9)", 2), ("round(2.5)", 2), ("round(3.5)", 4),
    ("round(2.567, 1)", 2.6), ("floor(-0.5)", -1), ("ceil(a * 1.1)", 6), ("sqrt(16)", 4), ("len(xs)", 3),
    ("sum([1, 2, 3])", 6), ("divisible(30)", 32), ("divisible(30, 5)", 30), ("True", True), ("None", None),
    ("1e3", 1000), ("2.0", 2), ("0x10", 16), ("in_channels if False else 1", 1),
]  # fmt: skip

REFUSED = [
    "s.upper", "(1).real", "''.join(['a'])", "__import__('os')", "open('x')", "print(1)", "eval('1')", "lambda: 1",
    "[x for x in xs]", "{x for x in xs}", "(x for x in xs)", "{1: 2}", "{1, 2}", "f'{a}'", "(x := 1)", "*xs",
    "max(*xs)",
    "max(xs, key=len)", "a if t", "1; 2", "a = 1", "1 +", "(1", "1)", "", "a b", "1 << 9", "5 & 3", "5 | 3", "5 ^ 3",
    "~5",
    "1 @ 2", "a is 5", "a is not 5", "...", "b'a'", "1j", "await a", "yield a", "1 / 0", "1 // 0", "5 % 0", "0 ** -1",
    "(-1) ** 0.5", "sqrt(-1)", "xs[9]", "xs['a']", "a[0]", "nope", "max", "len", "min()", "max(3)", "len(5)",
    "'%s' % 1",
    "s - 1", "1 < 'a'", "int('x')", "1e400", "1e308 * 10", "1e308 + 1e308", "divisible(5, 0)", "xs.__class__", "０",
    "\x00",
]  # fmt: skip

TOO_LARGE = [
    "9 ** 9 ** 9 ** 9", "10 ** 101", "big * big", "1.5 ** 100000", "-10 ** 200", "2 ** 1e10", "floor(1e300)",
    "int(1e200)",
    "1e200", "9" * 200, "0x" + "f" * 200, "[0] * 10 ** 9", "'a' * 10 ** 9", "len('a' * 10 ** 10)", "10 ** 9 * [0]",
    "[[0] * 9999] * 9999", "[[[0] * 9999] * 9999] * 9999", "[0] * 6000 + [0] * 6000", "1 + " * 300 + "1",
    "(" * 300 + "1" + ")" * 300, "[" * 300 + "]" * 300, "sum([[0] * 9000, [0] * 9000], [])",
    "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), ALLOWED, ids=[case[0] for case in ALLOWED])
def test_allowed(text: str, value: Any) -> None:
    received = value_of(text)
    assert received == value
    assert type(received) is type(value)


@pytest.mark.parametrize("text", REFUSED, ids=repr)
def test_refused(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value_of(text)
    message = f"{caught.value} {caught.value.help}"
    assert "<ast" not in message
    assert "object at" not in message


@pytest.mark.parametrize("text", TOO_LARGE, ids=[text[:30] for text in TOO_LARGE])
def test_too_large(text: str) -> None:
    try:
        value = value_of(text)
    except ExpressionError:
        return
    assert abs(value) <= 500, "only the long sums are small enough to pass"


def test_a_list_of_long_lists_is_bounded() -> None:
    """Params of long lists, used many times, grow as fast as a power."""
    names = {"a": [0] * 5000}
    with pytest.raises(ExpressionError, match="10,000 items"):
        evaluate(Expression("[a, a, a]"), names.__getitem__)


def test_names_in() -> None:
    assert names_in(Expression("max(a, b) if row > len(c) else index")) == {"a", "b", "c", "row", "index"}
    assert names_in(Expression("1 +")) == set()


NUMBERS = st.integers(-20, 20).map(str) | st.floats(-9, 9, allow_nan=False).map(lambda x: repr(round(x, 2)))
CALLS = st.sampled_from(["abs({})", "int({})", "floor({})", "ceil({})", "-({})", "(not {})", "round({})"])
PAIRS = st.sampled_from(
    ["({} + {})", "({} - {})", "({} * {})", "({} / {})", "({} // {})", "({} % {})", "({} < {})", "({} == {})",
     "min({}, {})", "max({}, {})", "({} and {})", "({} or {})", "[{}, {}][1]", "({0} if {1} else {0} + 1)",
     "sum([{}, {}])"]
)  # fmt: skip
EXPRESSIONS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.builds(str.format, CALLS, inner) | st.builds(lambda form, x, y: form.format(x, y), PAIRS, inner, inner)
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_arithmetic_is_pythons_own(text: str) -> None:
    scope = {"floor": math.floor, "ceil": math.ceil}
    try:
        expected = eval(compile(ast.parse(text, mode="eval"), "", "eval"), scope)  # noqa: S307 - made by the strategy
    except (ZeroDivisionError, OverflowError, ValueError):
        with pytest.raises(ExpressionError):
            value_of(text)
        return
    assert value_of(text) == expected


@given(st.floats(0.01, 10**6), st.integers(1, 64))
def test_divisible_is_a_multiple_near_and_never_below_nine_tenths(x: float, d: int) -> None:
    result = divisible(x, d)
    assert result % d == 0
    assert result >= max(0.9 * x, d)
    assert result <= max(x + d, d)


@given(st.integers(1, 10**5), st.integers(1, 64))
def test_divisible_leaves_multiples_alone(times: int, d: int) -> None:
    assert divisible(times * d, d) == times * d


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(ExpressionError):
        value_of(text)
