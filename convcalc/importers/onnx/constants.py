"""Constants in other shapes and orders, and new ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import Any

from convcalc.arith.shape import broadcast, elements
from convcalc.bounds import MAX_CONSTANT_ELEMENTS
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.indexing import joined, places, sliced
from convcalc.importers.onnx.model import FLOAT, INT64, StoredTensor
from convcalc.importers.onnx.values import Constant


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


def constant(call: Call, values: list[Constant]) -> list[Constant]:
    """A Constant."""
    for name, given in call.node.attributes.items():
        if isinstance(given, StoredTensor):
            return [Constant(given.shape, given.dtype, given.data, call.node.outputs[0], given.shape)]
        if name in ("value_int", "value_float", "value_ints", "value_floats"):
            dtype = INT64 if "int" in name else FLOAT
            many = isinstance(given, list)
            return [result(call, (len(given),) if many else (), given if many else [given], dtype)]
    raise Unmatched("a Constant without numbers")


def constant_of_shape(call: Call, values: list[Constant]) -> list[Constant]:
    """A tensor filled with one number."""
    shape = call.sizes(0)
    fill = call.node.attributes.get("value")
    dtype = fill.dtype if isinstance(fill, StoredTensor) else FLOAT
    number = fill.data[0] if isinstance(fill, StoredTensor) and fill.data else 0
    return [result(call, shape, [number] * prod(shape) if prod(shape) <= MAX_CONSTANT_ELEMENTS else None, dtype)]


def numbers(call: Call, values: list[Constant]) -> list[Constant]:
    """Numbers from one to another."""
    start, limit, step = (call.number_at(index) for index in range(3))
    if step == 0:
        raise Unmatched("a Range with step 0")
    count = max(0, math.ceil((limit - start) / step))
    if count > MAX_CONSTANT_ELEMENTS:
        return [result(call, (count,), None, values[0].dtype)]
    return [result(call, (count,), [start + index * step for index in range(count)], values[0].dtype)]


def reshape(call: Call, values: list[Constant]) -> list[Constant]:
    """Reshape."""
    return [rearranged(call, values[0], call.target(values[0].shape))]


def flatten(call: Call, values: list[Constant]) -> list[Constant]:
    """Flatten."""
    shape = values[0].shape
    axis = call.cut(len(shape))
    return [rearranged(call, values[0], (prod(shape[:axis]), prod(shape[axis:])))]


def squeeze(call: Call, values: list[Constant]) -> list[Constant]:
    """Squeeze."""
    shape = values[0].shape
    axes = call.axes(1, len(shape), [axis for axis, size in enumerate(shape) if size == 1])
    return [rearranged(call, values[0], [size for axis, size in enumerate(shape) if axis not in axes])]


def unsqueeze(call: Call, values: list[Constant]) -> list[Constant]:
    """Unsqueeze."""
    rank = len(values[0].shape) + len(call.axes_given(1))
    axes = call.axes(1, rank, [])
    sizes = iter(values[0].shape)
    return [rearranged(call, values[0], [1 if axis in axes else next(sizes) for axis in range(rank)])]


def transpose(call: Call, values: list[Constant]) -> list[Constant]:
    """Transpose."""
    shape = values[0].shape
    order = call.permutation(len(shape))
    sizes = [shape[axis] for axis in order]
    small = values[0].data is not None and prod(shape) <= MAX_CONSTANT_ELEMENTS
    found = None
    if small and 0 not in shape:
        steps = [elements(shape[axis + 1 :]) for axis in order]
        found = [sum(map(int.__mul__, index, steps)) for index in product(*map(range, sizes))]
    return [rearranged(call, values[0], sizes, found)]


def triangle(call: Call, values: list[Constant]) -> list[Constant]:
    """Trilu: the numbers on one side of a diagonal, zeros on the other; a mask that hides later tokens."""
    value, shift = values[0], call.number_at(1) if len(values) > 1 else 0
    if len(value.shape) < 2:
        raise Unmatched("a triangle of a tensor without two axes")
    rows, columns = value.shape[-2:]
    is_upper, data = call.integer("upper", 1), None
    if value.data is not None:
        distances = (at % columns - at // columns % rows for at in range(len(value.data)))
        kept = [distance >= shift if is_upper else distance <= shift for distance in distances]
        data = [number if is_kept else 0 for number, is_kept in zip(value.data, kept)]
    found = result(call, value.shape, data, value.dtype)
    if value.is_learned:
        found.name, found.stored, found.is_learned = value.name, value.stored, True
    return [found]


def expand(call: Call, values: list[Constant]) -> list[Constant]:
    """Expand; a tensor of the network is no larger than before."""
    try:
        shape = broadcast([values[0].shape, tuple(call.sizes(1))])
    except ValueError:
        raise Unmatched("a constant cannot be expanded so") from None
    if values[0].is_learned and prod(shape) > prod(values[0].shape):
        return []  # a layer: the tensor is no larger than before
    few = prod(shape) <= MAX_CONSTANT_ELEMENTS
    return [rearranged(call, values[0], shape, places(values[0].shape, shape) if few else None)]


def concat(call: Call, values: list[Constant]) -> list[Constant]:
    """Concat."""
    axis = call.axis("axis", len(values[0].shape))
    shape, order = joined([each.shape for each in values], axis)
    known = all(each.data is not None for each in values) and prod(shape) <= MAX_CONSTANT_ELEMENTS
    data = [values[number].data[at] for number, at in order] if known else None  # type: ignore[index]
    found = result(call, shape, data, values[0].dtype)
    found.is_learned = any(each.is_learned for each in values)
    return [found]


def cut(call: Call, values: list[Constant]) -> list[Constant]:
    """Slice."""
    shape = values[0].shape
    ranges = [range(size) for size in shape]
    for axis, chosen in call.slices(shape):
        ranges[axis] = chosen
    few = prod(map(len, ranges)) <= MAX_CONSTANT_ELEMENTS
    return [rearranged(call, values[0], map(len, ranges), sliced(shape, ranges) if few else None)]


def split(call: Call, values: list[Constant]) -> list[Constant]:
    """Split."""
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


def gather(call: Call, values: list[Constant]) -> list[Constant]:
    """Gather."""
    table, indices = values
    axis = call.axis("axis", len(table.shape), 0)
    shape = table.shape[:axis] + indices.shape + table.shape[axis + 1 :]
    if table.is_learned and prod(shape) > prod(table.shape):
        return []  # a layer that reads some places several times: the table has no more parameters for it
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


def scatter_nd(call: Call, values: list[Constant]) -> list[Constant]:
    """ScatterND."""
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


def tile(call: Call, values: list[Constant]) -> list[Constant]:
    """Tile."""
    shape = values[0].shape
    sizes = [size * count for size, count in zip(shape, call.sizes(1))]
    if values[0].is_learned and prod(sizes) > prod(shape):
        return []
    order = None
    if 0 < prod(sizes) <= MAX_CONSTANT_ELEMENTS:
        order = sliced(shape, [[at % size for at in range(total)] for size, total in zip(shape, sizes)])
    return [rearranged(call, values[0], sizes, order)]
