"""Constants and shapes worked out: operators on values that are known before the network runs.

Numbers are worked out where they are known and few; otherwise the shape of the result. An evaluator that gives nothing
leaves the node to become a layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import prod
from typing import Any

from convcalc.arith.shape import Shape, broadcast, elements
from convcalc.bounds import MAX_CONSTANT_ELEMENTS
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.indexing import joined, places, sliced
from convcalc.importers.onnx.model import BOOL, FLOAT, INT64, INTEGERS, StoredTensor
from convcalc.importers.onnx.values import Constant

Evaluator = Callable[[Call, list[Constant]], list[Constant]]


def result(call: Call, shape: Iterable[int], data: Iterable[Any] | None, dtype: int, output: int = 0) -> Constant:
    """A new constant, named by the output of the node."""
    sizes = tuple(shape)
    numbers = None
    if data is not None and prod(sizes) <= MAX_CONSTANT_ELEMENTS and call.spend(prod(sizes)):
        numbers = tuple(data)
    name = call.node.outputs[output] if output < len(call.node.outputs) else ""
    return Constant(sizes, dtype, numbers, name, sizes)


def rearranged(call: Call, of: Constant, shape: Iterable[int], order: Iterable[int] | None = None) -> Constant:
    """Elements of a constant in another shape and order; it keeps the name of its tensor where it has all of them."""
    sizes = tuple(shape)
    small = of.data is not None and prod(sizes) <= MAX_CONSTANT_ELEMENTS and call.spend(prod(sizes))
    data = of.data if small else None
    if data is not None and order is not None:
        data = tuple(data[index] for index in order)
    if prod(sizes) == prod(of.shape):
        return Constant(sizes, of.dtype, data, of.name, of.stored, of.is_learned)
    return Constant(sizes, of.dtype, data, call.node.outputs[0], sizes, of.is_learned)


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


def _constant(call: Call, values: list[Constant]) -> list[Constant]:
    for name, given in call.node.attributes.items():
        if isinstance(given, StoredTensor):
            return [Constant(given.shape, given.dtype, given.data, call.node.outputs[0], given.shape)]
        if name in ("value_int", "value_float", "value_ints", "value_floats"):
            dtype = INT64 if "int" in name else FLOAT
            many = isinstance(given, list)
            return [result(call, (len(given),) if many else (), given if many else [given], dtype)]
    raise Unmatched("a Constant without numbers")


def _constant_of_shape(call: Call, values: list[Constant]) -> list[Constant]:
    shape = call.sizes(0)
    fill = call.node.attributes.get("value")
    dtype = fill.dtype if isinstance(fill, StoredTensor) else FLOAT
    number = fill.data[0] if isinstance(fill, StoredTensor) and fill.data else 0
    return [result(call, shape, [number] * prod(shape) if prod(shape) <= MAX_CONSTANT_ELEMENTS else None, dtype)]


def _range(call: Call, values: list[Constant]) -> list[Constant]:
    start, limit, step = (call.number_at(index) for index in range(3))
    if step == 0:
        raise Unmatched("a Range with step 0")
    count = max(0, math.ceil((limit - start) / step))
    if count > MAX_CONSTANT_ELEMENTS:
        return [result(call, (count,), None, values[0].dtype)]
    return [result(call, (count,), [start + index * step for index in range(count)], values[0].dtype)]


def _reshape(call: Call, values: list[Constant]) -> list[Constant]:
    return [rearranged(call, values[0], call.target(values[0].shape))]


def _flatten(call: Call, values: list[Constant]) -> list[Constant]:
    shape = values[0].shape
    axis = call.cut(len(shape))
    return [rearranged(call, values[0], (prod(shape[:axis]), prod(shape[axis:])))]


def _squeeze(call: Call, values: list[Constant]) -> list[Constant]:
    shape = values[0].shape
    axes = call.axes(1, len(shape), [axis for axis, size in enumerate(shape) if size == 1])
    return [rearranged(call, values[0], [size for axis, size in enumerate(shape) if axis not in axes])]


def _unsqueeze(call: Call, values: list[Constant]) -> list[Constant]:
    rank = len(values[0].shape) + len(call.axes_given(1))
    axes = call.axes(1, rank, [])
    sizes = iter(values[0].shape)
    return [rearranged(call, values[0], [1 if axis in axes else next(sizes) for axis in range(rank)])]


def _transpose(call: Call, values: list[Constant]) -> list[Constant]:
    shape = values[0].shape
    order = call.permutation(len(shape))
    sizes = [shape[axis] for axis in order]
    small = values[0].data is not None and prod(shape) <= MAX_CONSTANT_ELEMENTS
    found = None
    if small and 0 not in shape:
        steps = [elements(shape[axis + 1 :]) for axis in order]
        found = [sum(map(int.__mul__, index, steps)) for index in product(*map(range, sizes))]
    return [rearranged(call, values[0], sizes, found)]


def _expand(call: Call, values: list[Constant]) -> list[Constant]:
    try:
        shape = broadcast([values[0].shape, tuple(call.sizes(1))])
    except ValueError:
        raise Unmatched("a constant cannot be expanded so") from None
    if values[0].is_learned and prod(shape) > prod(values[0].shape):
        return []  # a layer: the tensor is no larger than before
    few = prod(shape) <= MAX_CONSTANT_ELEMENTS
    return [rearranged(call, values[0], shape, places(values[0].shape, shape) if few else None)]


def _concat(call: Call, values: list[Constant]) -> list[Constant]:
    axis = call.axis("axis", len(values[0].shape))
    shape, order = joined([each.shape for each in values], axis)
    known = all(each.data is not None for each in values) and prod(shape) <= MAX_CONSTANT_ELEMENTS
    data = [values[number].data[at] for number, at in order] if known else None  # type: ignore[index]
    found = result(call, shape, data, values[0].dtype)
    found.is_learned = any(each.is_learned for each in values)
    return [found]


def _slice(call: Call, values: list[Constant]) -> list[Constant]:
    shape = values[0].shape
    ranges = [range(size) for size in shape]
    for axis, chosen in call.slices(shape):
        ranges[axis] = chosen
    few = prod(map(len, ranges)) <= MAX_CONSTANT_ELEMENTS
    return [rearranged(call, values[0], map(len, ranges), sliced(shape, ranges) if few else None)]


def _split(call: Call, values: list[Constant]) -> list[Constant]:
    shape = values[0].shape
    axis = call.axis("axis", len(shape), 0)
    found, start = [], 0
    for number, size in enumerate(call.pieces(shape[axis])):
        ranges: list[Sequence[int]] = [range(each) for each in shape]
        ranges[axis] = range(start, start + size)
        start += size
        few = prod(map(len, ranges)) <= MAX_CONSTANT_ELEMENTS
        piece = rearranged(call, values[0], map(len, ranges), sliced(shape, ranges) if few else None)
        piece.name = call.node.outputs[number]
        found.append(piece)
    return found


def _gather(call: Call, values: list[Constant]) -> list[Constant]:
    table, indices = values
    axis = call.axis("axis", len(table.shape), 0)
    shape = table.shape[:axis] + indices.shape + table.shape[axis + 1 :]
    if indices.data is None or prod(shape) > MAX_CONSTANT_ELEMENTS:
        return [
            rearranged(call, table, shape)
            if prod(shape) != prod(table.shape)
            else result(call, shape, None, table.dtype)
        ]
    size = table.shape[axis]
    if any(not -size <= index < size for index in indices.data):
        raise Unmatched("a Gather outside of its table")
    ranges: list[Sequence[int]] = [range(each) for each in table.shape]
    ranges[axis] = [int(index) % size for index in indices.data]
    return [rearranged(call, table, shape, sliced(table.shape, ranges) if prod(shape) else ())]


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


def _scatter_nd(call: Call, values: list[Constant]) -> list[Constant]:
    table, indices, updates = values
    if table.data is None or indices.data is None or updates.data is None or not indices.shape:
        return [result(call, table.shape, None, table.dtype)]
    data, depth = list(table.data), indices.shape[-1]
    block = prod(table.shape[depth:])
    for number in range(prod(indices.shape[:-1])):
        start = 0
        for axis in range(depth):
            index = indices.data[number * depth + axis]
            if not -table.shape[axis] <= index < table.shape[axis]:
                raise Unmatched("a ScatterND outside of its table")
            start += index % table.shape[axis] * prod(table.shape[axis + 1 :])
        data[start : start + block] = updates.data[number * block : (number + 1) * block]
    return [result(call, table.shape, data, table.dtype)]


def _tile(call: Call, values: list[Constant]) -> list[Constant]:
    shape = values[0].shape
    sizes = [size * count for size, count in zip(shape, call.sizes(1))]
    if values[0].is_learned and prod(sizes) > prod(shape):
        return []
    order = None
    if 0 < prod(sizes) <= MAX_CONSTANT_ELEMENTS:
        order = sliced(shape, [[at % size for at in range(total)] for size, total in zip(shape, sizes)])
    return [rearranged(call, values[0], sizes, order)]


def _float(function: Callable[[Any], Any]) -> Evaluator:
    return _elementwise(lambda _, number: function(number))


def _compare(function: Callable[[Any, Any], Any]) -> Evaluator:
    return _elementwise(lambda _, left, right: function(left, right), BOOL)


EVALUATORS: dict[str, Evaluator] = {
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Range": _range,
    "Identity": _identity,
    "Cast": _cast,
    "CastLike": _cast,
    "Dropout": _same,
    "QuantizeLinear": _same,
    "DequantizeLinear": _same,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Transpose": _transpose,
    "Expand": _expand,
    "Concat": _concat,
    "Slice": _slice,
    "Split": _split,
    "Gather": _gather,
    "Where": _where,
    "ScatterND": _scatter_nd,
    "Tile": _tile,
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
