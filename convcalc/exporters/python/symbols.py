"""Expressions of a spec as expressions of Python, over the arguments of a class."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from convcalc.language.expression_errors import ExpressionError, UnknownValue
from convcalc.language.expressions import evaluate
from convcalc.text.source import Expression

_FUNCTIONS = {"min", "max", "abs", "int", "round", "len", "sum"}


class NotTranslated(Exception):
    """An expression reads what a class does not know."""


def translate(text: str, name_of: Callable[[str], str]) -> str:
    """The text of an expression whose names are replaced and whose constants are folded. Raises NotTranslated."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise NotTranslated from None
    return ast.unparse(_Folder(name_of).visit(tree))


def names(text: str) -> set[str]:
    """The names in a text, but for functions."""
    return {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)} - _FUNCTIONS


def value(text: str, values: Mapping[str, Any]) -> Any:
    """The value of a text. Raises NotTranslated where it has none."""
    try:
        return evaluate(Expression(text), values.__getitem__)
    except (ExpressionError, UnknownValue):
        raise NotTranslated from None


class _Folder(ast.NodeTransformer):
    """Replaces names, and computes what has constants only."""

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self.name_of = name_of

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(self.name_of(node.id), mode="eval").body

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise NotTranslated
        node.args = [self.visit(each) for each in node.args]
        if all(map(_is_constant, node.args)):
            return _computed(node)
        if node.func.id not in _FUNCTIONS:
            raise NotTranslated
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.visit(node.test)
        if isinstance(test, ast.Constant):
            chosen: ast.expr = self.visit(node.body if test.value else node.orelse)
            return chosen
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        stops = isinstance(node.op, ast.Or)
        left: list[ast.expr] = []
        for each in map(self.visit, node.values):
            if not isinstance(each, ast.Constant):
                left.append(each)
            elif bool(each.value) is stops:
                left.append(each)
                break
        if not left:
            return ast.Constant(not stops)
        if isinstance(left[0], ast.Constant):
            return left[0]
        return left[0] if len(left) == 1 else ast.BoolOp(node.op, left)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Div):
            raise NotTranslated  # a quotient is a float in Python, and an integer in a spec where it can be
        node.left, node.right = self.visit(node.left), self.visit(node.right)
        if _is_constant(node.left) and _is_constant(node.right):
            return _computed(node)
        return _simpler(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        is_plain = isinstance(node, (ast.UnaryOp, ast.Compare, ast.Subscript))
        if is_plain and all(map(_is_constant, ast.iter_child_nodes(node))):
            return _computed(node)
        return node


def _is_constant(node: ast.AST) -> bool:
    if isinstance(node, (ast.List, ast.Tuple)):
        return all(map(_is_constant, node.elts))
    return isinstance(node, (ast.Constant, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    )


def _computed(node: ast.AST) -> ast.expr:
    result = value(ast.unparse(node), {})
    return ast.parse(repr(result), mode="eval").body


def _simpler(node: ast.BinOp) -> ast.expr:
    """The same without a factor of 1, a term of 0, or a factor that is divided by."""
    left, right = node.left, node.right
    if isinstance(right, ast.Constant) and isinstance(node.op, (ast.Mult, ast.FloorDiv)) and right.value == 1:
        return left
    if isinstance(left, ast.Constant) and isinstance(node.op, ast.Mult) and left.value == 1:
        return right
    if isinstance(right, ast.Constant) and isinstance(node.op, (ast.Add, ast.Sub)) and right.value == 0:
        return left
    is_undone = isinstance(node.op, ast.FloorDiv) and isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult)
    if is_undone and isinstance(right, ast.Constant) and isinstance(left, ast.BinOp) and right.value:
        for factor, other in ((left.right, left.left), (left.left, left.right)):
            if isinstance(factor, ast.Constant) and factor.value == right.value:
                return other
    return node
