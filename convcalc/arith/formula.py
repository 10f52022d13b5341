"""Formulas written once: the text that `explain` prints is the code that computes the number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import CodeType
from typing import Any


def ceil_div(dividend: int, divisor: int) -> int:
    """The quotient rounded up.

    >>> ceil_div(7, 2)
    4
    """
    return -(-dividend // divisor)


_FUNCTIONS: dict[str, Any] = {"__builtins__": {}, "max": max, "min": min, "ceil_div": ceil_div}


class Formula:
    """An expression over named integers.

    `//` rounds down and is shown as floor(a / b); `/` is a division without remainder. The text is a constant of
    this package, never a user's: what users write is evaluated by convcalc.language.expressions.

    >>> area = Formula("height * width // 2")
    >>> area({"height": 3, "width": 5})
    7
    >>> area.symbols()
    'floor(height × width / 2)'
    >>> area.with_numbers({"height": 3, "width": 5})
    'floor(3 × 5 / 2)'
    """

    __slots__ = ("text", "_code")

    def __init__(self, text: str) -> None:
        self.text = text
        self._code: CodeType | None = None

    @property
    def code(self) -> CodeType:
        if self._code is None:
            self._code = compile(self.text.replace(" / ", " // "), f"<formula {self.text}>", "eval")
        return self._code

    def __call__(self, values: Mapping[str, int]) -> int:
        result: int = eval(self._code or self.code, _FUNCTIONS, values)  # noqa: S307 - a constant of this package
        return result

    def names(self) -> tuple[str, ...]:
        """The names that the formula reads."""
        return tuple(name for name in self.code.co_names if name not in _FUNCTIONS)

    def symbols(self) -> str:
        """The formula in symbols."""
        return _show(self.text, ())

    def with_numbers(self, values: Mapping[str, int]) -> str:
        """The formula with its names replaced by their values."""
        return _show(self.text, tuple([(name, values[name]) for name in self.names() if name in values]))


@lru_cache(maxsize=4096)  # layers of a network repeat each other
def _show(text: str, numbers: tuple[tuple[str, int], ...]) -> str:
    import ast  # only `explain` needs it

    values = dict(numbers)

    class Display(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.Constant(values[node.id]) if node.id in values else node

        def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
            self.generic_visit(node)
            if isinstance(node.op, ast.FloorDiv):
                return _call("floor", ast.BinOp(node.left, ast.Div(), node.right))
            return node

        def visit_Call(self, node: ast.Call) -> ast.AST:
            node.args = [self.visit(argument) for argument in node.args]
            if isinstance(node.func, ast.Name) and node.func.id == "ceil_div":
                return _call("ceil", ast.BinOp(node.args[0], ast.Div(), node.args[1]))
            return node

    def _call(name: str, argument: ast.expr) -> ast.Call:
        return ast.Call(ast.Name(name, ast.Load()), [argument], [])

    tree = Display().visit(ast.parse(text, mode="eval"))
    return ast.unparse(tree).replace(" * ", " × ")
