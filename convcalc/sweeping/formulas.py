"""Expressions over the figures of a candidate, such as `macs / params` or `layers['conv1'].macs`.

They are read by the evaluator of the language, which has arithmetic and comparisons and cannot reach Python. Before
that, each name in the syntax tree is replaced by the quantity that it means, and each number with a unit by a number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import Any

from convcalc.arith.units import parse_quantity
from convcalc.errors import UsageError
from convcalc.language.expression_errors import ExpressionError
from convcalc.language.expressions import evaluate, parse_expression
from convcalc.language.spec import FUNCTION_NAMES
from convcalc.problems import nearest
from convcalc.report.figure import NETWORK
from convcalc.report.figures import BY_NAME
from convcalc.sweeping.quantities import HEADINGS, OF_NETWORK, OF_ONE_LAYER, TOTAL, VARIED, Candidate, Quantity
from convcalc.sweeping.sizes import UnknownFigure, fixed
from convcalc.text.source import Expression

_UNITS = re.compile(r"""'[^']*'|"[^"]*"|(?<![\w.])(\d+(?:\.\d+)?(?:[KMGTPkmgtp]i?|[KMGTPkmgtp]iB))(?!\w)""")
_WORDS = {"true": True, "false": False, "null": None}
LAYERS, TOTALS, VARY = "layers", "totals", "vary"  # the names before [ ] or a dot


class Formula:
    """An expression over the quantities of a candidate. `text` is how the user wrote it.

    In `tree`, its syntax tree, every name is a key of `quantities`.
    """

    __slots__ = ("_expression", "quantities", "single", "text", "tree")

    def __init__(self, text: str, tree: ast.expr, quantities: dict[str, Quantity]) -> None:
        self.text = text
        self.quantities = quantities
        self.tree = tree
        # Where it is one quantity alone.
        self.single = quantities[tree.id] if isinstance(tree, ast.Name) else None
        self._expression = Expression(text)
        self._expression.code = tree

    def value(self, candidate: Candidate) -> Any:
        """The value for a candidate. Raises ExpressionError, and UnknownFigure where it reads an unknown figure."""
        return evaluate(self._expression, lambda name: candidate.known(self.quantities[name]))

    def figure(self, candidate: Candidate) -> Any:
        """The value as a figure of a row: None where it is not known, or the network has no such layer."""
        try:
            value = self.value(candidate) if self.single is None else candidate.raw(self.single)
            return value if type(value) is int else fixed(value)
        except (ExpressionError, UnknownFigure):
            return None

    def part(self, tree: ast.expr, text: str) -> Formula:
        """A part of the expression."""
        return Formula(text, tree, self.quantities)

    @property
    def is_constant(self) -> bool:
        """Whether it reads nothing."""
        return not self._names

    @property
    def reads_only_keys(self) -> bool:
        """Whether it reads nothing of the network, so that its value is known before the network is built."""
        return all(self.quantities[name].kind == VARIED for name in self._names)

    @property
    def _names(self) -> set[str]:
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name)]
        return {node.id for node in nodes if node.id in self.quantities}

    @property
    def needs_fields(self) -> bool:
        """Whether it reads receptive fields."""
        return any(self.quantities[name].needs_fields for name in self._names)


def parse_formula(text: str, keys: Collection[str]) -> Formula:
    """The expression of a text over these varied keys and all figures. Raises UsageError."""
    flat = " ".join(text.split())
    if flat in keys:  # a pattern is no expression
        return _of_key(flat)
    numbers: dict[int, int | float] = {}
    try:
        tree = parse_expression(_UNITS.sub(lambda match: _placeholder(match, numbers), flat))
        reader = _Names(keys, numbers)
        return Formula(flat, reader.visit(tree), reader.quantities)
    except ExpressionError as error:
        raise UsageError(f"`{text}`: {error}", error.help or _HELP) from None
    except RecursionError:
        raise UsageError("an expression is nested too deep", _HELP) from None


def name_of_column(text: str, keys: Collection[str]) -> str:
    """The name of a column: `receptive_field` for its heading `field`, any other text as it is. Raises UsageError."""
    formula = parse_formula(text, keys)
    return formula.single.name if formula.single is not None and formula.single.is_total else formula.text


def _of_key(key: str) -> Formula:
    return Formula(key, ast.Name(key, ast.Load()), {key: Quantity(VARIED, key)})


_HELP = "write figures, varied keys, numbers such as 5M, comparisons, and, or, not; as in 'params < 5M and macs < 1G'"


def _placeholder(match: re.Match[str], numbers: dict[int, int | float]) -> str:
    """A name as long as the number with a unit, so that places in the text stay; `numbers` has the number by place."""
    if match[1] is None:
        return match[0]
    place = len(match.string[: match.start()].encode())
    number = parse_quantity(match[1].removesuffix("B"))
    if number is None:  # not whole, such as 0.0001K
        digits = re.match(r"[\d.]+", match[1])
        assert digits is not None  # a number with a unit has them
        number_of_unit = parse_quantity("1" + match[1].removesuffix("B")[digits.end() :])
        numbers[place] = float(digits[0]) * (number_of_unit or 1)
    else:
        numbers[place] = number
    return "_" * len(match[1])


class _Names(ast.NodeTransformer):
    """Replaces what means a quantity by one name. Raises ExpressionError for a name without meaning."""

    def __init__(self, keys: Collection[str], numbers: dict[int, int | float]) -> None:
        self.keys = keys
        self.numbers = numbers
        self.quantities: dict[str, Quantity] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if node.col_offset in self.numbers:
            return ast.copy_location(ast.Constant(self.numbers[node.col_offset]), node)
        if name in _WORDS and name not in self.keys:
            return ast.copy_location(ast.Constant(_WORDS[name]), node)
        return self._quantity(node, self._of_name(name))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        base, name = node.value, _text_of(node.slice)
        if isinstance(base, ast.Name) and base.id == VARY and name is not None:
            if name not in self.keys:
                raise ExpressionError(f"`{name}` is not varied", nearest(name, self.keys) or self._known_keys())
            return self._quantity(node, Quantity(VARIED, name))
        if isinstance(base, ast.Name) and base.id == LAYERS and name is not None:
            help = f"name a figure of it, as in layers['{name}'].macs"
            raise ExpressionError(f"`layers['{name}']` is a whole layer", help)
        self.generic_visit(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        base = node.value
        dotted = ast.unparse(node)
        if dotted in self.keys:
            return self._quantity(node, Quantity(VARIED, dotted))
        if isinstance(base, ast.Name) and base.id == TOTALS:
            return self._quantity(node, self._total(node.attr))
        if isinstance(base, ast.Subscript) and isinstance(base.value, ast.Name) and base.value.id == LAYERS:
            layer = _text_of(base.slice)
            if layer is not None:
                return self._quantity(node, _of_layer(layer, node.attr))
        help = nearest(dotted, self.keys)
        layer, _, figure = dotted.rpartition(".")
        help = help or f"a figure of a layer is layers['{layer}'].{figure}; the varied keys are {', '.join(self.keys)}"
        raise ExpressionError(f"`{dotted}` is neither a figure nor a varied key", help)

    def _quantity(self, node: ast.expr, quantity: Quantity) -> ast.expr:
        name = f"{quantity.kind} {quantity.layer} {quantity.name}"
        self.quantities[name] = quantity
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def _of_name(self, name: str) -> Quantity:
        """The quantity of a bare name: a varied key, or a figure of the network."""
        if name not in self.keys:
            return self._total(name)
        if name in OF_NETWORK:
            message = f"`{name}` is a varied key and a figure"
            raise ExpressionError(message, f"write vary['{name}'] or totals.{name}")
        return Quantity(VARIED, name)

    def _total(self, name: str) -> Quantity:
        if name in OF_NETWORK or name in HEADINGS:
            return Quantity(TOTAL, HEADINGS.get(name, name))
        if name in BY_NAME:
            help = f"name the layer, as in layers['conv1'].{name}"
            raise ExpressionError(f"`{name}` is a figure of a layer, not of the network", help)
        known = [*self.keys, *OF_NETWORK, *HEADINGS]
        help = nearest(name, known) or f"the figures are {', '.join(OF_NETWORK)}; {self._known_keys()}"
        if name in FUNCTION_NAMES:
            help = f"`{name}` is a function, as in {name}(receptive_field)"
        raise ExpressionError(f"there is no figure `{name}`", help)

    def _known_keys(self) -> str:
        return f"the varied keys are {', '.join(self.keys)}"


def _of_layer(layer: str, figure: str) -> Quantity:
    found = BY_NAME.get(figure)
    if figure.startswith("_") or (found is not None and found.of == NETWORK):
        raise ExpressionError(f"a layer has no figure `{figure}`", "as in layers['conv1'].macs")
    return Quantity(OF_ONE_LAYER, figure, layer)


def _text_of(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def parts_of_and(formula: Formula) -> Iterator[Formula]:
    """The conditions that `and` joins at the top of an expression, each with its own text."""
    yield from _parts_of_and(formula, formula.tree, formula.text)


def _parts_of_and(formula: Formula, tree: ast.expr, text: str) -> Iterator[Formula]:
    if not (isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)):
        yield formula.part(tree, text)
        return
    for value in tree.values:
        yield from _parts_of_and(formula, value, ast.get_source_segment(formula.text, value) or text)
