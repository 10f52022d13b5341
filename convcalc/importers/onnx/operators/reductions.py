"""Operators that join all elements along some axes."""

from __future__ import annotations

from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.model import INT64
from convcalc.importers.onnx.operators.elementwise import Handler, unary
from convcalc.importers.onnx.operators.normalisation import own_axis, unordered
from convcalc.importers.onnx.values import BATCH, Live, Value


def reduction(*types: str, **parameters: float) -> Handler:
    """The handler of an operator that becomes these layers, the reduction among them."""

    def handle(call: Call) -> list[Value]:
        result: Live | None = None
        for type in types:
            if type in ("square", "log", "abs"):
                call.inputs[0] = result or call.inputs[0]
                result = unary(call, type)
            else:
                call.inputs[0] = result or call.inputs[0]
                result = _reduced(call, type, dict(parameters))
        assert result is not None
        return [result]

    return handle


def _reduced(call: Call, type: str, parameters: dict[str, float]) -> Live:
    live = unordered(call)
    rank = len(live.shape)
    default = [] if call.integer("noop_with_empty_axes", 0) else list(range(rank))
    axes = call.axes(1, rank, default)
    if BATCH in (live.axes[axis] for axis in axes) and call.trace.batch != 1:
        raise BatchConflict
    keeps = bool(call.integer("keepdims", 1))
    joined = sorted(own_axis(live, axis) for axis in axes if live.axes[axis] != BATCH)
    kept = [axis for axis in range(rank) if keeps or axis not in axes]
    if not joined:
        return call.trace.live(live.name, live.own, [live.axes[axis] for axis in kept], live.dtype, live.merged)
    if keeps and type in ("mean", "max") and joined == list(range(1, len(live.own))) and _is_map(live):
        result = call.trace.emit(call.node, "global_avg_pool" if type == "mean" else "global_max_pool", [live])
        result.node = live.node
        return result
    is_all = len(joined) == len(live.own) and not keeps
    if is_all:  # the language has no shape without axes: one of size 1 stays, and is hidden
        given = {**parameters, "axis": joined if len(joined) > 1 else joined[0], "keepdim": True}
        result = call.trace.emit(call.node, type, [live], tuple(live.axes), given)
        flat = result if len(result.own) == 1 else call.trace.emit(call.node, "flatten", [result], (0,))
        return call.trace.live(flat.name, flat.own, [BATCH for axis in kept if live.axes[axis] == BATCH], live.dtype)
    rename = {axis: axis if keeps else axis - sum(at < axis for at in joined) for axis in range(len(live.own))}
    new = [rename.get(live.axes[axis], BATCH) for axis in kept]
    merged = None if live.merged is None else live.merged._replace(axis=kept.index(live.merged.axis))
    given = {**parameters, "axis": joined if len(joined) > 1 else joined[0], "keepdim": keeps}
    result = call.trace.emit(call.node, type, [live], new, given)
    result = call.trace.live(result.name, result.own, new, live.dtype, merged)
    result.node = live.node
    return result


def _is_map(live: Live) -> bool:
    return live.axes[0] == BATCH and (live.is_channels_last or live.is_settled) and len(live.own) > 2


def arg(call: Call) -> list[Value]:
    """ArgMax and ArgMin: the place of the greatest element."""
    live = unordered(call)
    axis = call.axis("axis", len(live.shape), 0)
    own = own_axis(live, axis)
    found = call.trace.emit(call.node, "topk", [live], parameters={"k": 1, "axis": own}, part="indices")
    found.dtype, found.node = INT64, live.node
    if call.integer("keepdims", 1):
        return [found]
    if len(found.own) == 1:
        return [call.trace.live(found.name, found.own, [at for at in found.axes if at == BATCH], INT64)]
    axes = [at - (at > own) for at in found.axes if at != own]
    result = call.trace.emit(call.node, "squeeze", [found], axes, {"axis": own})
    result.node = live.node
    return [result]


def topk(call: Call) -> list[Value]:
    """TopK: the greatest elements and their places."""
    live = unordered(call)
    axis = own_axis(live, call.axis("axis", len(live.shape), -1))
    count = call.integer("k", 0) or int(call.number_at(1))
    found = call.trace.emit(call.node, "topk", [live], parameters={"k": count, "axis": axis}, part="indices")
    values = call.trace.live(call.trace.operations[-1].output.name, found.own, found.axes, live.dtype, found.merged)
    values.node = found.node = live.node
    found.dtype = INT64
    return [values, found]


def cumulative(call: Call) -> list[Value]:
    """CumSum."""
    live = unordered(call)
    axis = int(call.number_at(1))
    if not -len(live.shape) <= axis < len(live.shape):
        raise Unmatched("an axis that is not there")
    result = call.trace.emit(call.node, "cumsum", [live], parameters={"axis": own_axis(live, axis % len(live.shape))})
    result.node = live.node
    return [result]


OPERATORS: dict[str, Handler] = {
    "ReduceMean": reduction("mean"),
    "ReduceSum": reduction("sum"),
    "ReduceMax": reduction("max"),
    "ReduceMin": reduction("min"),
    "ReduceProd": reduction("prod"),
    "ReduceL2": reduction("norm"),
    "ReduceL1": reduction("abs", "sum"),
    "ReduceLogSumExp": reduction("logsumexp"),
    "ReduceSumSquare": reduction("square", "sum"),
    "ReduceLogSum": reduction("sum", "log"),
    "ArgMax": arg,
    "ArgMin": arg,
    "TopK": topk,
    "CumSum": cumulative,
}
