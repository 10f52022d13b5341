"""Functions of elements, comparisons, choices and reductions."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.exporters.keras.layers.merging import operands
from convcalc.exporters.keras.layers.register import Placed, Register, function
from convcalc.exporters.python.code import Code
from convcalc.exporters.register import Unsupported

rules = Register()

_NAMES = {
    **{name: name for name in (
        "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "abs", "sign", "sin",
        "cos", "tan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
    )},
    "neg": "negative", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
}  # fmt: skip
_OPERATIONS = {
    "floor_divide": "floor_divide", "remainder": "mod", "atan2": "arctan2", "logical_and": "logical_and",
    "logical_or": "logical_or", "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater",
    "ge": "greater_equal",
}  # fmt: skip
_REDUCTIONS = {"sum": "sum", "mean": "mean", "max": "max", "min": "min", "prod": "prod", "logsumexp": "logsumexp"}


@rules(*_NAMES)
def of_elements(placed: Placed) -> Code:
    return function(f"ops.{_NAMES[placed.type]}({{0}})")


@rules(*_OPERATIONS)
def operation(placed: Placed) -> Code:
    first, *others = operands(placed.inputs)
    for other in others:
        first = f"ops.{_OPERATIONS[placed.type]}({first}, {other})"
    return function(first)


@rules("clamp")
def clamp(placed: Placed) -> Code:
    low, high = placed.layer.min, placed.layer.max
    if low is not None and high is not None:
        return function("ops.clip({0}, {low}, {high})", low=low, high=high)
    if low is None and high is None:
        return function("{0}")
    name, bound = ("maximum", low) if high is None else ("minimum", high)
    return function(f"ops.{name}({{0}}, {{bound}})", bound=bound)


@rules("scalar")
def scalar(placed: Placed) -> Code:
    factor, term = placed.layer.multiply, placed.layer.add
    text, values = "{0}", dict[str, Any]()
    if factor != 1:
        text, values = "{0} * {factor}", {"factor": factor}
    if term:
        text, values = f"{text} + {{term}}", {**values, "term": term}
    return function(text, **values)


@rules("pow")
def power(placed: Placed) -> Code:
    if placed.layer.exponent is not None:
        return function("ops.power({0}, {exponent})", exponent=placed.layer.exponent)
    return function(f"ops.power({', '.join(operands(placed.inputs))})")


@rules("where")
def where(placed: Placed) -> Code:
    condition, one, other = operands(placed.inputs)
    return function(f"ops.where(ops.greater({condition}, 0), {one}, {other})")


@rules("lerp")
def lerp(placed: Placed) -> Code:
    one, other, weight = operands(placed.inputs)
    return function(f"{one} + {weight} * ({other} - {one})")


def _axes(placed: Placed) -> Any:
    axes = placed.layer.axis
    axes = range(placed.rank) if axes is None else (axes,) if isinstance(axes, int) else axes
    found = tuple(sorted(placed.place(axis) for axis in axes))
    return found[0] if len(found) == 1 else found


def _keep(placed: Placed) -> str:
    return ", keepdims=True" if placed.layer.keepdim else ""


@rules(*_REDUCTIONS)
def reduction(placed: Placed) -> Code:
    return function(f"ops.{_REDUCTIONS[placed.type]}({{0}}, axis={{axis}}{_keep(placed)})", axis=_axes(placed))


@rules("var", "std")
def spread(placed: Placed) -> Code:
    """Keras divides by the number of values; a correction is a factor."""
    axes, kind = _axes(placed), placed.type
    text = f"ops.{kind}({{0}}, axis={{axis}}{_keep(placed)})"
    count = prod(placed.shape) // (prod(placed.output) or 1)
    if not placed.layer.correction:
        return function(text, axis=axes)
    if count <= placed.layer.correction:
        raise Unsupported(f"there are {count} values, no more than the correction")
    factor = count / (count - placed.layer.correction)
    return function(f"{text} * {{factor}}", axis=axes, factor=factor if kind == "var" else factor**0.5)


@rules("norm")
def norm(placed: Placed) -> Code:
    axes, power = _axes(placed), placed.layer.p
    if power == 2:
        return function(f"ops.sqrt(ops.sum(ops.square({{0}}), axis={{axis}}{_keep(placed)}))", axis=axes)
    if isinstance(axes, tuple):
        raise Unsupported("Keras has norms of vectors along one axis")
    return function(f"ops.norm({{0}}, ord={{order}}, axis={{axis}}{_keep(placed)})", order=power, axis=axes)


@rules("cumsum", "cumprod")
def cumulation(placed: Placed) -> Code:
    return function(f"ops.{placed.type}({{0}}, axis={{axis}})", axis=_axes(placed))
