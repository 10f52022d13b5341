"""Two convolutions with a shortcut, in the forms that the larger modules repeat."""

from __future__ import annotations

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import (
    Pair,
    conv,
    depthwise,
    ghost_conv,
    rep_conv,
    rep_depthwise,
)


def shortened(net: Builder, x: Value, y: Value, shortcut: bool = True) -> Value:
    """`y` with the input added, where that is wanted and the channels agree."""
    return net.give("add", [x, y]) if shortcut and x.channels == y.channels else y


@module("Bottleneck")
def bottleneck(
    net: Builder, x: Value, c2: int, shortcut: bool = True, g: int = 1, k: Pair | None = None, e: float = 0.5
) -> Value:
    first, second = k or [net.first_kernel, 3]
    y = conv(net, "cv1", x, int(c2 * e), first, 1)
    return shortened(net, x, conv(net, "cv2", y, c2, second, 1, g=g), shortcut)


@module("RepBottleneck")
def rep_bottleneck(net: Builder, x: Value, c2: int, shortcut: bool = True, g: int = 1) -> Value:
    y = rep_conv(net, "cv1", x, c2, 3, 1)
    return shortened(net, x, conv(net, "cv2", y, c2, 3, 1, g=g), shortcut)


@module("GhostBottleneck")
def ghost_bottleneck(net: Builder, x: Value, c2: int, k: int = 3, s: int = 1) -> Value:
    half = c2 // 2
    with net.inside("conv"):
        y = ghost_conv(net, "0", x, half, 1, 1)
        y = depthwise(net, "1", y, half, k, s, act=False) if s == 2 else y
        y = ghost_conv(net, "2", y, c2, 1, 1, act=False)
    if s == 2:
        with net.inside("shortcut"):
            x = conv(net, "1", depthwise(net, "0", x, x.channels, k, s, act=False), c2, 1, 1, act=False)
    return net.give("add", [y, x])


@module("CIB")
def inverted_block(net: Builder, x: Value, c2: int, shortcut: bool = True, e: float = 0.5, lk: bool = False) -> Value:
    """Depthwise and 1x1 convolutions in turn; `lk` makes the middle one 7x7."""
    wide = 2 * int(c2 * e)
    with net.inside("cv1"):
        y = conv(net, "0", x, x.channels, 3, g=x.channels)
        y = conv(net, "1", y, wide, 1)
        y = rep_depthwise(net, "2", y) if lk else conv(net, "2", y, wide, 3, g=wide)
        y = conv(net, "3", y, c2, 1)
        y = conv(net, "4", y, c2, 3, g=c2)
    return shortened(net, x, y, shortcut)


@module("ResNetBlock")
def resnet_block(net: Builder, x: Value, c2: int, s: int = 1, e: int = 4) -> Value:
    y = conv(net, "cv1", x, c2, 1, 1)
    y = conv(net, "cv2", y, c2, 3, s, 1)
    y = conv(net, "cv3", y, e * c2, 1, act=False)
    if s != 1 or x.channels != e * c2:
        with net.inside("shortcut"):
            x = conv(net, "0", x, e * c2, 1, s, act=False)
    return net.give("relu", [net.give("add", [y, x])])


@module("ResNetLayer")
def resnet_layer(
    net: Builder, x: Value, c1: int, c2: int, s: int = 1, is_first: bool = False, n: int = 1, e: int = 4
) -> Value:
    """A stage of ResNet: the stem where `is_first`, else `n` blocks, the first with the stride."""
    with net.inside("layer"):
        if is_first:
            x = conv(net, "0", x, c2, 7, 2, 3)
            return net.give("max_pool2d", [x], {"kernel_size": 3, "stride": 2, "padding": 1}, "1")
        for index in range(n):
            x = resnet_block(net, str(index), x, c2, s if index == 0 else 1, e)
    return x
