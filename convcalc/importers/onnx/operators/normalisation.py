"""Normalisation and softmax."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.importers.network import Tensor
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.maps import as_maps
from convcalc.importers.onnx.operators.convolutions import is_filled
from convcalc.importers.onnx.operators.elementwise import Handler
from convcalc.importers.onnx.trace import tensor_of
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value


def batch_norm(call: Call) -> list[Value]:
    """BatchNormalization as it is at inference."""
    rank = len(call.value(0).shape) - 2
    if rank > 3:
        raise Unmatched("a batch norm over more than three axes")
    live, leading = as_maps(call, rank)
    scale, bias, mean, variance = (call.constant(index) for index in range(1, 5))
    if scale is None or bias is None or mean is None or variance is None:
        raise Unmatched("a batch norm without its four vectors")
    affine, tensors = affine_of(scale, bias)
    parameters = {
        "eps": call.number("epsilon", 1e-5),
        "momentum": round(1 - call.number("momentum", 0.9), 6),
        **affine,
        **leading,
    }
    buffers = {"running_mean": tensor_of(mean), "running_var": tensor_of(variance)}
    # The layer counts the batches that it has seen; ONNX does not store that number.
    buffers["num_batches_tracked"] = Tensor("", ())
    type = f"batch_norm{max(rank, 1)}d"
    result = call.trace.emit(call.node, type, [live], parameters=parameters, tensors=tensors, buffers=buffers)
    return [result] * min(1, len(call.node.outputs))


def affine_of(scale: Constant | None, bias: Constant | None) -> tuple[dict[str, Any], dict[str, Tensor | None]]:
    """Whether a norm has weights and biases, and their tensors. Ones and zeros of the code are none."""
    scale = None if scale is None or is_filled(scale, 1) else scale
    bias = None if bias is None or is_filled(bias, 0) else bias
    if scale is None and bias is not None:
        raise Unmatched("a norm with biases and without weights")
    tensors = {"weight": None if scale is None else tensor_of(scale), "bias": None if bias is None else tensor_of(bias)}
    return {"affine": scale is not None, "bias": scale is None or bias is not None}, tensors


def instance_norm(call: Call) -> list[Value]:
    """InstanceNormalization."""
    rank = len(call.value(0).shape) - 2
    if not 1 <= rank <= 3:
        raise Unmatched("an instance norm over these axes")
    live, leading = as_maps(call, rank)
    affine, tensors = affine_of(call.constant(1), call.constant(2))
    parameters = {"eps": call.number("epsilon", 1e-5), **affine, **leading}
    return [call.trace.emit(call.node, f"instance_norm{rank}d", [live], parameters=parameters, tensors=tensors)]


def group_norm(call: Call) -> list[Value]:
    """GroupNormalization; before opset 21 its weights are one for each group."""
    live, leading = as_maps(call, len(call.value(0).shape) - 2)
    scale, bias = call.constant(1), call.constant(2)
    groups = call.integer("num_groups", 1)
    if scale is None or prod(scale.shape) != live.own[len(leading)]:
        raise Unmatched("a weight for each group")
    affine, tensors = affine_of(scale, bias)
    parameters = {"num_groups": groups, "eps": call.number("epsilon", 1e-5), **affine, **leading}
    return [call.trace.emit(call.node, "group_norm", [live], parameters=parameters, tensors=tensors)]


def layer_norm(call: Call) -> list[Value]:
    """LayerNormalization and RMSNormalization, over the last axes."""
    is_rms = call.node.operator != "LayerNormalization"
    live = call.live()
    axis = call.axis("axis", len(live.shape), -1)
    shape = live.shape[axis:]
    if BATCH in live.axes[axis:]:
        raise BatchConflict
    affine, tensors = affine_of(call.constant(1), None if is_rms else call.constant(2))
    if is_rms:
        del affine["bias"], tensors["bias"]
    parameters = {"eps": call.number("epsilon", 1e-5), **affine}
    if len(shape) > 1:
        parameters["normalized_shape"] = list(shape)
    type = "rms_norm" if is_rms else "layer_norm"
    return [call.trace.emit(call.node, type, [live], parameters=parameters, tensors=tensors)]


def local_response(call: Call) -> list[Value]:
    """LRN."""
    live, leading = as_maps(call, len(call.value(0).shape) - 2)
    parameters = {
        "size": call.integer("size", 1), "alpha": call.number("alpha", 1e-4), "beta": call.number("beta", 0.75),
        "k": call.number("bias", 1.0), **leading,
    }  # fmt: skip
    return [call.trace.emit(call.node, "local_response_norm", [live], parameters=parameters)]


def own_axis(value: Live, axis: int) -> int:
    """The axis of the language for an axis of ONNX. Raises BatchConflict for the batch."""
    if value.axes[axis] == BATCH or (value.merged is not None and value.merged.axis == axis):
        raise BatchConflict
    return value.axes[axis]


def unordered(call: Call, index: int = 0) -> Live:
    """An input in whatever order its axes are, where that is the order of a map with the channels first."""
    value = call.value(index)
    if isinstance(value, Live) and value.is_channels_last and value.settled is None:
        return value
    return call.live(index)


def l_norm(call: Call) -> list[Value]:
    """LpNormalization."""
    live = unordered(call)
    axis = own_axis(live, call.axis("axis", len(live.shape), -1))
    result = call.trace.emit(call.node, "normalize", [live], parameters={"axis": axis, "p": call.integer("p", 2)})
    result.node = live.node
    return [result]


def softmax(type: str) -> Handler:
    """The handler of Softmax and LogSoftmax; before opset 13 they join the axes from `axis` on."""

    def handle(call: Call) -> list[Value]:
        live = unordered(call)
        rank = len(live.shape)
        axis = call.axis("axis", rank, -1 if call.opset >= 13 else min(1, rank - 1))
        behind = [at for at in range(axis + 1, rank) if live.shape[at] > 1]
        if call.opset < 13 and behind:
            return [_joined_softmax(call, type, axis)]
        result = call.trace.emit(call.node, type, [live], parameters={"axis": own_axis(live, axis)})
        result.node = live.node
        return [result]

    return handle


def _joined_softmax(call: Call, type: str, axis: int) -> Live:
    live = call.live()
    if BATCH in live.axes[axis:] or live.merged is not None:
        raise BatchConflict
    start = live.axes[axis]
    joined = (*live.axes[: axis + 1],)
    flat = call.trace.emit(call.node, "flatten", [live], joined, {"start_axis": start})
    soft = call.trace.emit(call.node, type, [flat], parameters={"axis": start})
    return call.trace.emit(call.node, "reshape", [soft], live.axes, {"shape": list(live.own)})


OPERATORS: dict[str, Handler] = {
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm,
    "LayerNormalization": layer_norm,
    "RMSNormalization": layer_norm,
    "SimplifiedLayerNormalization": layer_norm,
    "LRN": local_response,
    "LpNormalization": l_norm,
    "Softmax": softmax("softmax"),
    "LogSoftmax": softmax("log_softmax"),
}
