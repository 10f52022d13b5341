"""Operators that give the same elements in another shape or order, or repeat them."""

from __future__ import annotations

from math import prod

from convcalc.arith.shape import Shape, broadcast
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.operators.elementwise import Handler
from convcalc.importers.onnx.values import BATCH, Constant, Live, Merged, Value, numbered


def reshape(call: Call) -> list[Value]:
    """Reshape."""
    return [reshaped(call, call.live(), call.target(call.value(0).shape))]


def flatten(call: Call) -> list[Value]:
    """Flatten: into a matrix."""
    shape = call.value(0).shape
    axis = call.cut(len(shape))
    return [reshaped(call, call.live(), (prod(shape[:axis]), prod(shape[axis:])))]


def reshaped(call: Call, live: Live, target: Shape) -> Live:
    """A value in another shape; the batch axis is looked for in it."""
    batch, merged = _batch_in(call, live, target)
    own = call.trace.without_batch(target, batch, merged)
    return shaped(call, live, own, numbered(len(target), batch), merged)


def shaped(call: Call, live: Live, own: Shape, axes: tuple[int, ...], merged: Merged | None = None) -> Live:
    """A value in another shape of the language."""
    trace = call.trace
    if own == live.own or not own:
        return trace.live(live.name, live.own, axes if own else (BATCH,), live.dtype, merged)
    type, parameters = rearrangement(live.own, own)
    result = trace.emit(call.node, type, [live], axes, parameters)
    return trace.live(result.name, result.own, axes, live.dtype, merged)


def rearrangement(before: Shape, after: Shape) -> tuple[str, dict[str, object]]:
    """The layer that gives a shape its elements in another one.

    >>> rearrangement((16, 5, 5), (400,)), rearrangement((197, 768), (197, 12, 64))
    (('flatten', {}), ('unflatten', {'axis': 1, 'shape': [12, 64]}))
    """
    if len(after) == 1:
        return "flatten", {}
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if new == (1,) and not old:
        return "unsqueeze", {"axis": head}
    if old == (1,) and not new:
        return "squeeze", {"axis": head}
    if len(new) == 1 and len(old) > 1:
        return "flatten", {"start_axis": head, "end_axis": head + len(old) - 1}
    if len(old) == 1 and len(new) > 1:
        return "unflatten", {"axis": head, "shape": list(new)}
    return "reshape", {"shape": list(after)}


def _batch_in(call: Call, live: Live, target: Shape) -> tuple[int | None, Merged | None]:
    """The axis of a new shape that is the batch, or that it is joined into."""
    size = call.trace.batch
    batch = live.batch
    if batch is not None:
        before = prod(live.shape[:batch])
    elif live.merged is not None:
        before = prod(live.shape[: live.merged.axis]) * live.merged.before
    elif size == 1 and 1 in target and target.count(1) > live.own.count(1):
        return target.index(1), None
    else:
        return None, None
    exact = [axis for axis, found in enumerate(target) if found == size and prod(target[:axis]) == before]
    if exact:
        return batch if batch in exact else exact[0], None
    if size == 1:
        return None, None
    for axis, found in enumerate(target):
        outer = prod(target[:axis])
        if before % outer == 0 and outer * found % (before * size) == 0:
            return None, Merged(axis, before // outer)
    raise BatchConflict


def transpose(call: Call) -> list[Value]:
    """Transpose: the axes move when an operation needs it."""
    value = call.value(0)
    live = value if isinstance(value, Live) else call.live()
    if live.settled is not None:
        live = live.settled
    order = call.permutation(len(live.shape))
    merged = None if live.merged is None else live.merged._replace(axis=order.index(live.merged.axis))
    moved = call.trace.live(live.name, live.own, [live.axes[axis] for axis in order], live.dtype, merged)
    moved.node = call.node
    return [moved]


def squeeze(call: Call) -> list[Value]:
    """Squeeze."""
    value = call.value(0)
    rank = len(value.shape)
    default = [axis for axis, size in enumerate(value.shape) if size == 1]
    axes = call.axes(1, rank, default)
    if any(value.shape[axis] != 1 for axis in axes):
        raise Unmatched("an axis that is not of size 1")
    live = call.live()
    kept = [axis for axis in range(rank) if axis not in axes]
    own = tuple(live.own[live.axes[axis]] for axis in kept if live.axes[axis] != BATCH)
    batch = kept.index(live.batch) if live.batch in kept else None
    if live.batch is not None and batch is None and call.trace.batch != 1:
        raise BatchConflict
    merged = None if live.merged is None else live.merged._replace(axis=kept.index(live.merged.axis))
    if live.own == (1,) and not own:
        return [call.trace.live(live.name, live.own, numbered(len(kept), batch), live.dtype)]
    return [shaped(call, live, own, numbered(len(kept), batch), merged)]


def unsqueeze(call: Call) -> list[Value]:
    """Unsqueeze. The batch axis of one sample may be put in again after it went."""
    live = call.live()
    rank = len(live.shape) + len(call.axes_given(1))
    axes = call.axes(1, rank, [])
    old = iter(range(len(live.shape)))
    source = [None if axis in axes else next(old) for axis in range(rank)]
    batch = source.index(live.batch) if live.batch is not None else None
    if batch is None and axes[0] == 0 and call.trace.batch == 1 and live.merged is None:
        batch = 0
    own = tuple(
        1 if of is None else live.own[live.axes[of]] for axis, of in enumerate(source) if axis != batch
    )  # fmt: skip
    merged = None if live.merged is None else live.merged._replace(axis=source.index(live.merged.axis))
    return [shaped(call, live, own, numbered(rank, batch), merged)]


def expand(call: Call) -> list[Value]:
    """Expand; to the batch axis it costs nothing."""
    value, trace = call.value(0), call.trace
    try:
        shape = broadcast([value.shape, tuple(call.sizes(1))])
    except ValueError:
        raise Unmatched("its input does not expand to that shape") from None
    added = len(shape) - len(value.shape)
    rank = len(shape)
    is_new_batch = shape[0] == trace.batch and (added > 0 or value.shape[0] == 1)
    if isinstance(value, Constant):
        own = value.shape if added or not is_new_batch else value.shape[1:]
        live = trace.give(call.node, value, own)
    else:
        live = trace.settle(value)
        is_new_batch = is_new_batch and added > 0 and live.batch is None and live.merged is None
    if shape == live.shape:
        return [live]
    batch = 0 if is_new_batch else None if live.batch is None else live.batch + added
    merged = None if live.merged is None else live.merged._replace(axis=live.merged.axis + added)
    own = trace.without_batch(shape, batch, merged)
    if own == live.own:
        return [trace.live(live.name, own, numbered(rank, batch), live.dtype, merged)]
    result = trace.emit(call.node, "expand", [live], numbered(rank, batch), {"shape": list(own)})
    return [trace.live(result.name, own, result.axes, live.dtype, merged)]


def tile(call: Call) -> list[Value]:
    """Tile."""
    live, counts = call.live(), call.sizes(1)
    if len(counts) != len(live.shape) or any(count < 1 for count in counts):
        raise Unmatched(f"repeats {counts}")
    if live.batch is not None and counts[live.batch] != 1:
        raise BatchConflict
    own = [count for axis, count in enumerate(counts) if axis != live.batch]
    return [live if set(own) <= {1} else call.trace.emit(call.node, "tile", [live], parameters={"repeats": own})]


OPERATORS: dict[str, Handler] = {
    "Reshape": reshape,
    "Flatten": flatten,
    "Transpose": transpose,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Expand": expand,
    "Tile": tile,
}
