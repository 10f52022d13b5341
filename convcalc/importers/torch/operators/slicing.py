"""Parts of a tensor: places, slices, pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.graph import Ref
from convcalc.importers.torch.values import FIXED, Value


def _select(call: Call) -> None:
    _select_at(call, call.input, call.get("dim", default=0), call.get("index", default=0), 0)


def _select_at(call: Call, value: Value, dim: int, index: int, output: int) -> None:
    if value.is_batch(dim):
        call.alias(value, None, output)
        return
    axis = dim % value.rank
    batch = value.batch - 1 if value.batch is not None and value.batch > axis else value.batch
    if len(value.sample) == 1:  # a single number is a vector of one
        start = index % value.shape[axis]
        parameters = {"axis": 0, "start": start or None, "stop": start + 1 if start + 1 < value.shape[axis] else None}
        call.give("slice", [value], batch, parameters, output=output) if parameters["stop"] or start else call.alias(
            value, batch, output)  # fmt: skip
        return
    call.give("select", [value], batch, {"axis": value.axis(dim), "index": index}, output=output)


def _unbind(call: Call) -> None:
    for number, name in enumerate(call.node.outputs):
        if name is not None:
            _select_at(call, call.input, call.get("dim", default=0), number, number)


def _slice(call: Call) -> None:
    value, dim = call.input, call.get("dim", default=0)
    if value.is_batch(dim) or value.rank == 0:
        if call.shape() != value.shape:
            raise ValueError("a part of the batch")
        call.same(value)
        return
    size = value.shape[dim]
    start, stop, step = call.get("start", default=0), call.get("end", default=size), call.get("step", default=1)
    first, last, _ = slice(start, stop, step).indices(size)
    if (first, last, step) == (0, size, 1):
        call.same(value)
        return
    parameters = {
        "axis": value.axis(dim),
        "start": start if start else None,
        "stop": None if stop >= size else stop,
        "step": step,
    }
    call.give("slice", [value], value.batch, parameters)


def _narrow(call: Call) -> None:
    value, dim, start, length = call.input, call.get("dim"), call.get("start"), call.get("length")
    if value.is_batch(dim) or value.shape[dim] == length:
        call.same(value)
        return
    start %= value.shape[dim]
    stop = start + length
    parameters = {"axis": value.axis(dim), "start": start or None, "stop": None if stop == value.shape[dim] else stop}
    call.give("slice", [value], value.batch, parameters)


def _pieces(call: Call, type: str, parameters: dict[str, Any]) -> None:
    """Each piece that is read is an operation of its own."""
    value, dim = call.input, call.get("dim", default=0)
    if value.is_batch(dim):
        value = call.unbatched(value)
    for index, name in enumerate(call.node.outputs):
        if name is None:
            continue
        if call.shape(index) == value.shape:
            call.same(value, index)
        else:
            own = {**parameters, "index": index, "axis": value.axis(dim)}
            call.give(type, [value], value.batch, own, output=index)


def _chunk(call: Call) -> None:
    _pieces(call, "chunk", {"chunks": call.get("chunks")})


def _split(call: Call) -> None:
    sizes = call.get("split_sizes", "split_size", "split_size_or_sections")
    size = call.input.shape[call.get("dim", default=0)]
    if isinstance(sizes, (list, tuple)):
        sizes = list(sizes)
        sizes = sizes[0] if len(set(sizes)) == 1 else sizes
    count = -(-size // sizes) if isinstance(sizes, int) else 0
    if isinstance(sizes, int) and size % sizes == 0 and count > 0:
        _pieces(call, "chunk", {"chunks": count})
    else:
        _pieces(call, "split", {"sizes": sizes})


def _tensor_split(call: Call) -> None:
    sections = call.get("sections", "indices", "tensor_indices_or_sections", "indices_or_sections")
    size = call.input.shape[call.get("dim", default=0)]
    if isinstance(sections, int):
        if sections != len(call.node.outputs):
            raise ValueError("another number of pieces")
        sizes = [size // sections + (index < size % sections) for index in range(sections)]
    else:
        ends = [*sections, size]
        sizes = [end - start for start, end in zip([0, *sections], ends)]
    _pieces(call, "split", {"sizes": sizes})


def _index_select(call: Call) -> None:
    _indexed(call, call.input, call.get("dim"), call.value("index"))


def _indexed(call: Call, value: Value, dim: int, index: Value) -> None:
    """Places of one axis that a tensor names."""
    if value.is_batch(dim):
        value = call.unbatched(value)
    if index.batch is not None:
        value, index = call.unbatched(value), call.unbatched(index)
    axis = dim % value.rank
    batch = value.batch
    if batch is not None and batch > axis:
        batch += index.rank - 1
    if not index.shape:
        raise ValueError("a place that is computed")
    call.give("index_select", [value, index], batch, {"axis": value.axis(axis)})


def _index(call: Call) -> None:
    indices = call.get("indices")
    named = [(axis, ref) for axis, ref in enumerate(indices) if isinstance(ref, Ref)]
    if len(named) != 1:
        raise ValueError("several axes are indexed together")
    axis, ref = named[0]
    index = call.translator.values[ref.name]
    if index.dtype in ("bool", "uint8"):
        raise ValueError("the places depend on values")
    _indexed(call, call.input, axis, index)


def _getitem(call: Call) -> None:
    """`tensor[…]`, part after part."""
    value, index = call.input, call.get("index", "idx", "key")
    index = index["parts"] if isinstance(index, dict) and "parts" in index else [index]
    used = sum(each is not None and each != {"ellipsis": True} for each in index)
    full: list[Any] = []
    for each in index:
        full += [{"slice": [None, None, None]}] * (value.rank - used) if each == {"ellipsis": True} else [each]
    axis = 0
    for each in full:
        value, axis = _part(call, value, axis, each)
    call.alias(value, value.batch)


def _is_index_list(index: Any) -> bool:
    return isinstance(index, list) and bool(index) and all(type(each) is int for each in index)


def _part(call: Call, value: Value, axis: int, part: Any) -> tuple[Value, int]:
    """The value after one part of an index, and the axis of the next part."""
    shape = value.shape
    after = shape[:axis] + shape[axis + 1 :]
    if part is None:
        batch = value.batch + 1 if value.batch is not None and axis <= value.batch else value.batch
        new = (*shape[:axis], 1, *shape[axis:])
        own = axis - (batch is not None and axis > batch)
        if not shape[value.batch is not None :]:  # a number is a vector of one already
            return replace(value, shape=new, batch=batch), axis + 1
        return _inserted(call, "unsqueeze", value, new, batch, axis=own), axis + 1
    if isinstance(part, dict) and "slice" in part:
        start, stop, step = slice(*part["slice"]).indices(shape[axis])
        size = len(range(start, stop, step))
        if size == shape[axis]:
            return value, axis + 1
        if value.is_batch(axis) or size < 1:
            raise ValueError("a part of the batch")
        new = (*shape[:axis], size, *shape[axis + 1 :])
        parameters = {"start": start or None, "stop": None if stop >= shape[axis] else stop, "step": step}
        return _inserted(call, "slice", value, new, value.batch, axis=value.axis(axis), **parameters), axis + 1
    if type(part) is int:
        if value.is_batch(axis):
            return _whole(value, after), axis
        if len(value.sample) == 1:
            start = part % shape[axis]
            single = _inserted(call, "slice", value, (*after, 1), None, axis=0, start=start or None, stop=start + 1)
            return _whole(single, after), axis
        batch = value.batch - 1 if value.batch is not None and value.batch > axis else value.batch
        return _inserted(call, "select", value, after, batch, axis=value.axis(axis), index=part), axis
    if _is_index_list(part) and not value.is_batch(axis):
        new = (*shape[:axis], len(part), *shape[axis + 1 :])
        return _inserted(call, "index_select", value, new, value.batch, axis=value.axis(axis), indices=part), axis + 1
    if isinstance(part, Ref) and call.translator.values[part.name].dtype not in ("bool", "uint8"):
        index = call.translator.values[part.name]
        if index.shape and index.batch is None and not value.is_batch(axis):
            new = shape[:axis] + index.shape + shape[axis + 1 :]
            batch = value.batch
            if batch is not None and batch > axis:
                batch += index.rank - 1
            result = call.insert("index_select", [value, index], new, batch, axis=value.axis(axis))
            return result, axis + index.rank
    raise ValueError(f"an index {part!r}")


def _whole(value: Value, shape: tuple[int, ...]) -> Value:
    return Value(value.name, shape, None, value.origin, value.tensor, value.dtype)


def _inserted(
    call: Call, type: str, value: Value, shape: tuple[int, ...], batch: int | None, **parameters: Any
) -> Value:
    if type == "unsqueeze" and (value.tensor is not None or value.origin == FIXED):
        return Value(value.name, shape, batch, value.origin, value.tensor, value.dtype)
    return call.insert(type, [value], shape, batch, **parameters)


HANDLERS: dict[str, Callable[[Call], None]] = {
    "select": _select,
    **dict.fromkeys(("unbind", "unbind_copy"), _unbind),
    "slice": _slice,
    "narrow": _narrow,
    "chunk": _chunk,
    **dict.fromkeys(("split", "split_with_sizes", "unsafe_split"), _split),
    "tensor_split": _tensor_split,
    "index_select": _index_select,
    "index": _index,
    "__getitem__": _getitem,
    "getitem": _getitem,
}  # fmt: skip
