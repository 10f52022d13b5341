"""Pooling, global pooling and unpooling."""

from __future__ import annotations

from typing import Any

from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.maps import as_maps, padding_of, pairs, per_axis
from convcalc.importers.onnx.operators.elementwise import Handler
from convcalc.importers.onnx.values import Live, Value


def _window(call: Call, has_dilation: bool = True) -> tuple[Live, int, dict[str, Any], list[int]]:
    """What the input is, over how many axes the window slides, its parameters, and the cells around the map."""
    kernel = call.integers("kernel_shape", [])
    spatial = len(kernel)
    if not 1 <= spatial <= 3:
        raise Unmatched(f"a window over {spatial} axes")
    live, leading = as_maps(call, spatial)
    stride, dilation = per_axis(call, "strides", spatial), per_axis(call, "dilations", spatial)
    pads = padding_of(call, live.own[-spatial:], kernel, stride, dilation)
    parameters: dict[str, Any] = {
        "kernel_size": kernel,
        "stride": stride,
        "ceil_mode": bool(call.integer("ceil_mode", 0)),
    }
    if has_dilation:
        parameters["dilation"] = dilation
    elif dilation != [1] * spatial:
        raise Unmatched("an average over a window with gaps")
    if any(2 * pad > size for pad, size in zip(pads, kernel * 2)):
        live = call.trace.emit(call.node, "pad", [live], parameters={"padding": pairs(pads)})
        pads = [0] * len(pads)
    return live, spatial, {**parameters, "padding": pairs(pads), **leading}, pads


def max_pool(call: Call) -> list[Value]:
    """MaxPool, and where its greatest values were."""
    live, spatial, parameters, _ = _window(call)
    type = f"max_pool{spatial}d"
    if len(call.node.outputs) > 1 and call.node.outputs[1]:
        places = call.trace.emit(call.node, type, [live], parameters=parameters, part="indices")
        name = call.trace.operations[-1].output.name
        return [call.trace.live(name, places.own, places.axes, live.dtype, places.merged), places]
    return [call.trace.emit(call.node, type, [live], parameters=parameters)]


def average_pool(call: Call) -> list[Value]:
    """AveragePool."""
    live, spatial, parameters, pads = _window(call, has_dilation=False)
    if any(pads):
        parameters["count_include_pad"] = bool(call.integer("count_include_pad", 0))
    return [call.trace.emit(call.node, f"avg_pool{spatial}d", [live], parameters=parameters)]


def global_pool(type: str) -> Handler:
    """The handler of a pooling over the whole map."""

    def handle(call: Call) -> list[Value]:
        live, leading = as_maps(call, len(call.value(0).shape) - 2)
        return [call.trace.emit(call.node, type, [live], parameters=leading)]

    return handle


def unpool(call: Call) -> list[Value]:
    """MaxUnpool."""
    kernel = call.integers("kernel_shape", [])
    spatial = len(kernel)
    live, leading = as_maps(call, spatial)
    indices, _ = as_maps(call, spatial, 1)
    pads = padding_of(call, live.own[-spatial:], kernel, [1] * spatial, [1] * spatial)
    size = call.sizes(2)[-spatial:] if call.optional(2) is not None else None
    parameters = {"kernel_size": kernel, "stride": per_axis(call, "strides", spatial), "padding": pairs(pads),
                  "output_size": size, **leading}  # fmt: skip
    return [call.trace.emit(call.node, f"max_unpool{spatial}d", [live, indices], parameters=parameters)]


OPERATORS: dict[str, Handler] = {
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_pool("global_avg_pool"),
    "GlobalMaxPool": global_pool("global_max_pool"),
    "MaxUnpool": unpool,
}
