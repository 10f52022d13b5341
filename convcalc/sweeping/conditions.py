"""The conditions of a sweep: `params < 5M and receptive_field >= 224`."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Iterable
from typing import Any

from convcalc.errors import UsageError
from convcalc.language.expression_errors import ExpressionError
from convcalc.sweeping.formulas import Formula, parse_formula, parts_of_and
from convcalc.sweeping.quantities import Candidate
from convcalc.sweeping.sizes import UnknownFigure, smallest

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


class Condition:
    """One condition. `text` is how the user wrote it."""

    __slots__ = ("_bound", "_compare", "_left", "_right", "formula", "text")

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.text = formula.text
        self._left: Formula | None = None
        self._right: Formula | None = None
        self._compare: Callable[[Any, Any], Any] | None = None
        self._bound: Any = None
        tree = formula.tree
        if isinstance(tree, ast.Compare) and len(tree.ops) == 1:
            self._left = formula.part(tree.left, "")
            self._right = right = formula.part(tree.comparators[0], "")
            if isinstance(right.tree, ast.Constant):
                self._compare, self._bound = COMPARISONS.get(type(tree.ops[0])), right.tree.value

    def failure(self, candidate: Candidate) -> str:
        """Why a candidate does not meet it; empty where it does."""
        try:
            value = self._value(candidate)
        except UnknownFigure:
            return f"{self.text} (not known)"
        except ExpressionError as error:
            return f"{self.text} ({error})"
        if not isinstance(value, bool):
            raise UsageError(f"`{self.text}` is {value!r}, not a condition", "compare it, as in params < 5M")
        return "" if value else self.text

    def _value(self, candidate: Candidate) -> Any:
        """Its value. Most conditions compare one figure with a number, and then need no evaluator."""
        left = self._left
        if self._compare is not None and left is not None and left.single is not None:
            figure = candidate.raw(left.single)
            if type(figure) is int and type(self._bound) is int:
                return self._compare(figure, self._bound)
        return self.formula.value(candidate)

    def miss(self, candidate: Candidate) -> tuple[float, Any] | None:
        """How far a candidate is from it, relative to its bound, and what it compares; None where that has no size."""
        if self._left is None or self._right is None:
            return None
        try:
            left, right = self._left.value(candidate), self._right.value(candidate)
        except (ExpressionError, UnknownFigure):
            return None
        gap = _gap(left, right)
        if not math.isfinite(gap):
            return None
        return gap, right if self._left.is_constant else left


def _gap(left: Any, right: Any) -> float:
    """How far two values are from each other, relative to the second; infinite where that cannot be said."""
    if isinstance(left, list) and isinstance(right, list):
        gaps = [_gap(own, other) for own, other in zip(left, right)] if len(left) == len(right) else [math.inf]
        return sum(gaps)
    number, bound = smallest(left), smallest(right)
    if number is None or bound is None:
        return math.inf
    try:
        return abs(number - bound) / (abs(bound) or 1)
    except OverflowError:
        return math.inf


def parse_conditions(texts: Iterable[str], keys: Collection[str]) -> list[Condition]:
    """The conditions of these texts, in which `and` separates several. Raises UsageError."""
    return [Condition(part) for text in texts for part in parts_of_and(parse_formula(text, keys))]
