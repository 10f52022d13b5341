"""Modules that gather the outputs of a stack of layers (ELAN, SPP, HGNet), and the branches of YOLOv9."""

from __future__ import annotations

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.bottleneck import shortened
from convcalc.importers.ultralytics.modules.convolution import Act, Size, conv, convolution, half, light_conv
from convcalc.importers.ultralytics.modules.partial import halves, rep_csp
from convcalc.layers.parameters import LayerError


def same_max(net: Builder, x: Value, k: int, name: str = "") -> Value:
    """A max pooling that keeps the size of the map."""
    return net.give("max_pool2d", [x], {"kernel_size": k, "stride": 1, "padding": k // 2}, name)


@module("SPP")
def pyramid(net: Builder, x: Value, c2: int, k: list[int] | None = None) -> Value:
    """Max poolings of several sizes side by side."""
    y = conv(net, "cv1", x, x.channels // 2, 1, 1)
    with net.inside("m"):
        pooled = [same_max(net, y, size, str(index)) for index, size in enumerate(k or [5, 9, 13])]
    return conv(net, "cv2", net.give("concat", [y, *pooled]), c2, 1, 1)


@module("SPPF")
def fast_pyramid(net: Builder, x: Value, c2: int, k: int = 5, n: int = 3, shortcut: bool = False) -> Value:
    """One max pooling several times over; all maps are joined."""
    values = [conv(net, "cv1", x, x.channels // 2, 1, 1, act=not shortcut)]
    for _ in range(n):
        values.append(same_max(net, values[-1], k))
    return shortened(net, x, conv(net, "cv2", net.give("concat", values), c2, 1, 1), shortcut)


@module("SPPELAN")
def elan_pyramid(net: Builder, x: Value, c2: int, c3: int, k: int = 5) -> Value:
    values = [conv(net, "cv1", x, c3, 1, 1)]
    for index in (2, 3, 4):
        values.append(same_max(net, values[-1], k, f"cv{index}"))
    return conv(net, "cv5", net.give("concat", values), c2, 1, 1)


@module("ELAN1")
def elan(net: Builder, x: Value, c2: int, c3: int, c4: int) -> Value:
    values = halves(net, conv(net, "cv1", x, c3, 1, 1))
    for name in ("cv2", "cv3"):
        values.append(conv(net, name, values[-1], c4, 3, 1))
    return conv(net, "cv4", net.give("concat", values), c2, 1, 1)


@module("RepNCSPELAN4")
def rep_elan(net: Builder, x: Value, c2: int, c3: int, c4: int, n: int = 1) -> Value:
    values = halves(net, conv(net, "cv1", x, c3, 1, 1))
    for name in ("cv2", "cv3"):
        with net.inside(name):
            values.append(conv(net, "1", rep_csp(net, "0", values[-1], c4, n), c4, 3, 1))
    return conv(net, "cv4", net.give("concat", values), c2, 1, 1)


@module("CBLinear")
def branching(
    net: Builder, x: Value, c2s: list[int], k: Size = 1, s: Size = 1, p: Size | None = None, g: int = 1
) -> list[Value]:
    """One convolution, whose channels are cut into several maps."""
    y = convolution(net, "conv", x, sum(c2s), k, s, half(k) if p is None else p, g=g)
    return [net.give("split", [y], {"sizes": list(c2s), "index": index}) for index in range(len(c2s))]


@module("CBFuse")
def fused(net: Builder, values: list[Value | list[Value]], idx: list[int]) -> Value:
    """The last input, and one map of each of the others at its size, added up."""
    *branches, last = values
    if not isinstance(last, Value):
        raise LayerError("shapes-do-not-agree", "its last input must be one map")
    found: list[Value] = []
    for maps, number in zip(branches, idx):
        if isinstance(maps, Value) or number >= len(maps):
            raise LayerError("wrong-index", f"an input has no map of the number {number}")
        found.append(maps[number])
    size = list(last.shape[1:])
    resized = [x if x.shape[1:] == last.shape[1:] else net.give("upsample", [x], {"size": size}) for x in found]
    return net.give("add", [*resized, last]) if resized else last


@module("HGStem")
def hg_stem(net: Builder, x: Value, cm: int, c2: int) -> Value:
    act = "nn.ReLU()"
    after = {"padding": [[0, 1], [0, 1]]}  # a row below and a column to the right
    x = net.give("pad", [conv(net, "stem1", x, cm, 3, 2, act=act)], after)
    y = net.give("pad", [conv(net, "stem2a", x, cm // 2, 2, 1, 0, act=act)], after)
    y = conv(net, "stem2b", y, cm, 2, 1, 0, act=act)
    pooled = net.give("max_pool2d", [x], {"kernel_size": 2, "stride": 1, "ceil_mode": True}, "pool")
    y = conv(net, "stem3", net.give("concat", [pooled, y]), cm, 3, 2, act=act)
    return conv(net, "stem4", y, c2, 1, 1, act=act)


@module("HGBlock")
def hg_block(
    net: Builder, x: Value, cm: int, c2: int, k: int = 3, n: int = 6, lightconv: bool = False, shortcut: bool = False,
    act: Act = "nn.ReLU()",
) -> Value:  # fmt: skip
    values = [x]
    with net.inside("m"):
        for index in range(n):
            if lightconv:
                values.append(light_conv(net, str(index), values[-1], cm, k, act))
            else:
                values.append(conv(net, str(index), values[-1], cm, k, act=act))
    y = conv(net, "sc", net.give("concat", values), c2 // 2, 1, 1, act=act)
    return shortened(net, x, conv(net, "ec", y, c2, 1, 1, act=act), shortcut)
