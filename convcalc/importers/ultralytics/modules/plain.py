"""Layers of PyTorch that a row names, and joins of rows."""

from __future__ import annotations

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import Size, transposed


@module("Concat")
def concat(net: Builder, values: list[Value], dimension: int = 1) -> Value:
    return net.give("concat", values, {"axis": dimension - 1 if dimension > 0 else dimension})


@module("Upsample")
def upsample(
    net: Builder, x: Value, size: Size | None = None, scale_factor: float | list[float] | None = None,
    mode: str = "nearest", align_corners: bool | None = None,
) -> Value:  # fmt: skip
    parameters = {"size": size, "scale_factor": scale_factor, "mode": mode, "align_corners": align_corners}
    return net.give("upsample", [x], {key: value for key, value in parameters.items() if value is not None})


@module("MaxPool2d")
def max_pool(
    net: Builder, x: Value, kernel_size: Size, stride: Size | None = None, padding: Size = 0, dilation: Size = 1,
    return_indices: bool = False, ceil_mode: bool = False,
) -> Value:  # fmt: skip
    parameters = {"kernel_size": kernel_size, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    return net.give("max_pool2d", [x], {**parameters, "stride": kernel_size if stride is None else stride})


@module("AvgPool2d")
def average_pool(
    net: Builder, x: Value, kernel_size: Size, stride: Size | None = None, padding: Size = 0, ceil_mode: bool = False
) -> Value:
    parameters = {"kernel_size": kernel_size, "padding": padding, "ceil_mode": ceil_mode}
    return net.give("avg_pool2d", [x], {**parameters, "stride": kernel_size if stride is None else stride})


@module("ZeroPad2d")
def zero_pad(net: Builder, x: Value, padding: Size) -> Value:
    """PyTorch's order is left, right, top, bottom."""
    left, right, top, bottom = [padding] * 4 if isinstance(padding, int) else padding
    return net.give("pad", [x], {"padding": [[top, bottom], [left, right]]})


@module("BatchNorm2d")
def batch_norm(net: Builder, x: Value) -> Value:
    return net.give("batch_norm2d", [x])


@module("Conv2d")
def plain_convolution(
    net: Builder, x: Value, c2: int, k: Size = 1, s: Size = 1, p: Size = 0, d: Size = 1, g: int = 1, bias: bool = True
) -> Value:
    parameters = {"out_channels": c2, "kernel_size": k, "stride": s, "padding": p, "dilation": d, "groups": g}
    return net.give("conv2d", [x], {**parameters, "bias": bias})


@module("ConvTranspose2d")
def plain_transposed(
    net: Builder, x: Value, c2: int, k: Size, s: Size = 1, p: Size = 0, op: Size = 0, g: int = 1, bias: bool = True
) -> Value:
    return transposed(net, "", x, c2, k, s, p, op, g, bias)


@module("Identity")
def identity(net: Builder, x: Value | list[Value]) -> Value | list[Value]:
    return x


@module("Index")
def index(net: Builder, values: list[Value], c2: int, index: int = 0) -> Value:
    return values[index]
