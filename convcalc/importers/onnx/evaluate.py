"""Constants and shapes worked out: operators on values that are known before the network runs.

Numbers are worked out where they are known and few; otherwise the shape of the result. An evaluator that gives nothing
leaves the node to become a layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from math import prod
from typing import Any

from convcalc.arith.shape import Shape, broadcast
from convcalc.bounds import MAX_CONSTANT_ELEMENTS
from convcalc.importers.onnx import constants
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.constants import result
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.indexing import places
from convcalc.importers.onnx.model import BOOL, FLOAT, INT64, INTEGERS
from convcalc.importers.onnx.values import Constant

Evaluator = Callable[[Call, list[Constant]], list[Constant]]


def _elementwise(function: Callable[..., Any], dtype: int | None = None) -> Evaluator:
    """The evaluator of an operator that works on each element by itself."""

    def evaluate(call: Call, values: list[Constant]) -> list[Constant]:
        try:
            shape = broadcast([each.shape for each in values])
        except ValueError:
            raise Unmatched("the shapes of constants do not broadcast") from None
        kind = dtype or values[-1].dtype
        learned = any(each.is_learned for each in values)
        data: list[Any] | None = None
        if all(each.data is not None for each in values) and prod(shape) <= MAX_CONSTANT_ELEMENTS:
            columns = [[each.data[at] for at in places(each.shape, shape)] for each in values]  # type: ignore[index]
            try:
                data = [function(kind in INTEGERS, *numbers) for numbers in zip(*columns)]
            except (ArithmeticError, ValueError, TypeError):
                data = None
        found = result(call, shape, data, kind)
        found.is_learned = learned and prod(shape) > 1
        source = max((each for each in values if each.is_learned), key=lambda each: prod(each.shape), default=None)
        if source is not None and prod(source.shape) == prod(shape):
            found.name, found.stored = source.name, source.stored
        return [found]

    return evaluate


def _divide(is_integer: bool, left: Any, right: Any) -> Any:
    if not is_integer:
        return left / right
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _power(is_integer: bool, base: Any, exponent: Any) -> Any:
    if abs(exponent) > 64 or abs(base) > 2**64:
        raise ValueError
    return base**exponent


def _cast(call: Call, values: list[Constant]) -> list[Constant]:
    (value,) = values[:1]
    dtype = values[1].dtype if len(values) > 1 else call.integer("to", FLOAT)
    data = value.data
    if data is not None:
        try:
            data = tuple(_converted(each, dtype) for each in data)
        except (ValueError, OverflowError, TypeError):
            data = None
    return [Constant(value.shape, dtype, data, value.name, value.stored, value.is_learned)]


def _converted(number: Any, dtype: int) -> Any:
    if dtype == BOOL:
        return bool(number)
    return int(number) if dtype in INTEGERS else float(number)


def _same(call: Call, values: list[Constant]) -> list[Constant]:
    (value, *_) = values
    return [Constant(value.shape, value.dtype, value.data, value.name, value.stored, value.is_learned)]


def _identity(call: Call, values: list[Constant]) -> list[Constant]:
    """An exporter writes one tensor for several equal ones, and an Identity with the name of each other."""
    (found,) = _same(call, values)
    if found.is_learned:
        call.trace.equals[call.node.outputs[0]] = call.trace.equals.get(found.name, found.name)
        found.name = call.node.outputs[0]
    return [found]


def _reduce(function: Callable[[list[Any]], Any]) -> Evaluator:
    """The evaluator of an operator that joins the elements along some axes."""

    def evaluate(call: Call, values: list[Constant]) -> list[Constant]:
        value, shape = values[0], values[0].shape
        axes = call.axes(1, len(shape), list(range(len(shape))))
        kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
        groups: dict[int, list[Any]] = {}
        if value.data is not None:
            for number, at in zip(value.data, places(tuple(kept), shape)):
                groups.setdefault(at, []).append(number)
        if not call.integer("keepdims", 1):
            kept = [size for axis, size in enumerate(shape) if axis not in axes]
        data = None if value.data is None else [function(groups[at]) for at in sorted(groups)]
        if data is not None and len(data) != prod(kept):
            data = None
        return [result(call, kept, data, value.dtype)]

    return evaluate


def _where(call: Call, values: list[Constant]) -> list[Constant]:
    return _elementwise(lambda _, condition, left, right: left if condition else right)(call, values)


def _float(function: Callable[[Any], Any]) -> Evaluator:
    return _elementwise(lambda _, number: function(number))


def _compare(function: Callable[[Any, Any], Any]) -> Evaluator:
    return _elementwise(lambda _, left, right: function(left, right), BOOL)


EVALUATORS: dict[str, Evaluator] = {
    "Constant": constants.constant,
    "ConstantOfShape": constants.constant_of_shape,
    "Range": constants.numbers,
    "Identity": _identity,
    "Cast": _cast,
    "CastLike": _cast,
    "Dropout": _same,
    "QuantizeLinear": _same,
    "DequantizeLinear": _same,
    "Reshape": constants.reshape,
    "Flatten": constants.flatten,
    "Squeeze": constants.squeeze,
    "Unsqueeze": constants.unsqueeze,
    "Transpose": constants.transpose,
    "Expand": constants.expand,
    "Concat": constants.concat,
    "Slice": constants.cut,
    "Split": constants.split,
    "Gather": constants.gather,
    "Where": _where,
    "ScatterND": constants.scatter_nd,
    "Tile": constants.tile,
    "Trilu": constants.triangle,
    "Add": _elementwise(lambda _, left, right: left + right),
    "Sub": _elementwise(lambda _, left, right: left - right),
    "Mul": _elementwise(lambda _, left, right: left * right),
    "Div": _elementwise(_divide),
    "Mod": _elementwise(lambda _, left, right: left % right),
    "Pow": _elementwise(_power),
    "Min": _elementwise(lambda _, *numbers: min(numbers)),
    "Max": _elementwise(lambda _, *numbers: max(numbers)),
    "Equal": _compare(lambda left, right: left == right),
    "Greater": _compare(lambda left, right: left > right),
    "GreaterOrEqual": _compare(lambda left, right: left >= right),
    "Less": _compare(lambda left, right: left < right),
    "LessOrEqual": _compare(lambda left, right: left <= right),
    "And": _compare(lambda left, right: left and right),
    "Or": _compare(lambda left, right: left or right),
    "Not": _elementwise(lambda _, number: not number, BOOL),
    "Floor": _float(math.floor),
    "Ceil": _float(math.ceil),
    "Round": _float(round),
    "Neg": _float(lambda number: -number),
    "Abs": _float(abs),
    "Sqrt": _float(math.sqrt),
    "Reciprocal": _float(lambda number: 1 / number),
    "Exp": _float(math.exp),
    "Log": _float(math.log),
    "ReduceProd": _reduce(prod),
    "ReduceSum": _reduce(sum),
    "ReduceMax": _reduce(max),
    "ReduceMin": _reduce(min),
    "ReduceMean": _reduce(lambda numbers: sum(numbers) / len(numbers)),
}


def whole_shape(shape: Shape, call: Call) -> Constant:
    """The sizes of a value, as the operator Shape gives them."""
    start, end = call.integer("start", 0), call.integer("end", len(shape))
    sizes = shape[start:end]
    return result(call, (len(sizes),), sizes, INT64)
