"""Values that are broadcast against each other, as the language does it: at the last axis, without the batch."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from convcalc.arith.shape import Shape, broadcast
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.model import Node
from convcalc.importers.onnx.values import BATCH, Constant, Live, Merged, Value, numbered


class Together(NamedTuple):
    """What a layer reads, and the axes of its output; `like` is the value that the output resembles."""

    reads: list[Live]
    axes: tuple[int, ...]
    like: Live
    merged: Merged | None = None
    node: Node | None = None


def aligned(call: Call, values: list[Value]) -> Together:
    """The operands of an element-wise layer. Raises BatchConflict where their batch axes differ."""
    try:
        shape = broadcast([each.shape for each in values])
    except ValueError:
        raise Unmatched("the shapes of the inputs do not broadcast") from None
    return _channels_last(call, values, shape) or _settled(call, values, shape)


def _channels_last(call: Call, values: list[Value], shape: Shape) -> Together | None:
    """The operands in the order of the language, where all have the channels last in ONNX."""
    lives = [each for each in values if isinstance(each, Live)]
    first = max(lives, key=lambda each: len(each.shape), default=None)
    if first is None or not first.is_channels_last or len(shape) != len(first.shape):
        return None
    if any(each.axes != first.axes or each.settled is not None for each in lives):
        return None
    reads = []
    for value in values:
        if isinstance(value, Constant):
            if prod(value.shape[:-1]) != 1:
                return None
            channels = value.shape[-1] if value.shape else 1
            own = (channels,) + (1,) * (len(first.own) - 1) if channels > 1 else (1,)
            value = call.trace.give(call.node, value, own)
        reads.append(value)
    return Together(reads, first.axes, first, first.merged, first.node)


def _settled(call: Call, values: list[Value], shape: Shape) -> Together:
    trace, rank = call.trace, len(shape)
    read = [trace.settle(each) if isinstance(each, Live) else each for each in values]
    batch = _batch_of(call, read, shape)
    merged = _merged_of(read, rank)
    axes = numbered(rank, batch)
    lives = [each for each in read if isinstance(each, Live)]
    reads = [_operand(call, each, rank, batch, merged) for each in read]
    # A value with hidden axes: the language has no shape without axes.
    return Together(reads, axes, max(lives, key=lambda each: len(each.shape)) if lives else reads[0], merged)


def _batch_of(call: Call, read: list[Value], shape: Shape) -> int | None:
    """The axis of the result that is the batch."""
    found = {len(shape) - len(each.shape) + each.axes.index(BATCH)
             for each in read if isinstance(each, Live) and BATCH in each.axes}  # fmt: skip
    found = {axis for axis in found if shape[axis] == call.trace.batch}
    if len(found) > 1:
        raise BatchConflict
    return found.pop() if found else None


def _merged_of(read: list[Value], rank: int) -> Merged | None:
    found = {
        Merged(rank - len(each.shape) + each.merged.axis, each.merged.before)
        for each in read
        if isinstance(each, Live) and each.merged is not None
    }
    if len(found) > 1:
        raise BatchConflict
    return found.pop() if found else None


def _operand(call: Call, value: Value, rank: int, batch: int | None, merged: Merged | None) -> Live:
    """A value as the layer reads it: without the axis at which others have the batch."""
    missing = rank - len(value.shape)
    at = None if batch is None else batch - missing
    if isinstance(value, Constant):
        own = list(value.shape)
        if merged is not None and merged.axis - missing >= 0 and own[merged.axis - missing] > 1:
            own[merged.axis - missing] //= call.trace.batch
        if at is not None and at >= 0 and own.pop(at) not in (1, call.trace.batch):
            raise BatchConflict
        while own and own[0] == 1:
            del own[0]
        own = own or [1]
        if prod(own) not in (prod(value.shape), prod(value.shape) // call.trace.batch):
            raise BatchConflict
        return call.trace.give(call.node, value, tuple(own))
    has = value.batch
    if has == at or (has is None and (at is None or at < 0)):
        return value
    if has is None and at is not None:
        if value.shape[at] != 1:
            raise BatchConflict
        return _without(call, value, at)
    if at is None and has is not None and call.trace.batch == 1:  # the batch of one sample is an axis as any other
        if has == 0:
            return value
        return call.trace.emit(call.node, "unsqueeze", [value], numbered(len(value.shape), None), {"axis": has})
    raise BatchConflict


def _without(call: Call, value: Live, at: int) -> Live:
    """The value without an axis of size 1."""
    axis = value.axes[at]
    axes = numbered(len(value.shape) - 1, None)
    if len(value.own) == 1:
        return value
    return call.trace.emit(call.node, "squeeze", [value], axes, {"axis": axis})
