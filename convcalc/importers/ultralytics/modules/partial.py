"""Modules that let a part of the channels pass by a chain of blocks (cross stage partial networks)."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.attention import area_block, attention_block
from convcalc.importers.ultralytics.modules.bottleneck import (
    bottleneck,
    ghost_bottleneck,
    inverted_block,
    rep_bottleneck,
    shortened,
)
from convcalc.importers.ultralytics.modules.convolution import activate, conv, convolution, rep_conv

Area = int  # a file without attention may give -1
# Writes down one block of a chain: its name, and what it reads.
Step = Callable[[str, Value], Value]


def chain(net: Builder, name: str, x: Value, n: int, step: Step) -> Value:
    """`n` blocks one after the other, in a module of that name."""
    with net.inside(name):
        for index in range(n):
            x = step(str(index), x)
    return x


def halves(net: Builder, x: Value) -> list[Value]:
    """The two halves of the channels."""
    return [net.give("chunk", [x], {"chunks": 2, "index": index}) for index in range(2)]


def gathered(net: Builder, x: Value, c: int, c2: int, n: int, step: Step) -> Value:
    """Half of the channels go through a chain; the last convolution reads both halves and every block's output."""
    values = halves(net, conv(net, "cv1", x, 2 * c, 1, 1))
    with net.inside("m"):
        for index in range(n):
            values.append(step(str(index), values[-1]))
    return conv(net, "cv2", net.give("concat", values), c2, 1)


def passed_by(net: Builder, x: Value, c: int, c2: int, n: int, step: Step) -> Value:
    """A convolution and a chain, beside a convolution alone; a third one reads both."""
    first = chain(net, "m", conv(net, "cv1", x, c, 1, 1), n, step)
    return conv(net, "cv3", net.give("concat", [first, conv(net, "cv2", x, c, 1, 1)]), c2, 1)


@module("BottleneckCSP")
def csp(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    y = conv(net, "cv1", x, c, 1, 1)
    y = chain(net, "m", y, n, lambda name, x: bottleneck(net, name, x, c, shortcut, g, e=1.0))
    first = convolution(net, "cv3", y, c, bias=False)
    second = convolution(net, "cv2", x, c, bias=False)
    joined = net.give("batch_norm2d", [net.give("concat", [first, second])], {}, "bn")
    return conv(net, "cv4", activate(net, joined), c2, 1, 1)


@module("C1")
def c1(net: Builder, x: Value, c2: int, n: int = 1) -> Value:
    y = conv(net, "cv1", x, c2, 1, 1)
    return net.give("add", [chain(net, "m", y, n, lambda name, x: conv(net, name, x, c2, 3)), y])


@module("C2")
def c2(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    first, second = halves(net, conv(net, "cv1", x, 2 * c, 1, 1))
    first = chain(net, "m", first, n, lambda name, x: bottleneck(net, name, x, c, shortcut, g, e=1.0))
    return conv(net, "cv2", net.give("concat", [first, second]), c2, 1)


@module("C2f")
def c2f(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = False, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    return gathered(net, x, c, c2, n, lambda name, x: bottleneck(net, name, x, c, shortcut, g, e=1.0))


@module("C2fCIB")
def c2f_inverted(
    net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = False, lk: bool = False, g: int = 1, e: float = 0.5
) -> Value:
    c = int(c2 * e)
    return gathered(net, x, c, c2, n, lambda name, x: inverted_block(net, name, x, c, shortcut, 1.0, lk))


@module("C2fPSA")
def c2f_attention(net: Builder, x: Value, c2: int, n: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    return gathered(net, x, c, c2, n, lambda name, x: attention_block(net, name, x, 0.5, c // 64))


@module("C3")
def c3(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    return passed_by(net, x, c, c2, n, lambda name, x: bottleneck(net, name, x, c, shortcut, g, [1, 3], 1.0))


@module("C3x")
def c3x(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    return passed_by(net, x, c, c2, n, lambda name, x: bottleneck(net, name, x, c, shortcut, g, [[1, 3], [3, 1]], 1.0))


@module("C3k")
def c3k(
    net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5, k: int = 3
) -> Value:
    c = int(c2 * e)
    return passed_by(net, x, c, c2, n, lambda name, x: bottleneck(net, name, x, c, shortcut, g, [k, k], 1.0))


@module("C3Ghost")
def c3_ghost(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    return passed_by(net, x, c, c2, n, lambda name, x: ghost_bottleneck(net, name, x, c))


@module("RepCSP")
def rep_csp(net: Builder, x: Value, c2: int, n: int = 1, shortcut: bool = True, g: int = 1, e: float = 0.5) -> Value:
    c = int(c2 * e)
    return passed_by(net, x, c, c2, n, lambda name, x: rep_bottleneck(net, name, x, c, shortcut, g))


@module("C3k2")
def c3k2(
    net: Builder, x: Value, c2: int, n: int = 1, c3k_: bool = False, e: float = 0.5, attn: bool = False, g: int = 1,
    shortcut: bool = True,
) -> Value:  # fmt: skip
    c = int(c2 * e)

    def step(name: str, x: Value) -> Value:
        if attn:
            with net.inside(name):
                x = bottleneck(net, "0", x, c, shortcut, g)
                return attention_block(net, "1", x, 0.5, max(c // 64, 1))
        return c3k(net, name, x, c, 2, shortcut, g) if c3k_ else bottleneck(net, name, x, c, shortcut, g)

    return gathered(net, x, c, c2, n, step)


@module("RepC3")
def rep_c3(net: Builder, x: Value, c2: int, n: int = 3, e: float = 1.0) -> Value:
    c = int(c2 * e)
    first = chain(net, "m", conv(net, "cv1", x, c, 1, 1), n, lambda name, x: rep_conv(net, name, x, c))
    y = net.give("add", [first, conv(net, "cv2", x, c, 1, 1)])
    return conv(net, "cv3", y, c2, 1, 1) if c != c2 else y


@module("A2C2f")
def area_c2f(
    net: Builder, x: Value, c2: int, n: int = 1, a2: bool = True, area: Area = 1, residual: bool = False,
    mlp_ratio: float = 2.0, e: float = 0.5, g: int = 1, shortcut: bool = True,
) -> Value:  # fmt: skip
    """Pairs of blocks with attention within areas, or chains of bottlenecks where `a2` is false."""
    c = int(c2 * e)

    def step(name: str, x: Value) -> Value:
        if not a2:
            return c3k(net, name, x, c, 2, shortcut, g)
        return chain(net, name, x, 2, lambda name, x: area_block(net, name, x, c // 32, mlp_ratio, area))

    values = [conv(net, "cv1", x, c, 1, 1)]
    with net.inside("m"):
        for index in range(n):
            values.append(step(str(index), values[-1]))
    y = conv(net, "cv2", net.give("concat", values), c2, 1)
    if not (a2 and residual):
        return y
    scaled = net.give("layer_scale", [y], {}, "gamma", tensors={"weight": (c2,)})
    return shortened(net, x, scaled)
