"""Convolutions with a batch norm and an activation, and what is made of a few of them."""

from __future__ import annotations

from math import gcd

from convcalc.importers.ultralytics.activations import activation_of
from convcalc.importers.ultralytics.builder import Builder, Value, module

Size = int | list[int]
Pair = list[Size]  # of two
Act = bool | str | None


def half(kernel: Size, dilation: int = 1) -> Size:
    """The padding with which a kernel of odd size keeps the size of a map."""
    if isinstance(kernel, int):
        return (dilation * (kernel - 1) + 1) // 2
    return [(dilation * (size - 1) + 1) // 2 for size in kernel]


def activate(net: Builder, x: Value, act: Act = True, name: str = "act") -> Value:
    """The activation that `act` names: the usual one for true, none for false."""
    if isinstance(act, str):
        type, parameters = activation_of(act)
        return net.give(type, [x], parameters, name)
    return net.give(net.activation[0], [x], net.activation[1], name) if act is True else x


def conv_layers(
    net: Builder, x: Value, c2: int, k: Size = 1, s: Size = 1, p: Size | None = None, g: int = 1, d: int = 1,
    act: Act = True,
) -> Value:  # fmt: skip
    """A convolution without a bias, batch norm, activation."""
    x = convolution(net, "conv", x, c2, k, s, half(k, d) if p is None else p, d, g, bias=False)
    return activate(net, net.give("batch_norm2d", [x], {}, "bn"), act)


conv = module("Conv")(conv_layers)


def convolution(
    net: Builder, name: str, x: Value, c2: int, k: Size = 1, s: Size = 1, p: Size = 0, d: int = 1, g: int = 1,
    bias: bool = True,
) -> Value:  # fmt: skip
    """A plain convolution."""
    parameters = {"out_channels": c2, "kernel_size": k, "stride": s, "padding": p, "dilation": d, "groups": g}
    return net.give("conv2d", [x], {**parameters, "bias": bias}, name)


def transposed(
    net: Builder, name: str, x: Value, c2: int, k: Size, s: Size = 1, p: Size = 0, op: Size = 0, g: int = 1,
    bias: bool = True, d: int = 1,
) -> Value:  # fmt: skip
    """A plain transposed convolution; the order of its arguments is that of PyTorch's ConvTranspose2d."""
    parameters = {"out_channels": c2, "kernel_size": k, "stride": s, "padding": p, "output_padding": op, "groups": g}
    return net.give("conv_transpose2d", [x], {**parameters, "bias": bias, "dilation": d}, name)


@module("DWConv")
def depthwise(
    net: Builder, x: Value, c2: int, k: Size = 1, s: Size = 1, d: int = 1, act: Act = True
) -> Value:  # fmt: skip
    """As many groups as divide the channels of both sides."""
    return conv_layers(net, x, c2, k, s, None, gcd(x.channels, c2), d, act)


@module("DWConvTranspose2d")
def depthwise_transposed(
    net: Builder, x: Value, c2: int, k: Size = 1, s: Size = 1, p1: Size = 0, p2: Size = 0
) -> Value:
    return transposed(net, "", x, c2, k, s, p1, p2, gcd(x.channels, c2))


@module("ConvTranspose")
def conv_transpose(
    net: Builder, x: Value, c2: int, k: Size = 2, s: Size = 2, p: Size = 0, bn: bool = True, act: Act = True
) -> Value:
    x = transposed(net, "conv_transpose", x, c2, k, s, p, bias=not bn)
    return activate(net, net.give("batch_norm2d", [x], {}, "bn") if bn else x, act)


@module("LightConv")
def light_conv(net: Builder, x: Value, c2: int, k: Size = 1, act: Act = "nn.ReLU()") -> Value:
    return depthwise(net, "conv2", conv(net, "conv1", x, c2, 1, act=False), c2, k, act=act)


@module("GhostConv")
def ghost_conv(net: Builder, x: Value, c2: int, k: Size = 1, s: Size = 1, g: int = 1, act: Act = True) -> Value:
    """Half of the channels by a convolution, the other half cheaply from these."""
    y = conv(net, "cv1", x, c2 // 2, k, s, None, g, act=act)
    return net.give("concat", [y, conv(net, "cv2", y, c2 // 2, 5, 1, None, c2 // 2, act=act)])


@module("Focus")
def focus(
    net: Builder, x: Value, c2: int, k: Size = 1, s: Size = 1, p: Size | None = None, g: int = 1, act: Act = True
) -> Value:
    """Every second row and column as a map of its own; four of them are joined."""
    parts = []
    for row, column in ((0, 0), (1, 0), (0, 1), (1, 1)):
        rows = net.give("slice", [x], {"axis": 1, "start": row or None, "step": 2})
        parts.append(net.give("slice", [rows], {"axis": 2, "start": column or None, "step": 2}))
    return conv(net, "conv", net.give("concat", parts), c2, k, s, p, g, act=act)


@module("RepConv")
def rep_conv(
    net: Builder, x: Value, c2: int, k: int = 3, s: int = 1, p: int = 1, g: int = 1, d: int = 1, act: Act = True,
    bn: bool = False,
) -> Value:  # fmt: skip
    """A 3x3 and a 1x1 convolution side by side, and the input itself where `bn`."""
    branches = [
        conv(net, "conv1", x, c2, k, s, p, g, act=False),
        conv(net, "conv2", x, c2, 1, s, p - k // 2, g, act=False),
    ]
    if bn and c2 == x.channels and s == 1:
        branches.append(net.give("batch_norm2d", [x], {}, "bn"))
    return activate(net, net.give("add", branches), act)


@module("RepVGGDW")
def rep_depthwise(net: Builder, x: Value) -> Value:
    c = x.channels
    wide = conv(net, "conv", x, c, 7, 1, 3, c, act=False)
    return activate(net, net.give("add", [wide, conv(net, "conv1", x, c, 3, 1, 1, c, act=False)]))


@module("SCDown")
def separated_down(net: Builder, x: Value, c2: int, k: Size, s: Size) -> Value:
    """Channels first, then the map: a 1x1 and a depthwise convolution."""
    return conv(net, "cv2", conv(net, "cv1", x, c2, 1, 1), c2, k, s, None, c2, act=False)


@module("AConv")
def average_conv(net: Builder, x: Value, c2: int) -> Value:
    x = net.give("avg_pool2d", [x], {"kernel_size": 2, "stride": 1})
    return conv(net, "cv1", x, c2, 3, 2, 1)


@module("ADown")
def average_down(net: Builder, x: Value, c2: int) -> Value:
    """Half of the channels by a convolution of stride 2, half by a max pooling."""
    x = net.give("avg_pool2d", [x], {"kernel_size": 2, "stride": 1})
    first, second = (net.give("chunk", [x], {"chunks": 2, "index": index}) for index in range(2))
    first = conv(net, "cv1", first, c2 // 2, 3, 2, 1)
    second = net.give("max_pool2d", [second], {"kernel_size": 3, "stride": 2, "padding": 1})
    return net.give("concat", [first, conv(net, "cv2", second, c2 // 2, 1, 1, 0)])
