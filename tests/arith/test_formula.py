"""Formulas: the text that is shown is the code that computes."""

from __future__ import annotations

import pytest

from convcalc.arith.formula import Formula, ceil_div
from convcalc.arith.shape import broadcast, elements, format_shape, spatial_names

FORMULAS = [
    ("a + b", 11, "a + b", "8 + 3"),
    ("a * (b - 1)", 16, "a × (b - 1)", "8 × (3 - 1)"),
    ("(a + 1) // b", 3, "floor((a + 1) / b)", "floor((8 + 1) / 3)"),
    ("ceil_div(a, b)", 3, "ceil(a / b)", "ceil(8 / 3)"),
    ("max(a // b - 1, 0)", 1, "max(floor(a / b) - 1, 0)", "max(floor(8 / 3) - 1, 0)"),
    ("a / 4 * b", 6, "a / 4 × b", "8 / 4 × 3"),
    ("a ** b", 512, "a ** b", "8 ** 3"),
]


@pytest.mark.parametrize(("text", "value", "symbols", "numbers"), FORMULAS)
def test_formulas(text: str, value: int, symbols: str, numbers: str) -> None:
    formula = Formula(text)
    values = {"a": 8, "b": 3}
    assert formula(values) == value
    assert formula.symbols() == symbols
    assert formula.with_numbers(values) == numbers
    assert set(formula.names()) <= set(values)


def test_formulas_are_exact_at_any_size() -> None:
    assert Formula("a * b")({"a": 10**40, "b": 10**40}) == 10**80
    assert Formula("a / b")({"a": 10**40 + 10**20, "b": 10**20}) == 10**20 + 1


@pytest.mark.parametrize(("dividend", "divisor", "quotient"), [(7, 2, 4), (8, 2, 4), (0, 5, 0), (-7, 2, -3), (1, 9, 1)])
def test_ceil_div(dividend: int, divisor: int, quotient: int) -> None:
    assert ceil_div(dividend, divisor) == quotient


BROADCASTS = [
    ([(3, 8, 8), (3, 1, 1)], (3, 8, 8)), ([(8, 8), (3, 8, 8)], (3, 8, 8)), ([(1, 8), (8, 1)], (8, 8)), ([(5,)], (5,)),
    ([(3, 8, 8), (3, 4, 4)], None), ([(3, 8), (8,), (2, 1, 1)], (2, 3, 8)),
]  # fmt: skip


@pytest.mark.parametrize(("shapes", "expected"), BROADCASTS)
def test_broadcast(shapes: list[tuple[int, ...]], expected: tuple[int, ...] | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="do not broadcast"):
            broadcast(shapes)
    else:
        assert broadcast(shapes) == expected


def test_shapes() -> None:
    assert elements((3, 4, 5)) == 60
    assert elements(()) == 1
    assert format_shape((3, 224, 224)) == "3x224x224"
    assert spatial_names(2) == ("height", "width")
    assert spatial_names(4) == ("axis1", "axis2", "axis3", "axis4")
