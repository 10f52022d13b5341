"""The sizes of an exported program: numbers, or expressions over sizes that the file leaves open."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from convcalc.errors import UsageError
from convcalc.importers.inputs import GivenInputs

MAX_LENGTH = 10_000
MAX_NUMBER = 2**62
MAX_EXPONENT = 8
SYMBOL = re.compile(r"(?P<old>[A-Za-z_]\w*)|Symbol\('(?P<new>\w+)'[^()]*\)")
Number = int | float | bool | Fraction

OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv, ast.Mod: operator.mod, ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
# The functions that torch writes into expressions, by name.
FUNCTIONS: dict[str, Callable[..., Number]] = {
    "Max": max, "Min": min, "Mod": operator.mod, "PythonMod": operator.mod, "FloorDiv": operator.floordiv,
    "CleanDiv": operator.floordiv, "IntTrueDiv": operator.truediv, "FloatTrueDiv": operator.truediv, "TruncToInt": int,
    "FloorToInt": lambda x: int(x // 1), "CeilToInt": lambda x: -int(-x // 1), "ToFloat": float, "Abs": abs,
    "floor": lambda x: int(x // 1), "ceiling": lambda x: -int(-x // 1), "TruncToFloat": lambda x: float(int(x)),
    "Add": lambda *terms: sum(terms), "Mul": lambda *factors: prod(factors), "Pow": lambda x, y: _power(x, y),
    "Rational": lambda x, y: Fraction(x, y), "Integer": int, "Identity": lambda x: x,
}  # fmt: skip


class Sizes:
    """Gives sizes as numbers. The first axis of every input is the batch, and is 1 where the file leaves it open."""

    def __init__(
        self, inputs: Mapping[str, list[dict[str, Any]]], given: GivenInputs, named: Mapping[str, Any] | None = None
    ) -> None:
        self.named = named or {}
        self.symbols: dict[str, int] = {}
        chosen = _by_name(list(inputs), given)
        for name, sizes in inputs.items():
            shape = chosen.get(name)
            if shape is not None and len(shape) != max(len(sizes) - 1, 0):
                raise UsageError(f"input `{name}` has {len(sizes) - 1} axes beside the batch, not {len(shape)}")
            for axis, size in enumerate(sizes):
                self._take(name, axis, size, None if shape is None or axis == 0 else shape[axis - 1])

    def _take(self, name: str, axis: int, size: dict[str, Any], given: int | None) -> None:
        """Learn the size of one axis of an input."""
        symbol = _symbol(size)
        if symbol is None:
            stated = self.number(size)
            if given is not None and stated != given:
                raise UsageError(f"axis {axis} of input `{name}` has size {stated} in the file, not {given}")
            return
        value = 1 if axis == 0 else given if given is not None else self.symbols.get(symbol)
        if value is None:
            raise UsageError(
                f"the file leaves the size of axis {axis} of input `{name}` open",
                "give its shape without the batch: --input 3x224x224",
            )
        if self.symbols.setdefault(symbol, value) != value:
            raise UsageError(f"axis {axis} of input `{name}` must have size {self.symbols[symbol]}, not {value}")

    def number(self, size: dict[str, Any]) -> Any:
        """The number that a size of the file is. Raises ValueError where it is none."""
        if "as_name" in size:
            return self.number(self.named[size["as_name"]])
        if "as_expr" not in size:
            return next(iter(size.values()))
        text = _text(size)
        if len(text) > MAX_LENGTH:
            raise ValueError(f"an expression of {len(text):,} characters")
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, MemoryError) as error:
            raise ValueError(f"no size: {text[:100]}") from error
        return self._value(tree.body)

    def _value(self, node: ast.AST) -> Number:
        """The value of an expression of numbers, symbols, operators and the functions of the table."""
        value: Any = None
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            value = node.value
        elif isinstance(node, ast.Name):
            value = self.symbols[node.id]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = -self._value(node.operand)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            value = _power(self._value(node.left), self._value(node.right))
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            value = OPERATORS[type(node.op)](self._value(node.left), self._value(node.right))
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            value = OPERATORS[type(node.ops[0])](self._value(node.left), self._value(node.comparators[0]))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Symbol":
            value = self.symbols[ast.literal_eval(node.args[0])]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            value = FUNCTIONS[node.func.id](*[self._value(argument) for argument in node.args])
        if value is None or abs(value) > MAX_NUMBER:
            raise ValueError(f"no size: {ast.unparse(node)[:100]}")
        result: Number = int(value) if isinstance(value, Fraction) and value.denominator == 1 else value
        return result


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > MAX_EXPONENT:
        raise ValueError(f"the power {exponent} of a size")
    return Fraction(base) ** exponent if exponent < 0 and isinstance(base, (int, Fraction)) else base**exponent


def _symbol(size: dict[str, Any]) -> str | None:
    """The symbol that a size is, where it is one alone: `s77`, or `Symbol('s77', integer=True)` in newer files."""
    match = SYMBOL.fullmatch(_text(size)) if "as_expr" in size else None
    return None if match is None else match["old"] or match["new"]


def _text(size: dict[str, Any]) -> str:
    return str(size["as_expr"]["expr_str"])


def _by_name(names: list[str], given: GivenInputs) -> dict[str, tuple[int, ...]]:
    """The shapes that are given, by the names of the inputs."""
    if isinstance(given, dict):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise UsageError(f"there is no input `{unknown[0]}`", f"the inputs are {', '.join(names)}")
        return {name: value.shape for name, value in given.items()}
    if given and len(given) > len(names):
        raise UsageError(f"{len(given)} input shapes are given, and the network has {len(names)}")
    return {name: value.shape for name, value in zip(names, given or [])}
