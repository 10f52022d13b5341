"""Convolutions and transposed convolutions."""

from __future__ import annotations

from typing import Any

from convcalc.importers.network import Tensor
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.maps import as_maps, padding_of, pairs, per_axis
from convcalc.importers.onnx.operators.elementwise import Handler
from convcalc.importers.onnx.trace import tensor_of
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value


def convolution(call: Call) -> list[Value]:
    """Conv; where its weights depend on an input it is a `dynamic_conv`."""
    weight = call.value(1)
    spatial = len(weight.shape) - 2
    if not 1 <= spatial <= 3:
        raise Unmatched(f"a convolution over {spatial} axes")
    live, leading = as_maps(call, spatial)
    kernel = list(weight.shape[2:])
    stride, dilation = per_axis(call, "strides", spatial), per_axis(call, "dilations", spatial)
    pads = padding_of(call, live.own[-spatial:], kernel, stride, dilation)
    parameters: dict[str, Any] = {
        "stride": stride, "padding": pairs(pads), "dilation": dilation, "groups": call.integer("group", 1), **leading,
    }  # fmt: skip
    bias = call.optional(2)
    if isinstance(bias, Constant) and is_filled(bias, 0):
        bias = None
    if isinstance(weight, Live) or isinstance(bias, Live):
        return [_dynamic(call, spatial, live, parameters)]
    parameters |= {"out_channels": weight.shape[0], "kernel_size": kernel, "bias": bias is not None}
    return [call.trace.emit(call.node, f"conv{spatial}d", [live], parameters=parameters, tensors=held(weight, bias))]


def is_filled(constant: Constant, number: int) -> bool:
    """Whether a constant of the code, no tensor of the network, holds this number alone."""
    return not constant.is_learned and constant.data is not None and all(each == number for each in constant.data)


def held(weight: Constant, bias: Constant | None) -> dict[str, Tensor | None]:
    """The tensors of a layer with weights and perhaps biases."""
    return {"weight": tensor_of(weight), "bias": None if bias is None else tensor_of(bias)}


def _dynamic(call: Call, spatial: int, live: Live, parameters: dict[str, Any]) -> Live:
    reads = [live, *(call.live(index) for index in range(1, len(call.inputs)))]
    if any(BATCH in each.axes for each in reads[1:]) and call.trace.batch != 1:
        raise BatchConflict
    if any(len(each.own) != len(each.shape) for each in reads[1:]):
        raise Unmatched("its weights have a batch axis")
    return call.trace.emit(call.node, f"dynamic_conv{spatial}d", reads, parameters=parameters)


def transposed(call: Call) -> list[Value]:
    """ConvTranspose, by padding, by the output's shape, or `same`."""
    weight, bias = call.constant(1), call.constant(2)
    if weight is None or not 3 <= len(weight.shape) <= 5:
        raise Unmatched("no weights of 1 to 3 spatial axes")
    spatial = len(weight.shape) - 2
    live, leading = as_maps(call, spatial)
    kernel, groups = list(weight.shape[2:]), call.integer("group", 1)
    stride, dilation = per_axis(call, "strides", spatial), per_axis(call, "dilations", spatial)
    added = per_axis(call, "output_padding", spatial, 0)
    pads, added = _cut(call, live.own[-spatial:], kernel, stride, dilation, added)
    parameters: dict[str, Any] = {
        "out_channels": weight.shape[1] * groups, "kernel_size": kernel, "stride": stride, "padding": pairs(pads),
        "output_padding": added, "dilation": dilation, "groups": groups, "bias": bias is not None, **leading,
    }  # fmt: skip
    type = f"conv_transpose{spatial}d"
    return [call.trace.emit(call.node, type, [live], parameters=parameters, tensors=held(weight, bias))]


def _cut(
    call: Call, sizes: tuple[int, ...], kernel: list[int], stride: list[int], dilation: list[int], added: list[int]
) -> tuple[list[int], list[int]]:
    """The cells that are cut off before and after each axis, and those that are added at its end."""
    spatial, mode = len(sizes), call.text("auto_pad", "NOTSET")
    wanted = call.integers("output_shape", [])[-spatial:]
    if not wanted and mode not in ("SAME_UPPER", "SAME_LOWER"):
        return padding_of(call, sizes, kernel, stride, dilation), added
    if not wanted:
        wanted = [size * step for size, step in zip(sizes, stride)]
    before, after, more = [], [], []
    for axis, size in enumerate(wanted):
        full = stride[axis] * (sizes[axis] - 1) + (kernel[axis] - 1) * dilation[axis] + 1
        total = full + added[axis] - size
        small, large = max(total, 0) // 2, max(total, 0) - max(total, 0) // 2
        before.append(small if mode == "SAME_UPPER" else large)
        after.append(large if mode == "SAME_UPPER" else small)
        more.append(added[axis] + max(0, -total))
    return before + after, more


OPERATORS: dict[str, Handler] = {"Conv": convolution, "ConvTranspose": transposed}
