"""Evaluates expressions with simpleeval: only arithmetic, with bounds of time and size.

simpleeval evaluates the syntax tree of Python, with only the nodes and functions that are given here. The operators
below limit what can grow fast: powers, products and lists. Only a spec with an expression imports this module.
"""

from __future__ import annotations

import ast
import math
import operator
import warnings
from collections.abc import Callable
from typing import Any

import simpleeval

from convcalc import bounds
from convcalc.language.expression_errors import ExpressionError, UnknownValue
from convcalc.language.spec import FUNCTION_NAMES
from convcalc.text.source import Expression

MAX_MAGNITUDE = 10**bounds.MAX_DIGITS
_ALLOWED = "an expression has arithmetic, comparisons, and or not, `a if c else b`, lists, indexing and a few functions"


def evaluate(expression: Expression, lookup: Callable[[str], Any]) -> Any:
    """The value of an expression.

    `lookup` gives the value of a name, or raises KeyError. A float without a fraction becomes an integer. Raises
    ExpressionError, or UnknownValue where the value of a name is unknown.
    """
    if expression.code is None:
        expression.code = parse_expression(expression.text)
    if type(expression.code) is ast.Name:  # most expressions are the name of a param
        try:
            return _result(lookup(expression.code.id))
        except KeyError:
            pass  # the evaluator has the message
    return _result(_EVALUATOR.run(expression.code, lookup))


def names_in(expression: Expression) -> set[str]:
    """The names that an expression reads; empty where it is too long or has a syntax error."""
    tree = expression.code
    if tree is None:
        if len(expression.text) > bounds.MAX_EXPRESSION_LENGTH:
            return set()
        try:
            tree = _tree(expression.text or "0")
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - FUNCTION_NAMES


def divisible(x: float, d: int = 8) -> int:
    """The multiple of `d` nearest to x, but at least 90 % of x: the channel rounding of the MobileNet papers."""
    rounded = max(d, int(x + d / 2) // d * d)
    return rounded + d if rounded < 0.9 * x else rounded


def _result(value: Any) -> Any:
    """The value as the result of an expression. Raises ExpressionError where it is too large or not finite."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ExpressionError(f"the result is {value}", "a division or a power left the range of numbers")
        return _check_size(int(value)) if value.is_integer() else value
    if isinstance(value, (list, tuple)):
        return [_result(item) for item in value]
    return _check_size(value)


def _check_size(value: Any) -> Any:
    """The same value. Raises ExpressionError where it is too large."""
    if isinstance(value, int) and abs(value) > MAX_MAGNITUDE:
        raise ExpressionError(f"a number of more than {bounds.MAX_DIGITS} digits", bounds.how_to_raise("MAX_DIGITS"))
    if isinstance(value, (list, str)) and _item_count(value) > bounds.MAX_EXPRESSION_ITEMS:
        raise _too_many_items(value)
    return value


def _item_count(value: Any) -> int:
    """The number of items in a list and in the lists inside it; above the bound it stops counting."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, (list, tuple)):
        return 1
    weight = len(value)
    for item in value:
        if weight > bounds.MAX_EXPRESSION_ITEMS:
            break
        if isinstance(item, (list, tuple)):
            weight += _item_count(item)
    return weight


def _too_many_items(value: Any) -> ExpressionError:
    what = "a text of more than {:,} characters" if isinstance(value, str) else "a list of more than {:,} items"
    help = bounds.how_to_raise("MAX_EXPRESSION_ITEMS")
    return ExpressionError(what.format(bounds.MAX_EXPRESSION_ITEMS), help)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, (int, float)) and isinstance(exponent, int) and abs(base) > 1:
        if abs(exponent) * math.log10(abs(base)) > bounds.MAX_DIGITS:
            raise ExpressionError("the power is too large", bounds.how_to_raise("MAX_DIGITS"))
    result = base**exponent
    if isinstance(result, complex):
        raise ExpressionError("the root of a negative number")
    return _check_size(result)


def _product(left: Any, right: Any) -> Any:
    for many, count in ((left, right), (right, left)):
        if isinstance(many, (list, str)):
            if not isinstance(count, int):
                raise ExpressionError("a list can only be multiplied by a whole number")
            if _item_count(many) * count > bounds.MAX_EXPRESSION_ITEMS:
                raise _too_many_items(many)
    return _check_size(left * right)


def _numbers_only(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(left: Any, right: Any) -> Any:
        if isinstance(left, str) or isinstance(right, str):
            raise ExpressionError("expected a number, not text")
        return function(left, right)

    return apply


_FUNCTIONS: dict[str, Any] = {
    "min": min, "max": max, "abs": abs, "int": int, "round": round, "floor": math.floor,
    "ceil": math.ceil, "sqrt": math.sqrt, "len": len, "sum": sum, "divisible": divisible,
}  # fmt: skip
_OPERATORS: dict[Any, Any] = {
    ast.Add: lambda a, b: _check_size(a + b),
    ast.Sub: lambda a, b: _check_size(a - b),
    ast.Mult: _product,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _numbers_only(operator.mod),  # "%" on text would format
    ast.Pow: _power,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
    ast.Not: operator.not_, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip
_NODES = (
    ast.Expr, ast.Expression, ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare,
    ast.IfExp, ast.Call, ast.Subscript, ast.Slice, ast.List, ast.Tuple,
)  # fmt: skip


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc, name-defined, unused-ignore]
    """Evaluates arithmetic, comparisons, and/or/not, a if c else b, lists, indexing and functions."""

    nodes: dict[Any, Callable[[Any], Any]]

    def __init__(self) -> None:
        super().__init__(operators=_OPERATORS, functions=_FUNCTIONS)
        self.nodes = {node: handler for node, handler in self.nodes.items() if node in _NODES}
        for node in (ast.List, ast.Tuple):
            # A list that repeats the name of a long list grows as fast as a power.
            self.nodes[node] = lambda tree: _check_size([self._eval(item) for item in tree.elts])

    def run(self, tree: Any, lookup: Callable[[str], Any]) -> Any:
        self.names = lookup
        try:
            return self._eval(tree)
        except (ExpressionError, UnknownValue):
            raise
        except simpleeval.NameNotDefined as error:
            raise ExpressionError(f"the name {error.name!r} is not known here", name=error.name) from None
        except simpleeval.FunctionNotDefined as error:
            known = ", ".join(sorted(FUNCTION_NAMES))
            raise ExpressionError(
                f"the function {error.func_name!r} is not known", f"the functions are {known}"
            ) from None
        except simpleeval.OperatorNotDefined:
            raise ExpressionError("an operator that is not known", _ALLOWED) from None
        except simpleeval.FeatureNotAvailable:
            raise ExpressionError("this is more than arithmetic", _ALLOWED) from None
        except ZeroDivisionError:
            raise ExpressionError("a division by zero") from None
        except (IndexError, KeyError):
            raise ExpressionError("the index is outside the list") from None
        except RecursionError:
            raise ExpressionError("nested too deep") from None
        except (TypeError, ValueError, OverflowError, simpleeval.InvalidExpression) as error:
            raise ExpressionError(str(error)) from None

    def _eval(self, node: Any) -> Any:
        # That of simpleeval also looks for modules and functions in each result. Here the names are of plain values,
        # and no name is that of a function, so that there are none.
        handler = self.nodes.get(type(node))
        return super()._eval(node) if handler is None else handler(node)

    def _eval_name(self, node: ast.Name) -> Any:
        # simpleeval looks for a function where a name is unknown; here a function is not a value.
        try:
            return self.names(node.id)
        except KeyError:
            raise simpleeval.NameNotDefined(node.id, "") from None


_EVALUATOR = _Evaluator()


def _tree(text: str) -> ast.expr:
    """The syntax tree of an expression, without the warnings of Python: `1if x else 2` is valid."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


def parse_expression(text: str) -> ast.expr:
    """The syntax tree of an expression. Raises ExpressionError where it is too long or is none."""
    if len(text) > bounds.MAX_EXPRESSION_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text):,} characters", bounds.how_to_raise("MAX_EXPRESSION_LENGTH")
        )
    if not text:
        raise ExpressionError("nothing follows the `=`")
    try:
        tree = _tree(text)
    except SyntaxError as error:
        unclosed = text.count("(") != text.count(")") or text.count("[") != text.count("]")
        help = "inside { } YAML ends a value at a comma: put quotes around the expression" if unclosed else ""
        raise ExpressionError(error.msg or "not an expression", help) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("not an expression") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.BitXor):
            raise ExpressionError("an operator that is not known", "a power is written **")
        if isinstance(node, ast.Compare) and any(isinstance(sign, (ast.Is, ast.IsNot)) for sign in node.ops):
            raise ExpressionError("an operator that is not known", "compare with == or !=")
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, (int, float, str, type(None))):  # bytes, complex numbers, an ellipsis
                raise ExpressionError("this is more than arithmetic", _ALLOWED)
            _check_size(node.value)
    return tree
