"""Operators that join, cut and choose parts of values."""

from __future__ import annotations

from typing import Any

from convcalc.bounds import MAX_CONSTANT_ELEMENTS
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.operators.convolutions import held
from convcalc.importers.onnx.operators.elementwise import Handler, binary
from convcalc.importers.onnx.operators.normalisation import own_axis, unordered
from convcalc.importers.onnx.operators.reshaping import shaped
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value, numbered


def concat(call: Call) -> list[Value]:
    """Concat: in the order of the language where all have the same; a constant has no batch axis."""
    values = [call.value(index) for index in range(len(call.inputs))]
    lives = [each for each in values if isinstance(each, Live)]
    rank = len(values[0].shape)
    axis = call.axis("axis", rank)
    first = lives[0]
    is_one_order = all(each.is_channels_last and each.settled is None for each in lives) and len(lives) == len(values)
    if not is_one_order:
        first = max((call.trace.settle(each) for each in lives), key=lambda each: BATCH in each.axes)
    reads = [each if is_one_order and isinstance(each, Live) else _part(call, each, first, axis) for each in values]
    if first.axes[axis] == BATCH:
        return [_of_samples(call, reads, rank)]
    if any(each.axes != first.axes or each.merged != first.merged for each in reads):
        raise BatchConflict
    result = reads[0]
    if len(reads) > 1:
        result = call.trace.emit(call.node, "concat", reads, first.axes, {"axis": own_axis(first, axis)}, like=first)
    result.node = first.node
    return [result]


def _of_samples(call: Call, reads: list[Live], rank: int) -> Live:
    """Values of one sample each, joined along the batch axis: it becomes an axis as any other."""
    if call.trace.batch != 1 or any(each.batch != 0 for each in reads):
        raise BatchConflict
    return call.trace.emit(call.node, "stack", reads, numbered(rank, None))


def _part(call: Call, value: Value, like: Live, axis: int) -> Live:
    """A value to be joined with others; one that has no batch axis loses that of size 1 in its place."""
    batch = like.batch
    if isinstance(value, Live):
        live = call.trace.settle(value)
        if live.batch is None and batch is not None and live.shape[batch] == 1:
            own = tuple(size for at, size in enumerate(live.own) if at != batch)
            return shaped(call, live, own, like.axes)
        return live
    sizes = list(value.shape)
    if len(sizes) != len(like.shape):
        raise Unmatched("its inputs have different axes")
    if batch is not None and sizes.pop(batch) not in (1, call.trace.batch):
        raise BatchConflict
    given = call.trace.give(call.node, value, tuple(sizes))
    return call.trace.live(given.name, given.own, like.axes, given.dtype)


def split(call: Call) -> list[Value]:
    """Split: a layer for each piece."""
    live = unordered(call)
    axis = call.axis("axis", len(live.shape), 0)
    sizes = call.pieces(live.shape[axis])
    if len(sizes) == 1:
        return [live]
    own = own_axis(live, axis)
    even: int | list[int] = sizes
    if len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0]:
        even = sizes[0]
    return [_piece(call, "split", live, {"sizes": even, "index": index, "axis": own}) for index in range(len(sizes))]


def _piece(call: Call, type: str, live: Live, parameters: dict[str, Any]) -> Live:
    result = call.trace.emit(call.node, type, [live], parameters=parameters)
    result.node = live.node
    return result


def cut(call: Call) -> list[Value]:
    """Slice: a layer for each axis that it cuts."""
    live = unordered(call)
    for axis, kept in call.slices(live.shape):
        size = live.shape[axis]
        if len(kept) == size and kept.step == 1:
            continue
        if live.axes[axis] == BATCH:
            if len(kept) != 1 or call.trace.batch != 1:
                raise BatchConflict
            continue
        if not kept:
            raise Unmatched("a Slice that leaves nothing")
        own = own_axis(live, axis)
        if kept.step == -1 and len(kept) == size:
            live = _piece(call, "flip", live, {"axes": own})
            continue
        if kept.step < 0:
            if len(kept) > MAX_CONSTANT_ELEMENTS:
                raise Unmatched("a Slice of so many places backwards")
            live = _piece(call, "index_select", live, {"axis": own, "indices": list(kept)})
            continue
        stop = kept.start + (len(kept) - 1) * kept.step + 1
        parameters = {
            "axis": own, "start": kept.start or None, "step": kept.step,
            "stop": stop if kept.stop < size else None,
        }  # fmt: skip
        live = _piece(call, "slice", live, parameters)
    return [live]


def gather(call: Call) -> list[Value]:
    """Gather: an embedding, one place of an axis, or several."""
    table, indices = call.value(0), call.value(1)
    axis = call.axis("axis", len(table.shape), 0)
    if isinstance(table, Constant):
        return [_looked_up(call, table, axis)]
    if isinstance(indices, Constant) and indices.data is not None:
        return [_chosen(call, axis, indices)]
    live, places = call.live(0), call.live(1)
    if live.axes[axis] == BATCH or (BATCH in live.axes and BATCH in places.axes and call.trace.batch != 1):
        raise BatchConflict
    if BATCH in live.axes and BATCH in places.axes:
        raise Unmatched("places of each sample by themselves")
    axes = _axes_with(live, axis, places)
    return [call.trace.emit(call.node, "index_select", [live, places], axes, {"axis": live.axes[axis]})]


def _axes_with(live: Live, axis: int, places: Live) -> tuple[int, ...]:
    """The axes of a value in which those of the indices take the place of one."""
    rank = len(live.shape) + len(places.shape) - 1
    batch = None
    if live.batch is not None:
        batch = live.batch if live.batch < axis else live.batch + len(places.shape) - 1
    elif places.batch is not None:
        batch = axis + places.batch
    return numbered(rank, batch)


def _looked_up(call: Call, table: Constant, axis: int) -> Live:
    places = call.live(1)
    if axis == 0 and len(table.shape) == 2 and not table.is_integer:
        parameters = {"num_embeddings": table.shape[0], "embedding_dim": table.shape[1]}
        axes = (*places.axes, max(places.axes, default=-1) + 1)
        result = call.trace.emit(call.node, "embedding", [places], axes, parameters, tensors=held(table, None))
        return call.trace.live(result.name, result.own, axes, table.dtype, places.merged)
    live = call.trace.give(call.node, table)
    axes = _axes_with(live, axis, places)
    return call.trace.emit(call.node, "index_select", [live, places], axes, {"axis": axis})


def _chosen(call: Call, axis: int, indices: Constant) -> Live:
    """Known places of an axis."""
    live = unordered(call)
    size, numbers = live.shape[axis], [int(each) for each in indices.data or ()]
    if not numbers or any(not -size <= number < size for number in numbers):
        raise Unmatched("a place outside of its axis")
    if live.axes[axis] == BATCH:
        return _of_batch(call, live, axis, indices)
    own = own_axis(live, axis)
    if not indices.shape:
        if len(live.own) == 1:
            kept = call.trace.emit(
                call.node, "slice", [live], parameters={"axis": 0, "start": numbers[0], "stop": numbers[0] + 1 or None}
            )
            return call.trace.live(kept.name, kept.own, tuple(at for at in live.axes if at == BATCH), live.dtype)
        axes = tuple(at - (at > own) for at in live.axes if at != own)
        merged = live.merged
        if merged is not None and merged.axis > axis:
            merged = merged._replace(axis=merged.axis - 1)
        result = call.trace.emit(call.node, "select", [live], axes, {"axis": own, "index": numbers[0]})
        result = call.trace.live(result.name, result.own, axes, live.dtype, merged)
        result.node = live.node
        return result
    if len(numbers) == size and numbers == list(range(size)):
        result = live
    else:
        result = _piece(call, "index_select", live, {"axis": own, "indices": numbers})
    if len(indices.shape) == 1:
        return result
    result = call.trace.settle(result)
    at = result.axes[axis]
    shape = (*result.own[:at], *indices.shape, *result.own[at + 1 :])
    rank = len(result.shape) + len(indices.shape) - 1
    batch = None if result.batch is None else result.batch + (len(indices.shape) - 1 if result.batch > axis else 0)
    return shaped(call, result, shape, numbered(rank, batch))


def _of_batch(call: Call, live: Live, axis: int, indices: Constant) -> Live:
    """The only sample of a batch: its axis goes or stays."""
    if call.trace.batch != 1 or len(indices.data or ()) != 1:
        raise BatchConflict
    if indices.shape:
        return live
    result = call.trace.live(live.name, live.own, live.axes[:axis] + live.axes[axis + 1 :], live.dtype)
    result.node = live.node
    return result


def gather_elements(call: Call) -> list[Value]:
    """GatherElements."""
    table, places = call.live(0), call.live(1)
    axis = call.axis("axis", len(table.shape), 0)
    if table.axes != places.axes:
        raise BatchConflict
    return [
        call.trace.emit(call.node, "gather", [table, places], places.axes, {"axis": own_axis(table, axis)}, like=places)
    ]


OPERATORS: dict[str, Handler] = {
    "Concat": concat,
    "Split": split,
    "Slice": cut,
    "Gather": gather,
    "GatherElements": gather_elements,
    "BitwiseAnd": binary("logical_and"),
    "BitwiseOr": binary("logical_or"),
}
