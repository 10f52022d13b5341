"""Attention of the positions of a map to each other, and the blocks that have it."""

from __future__ import annotations

from convcalc.importers.ultralytics.builder import Builder, Value, module
from convcalc.importers.ultralytics.modules.convolution import conv
from convcalc.layers.parameters import LayerError


def heads_of(channels: int, heads: int) -> int:
    """The channels of one head. Raises LayerError where there is no head."""
    if heads < 1 or channels < heads:
        raise LayerError("wrong-value", f"{channels} channels cannot be cut into {heads} heads")
    return channels // heads


def attended(net: Builder, query: Value, key: Value, value: Value) -> Value:
    """What each position gathers from all others; all of them are [heads, channels, positions]."""
    turned = [net.give("transpose", [each], {"axes": [-2, -1]}) for each in (query, key, value)]
    return net.give("transpose", [net.give("scaled_dot_product_attention", turned)], {"axes": [-2, -1]})


@module("Attention")
def attention(net: Builder, x: Value, num_heads: int, attn_ratio: float = 0.5) -> Value:
    """Keys and queries have `attn_ratio` of the channels of the values; a depthwise convolution tells positions."""
    channels, height, width = x.shape
    head = heads_of(channels, num_heads)
    key = int(head * attn_ratio)
    y = conv(net, "qkv", x, channels + 2 * key * num_heads, 1, act=False)
    y = net.give("reshape", [y], {"shape": [num_heads, 2 * key + head, height * width]})
    sizes = [key, key, head]
    parts = [net.give("split", [y], {"sizes": sizes, "index": index, "axis": 1}) for index in range(3)]
    gathered = net.give("reshape", [attended(net, *parts)], {"shape": list(x.shape)})
    values = net.give("reshape", [parts[2]], {"shape": list(x.shape)})
    positions = conv(net, "pe", values, channels, 3, 1, g=channels, act=False)
    return conv(net, "proj", net.give("add", [gathered, positions]), channels, 1, act=False)


def attention_layers(
    net: Builder, x: Value, attn_ratio: float = 0.5, num_heads: int = 4, shortcut: bool = True
) -> Value:
    """Attention, then two 1x1 convolutions, each with a shortcut."""
    y = attention(net, "attn", x, num_heads, attn_ratio)
    x = net.give("add", [x, y]) if shortcut else y
    with net.inside("ffn"):
        y = conv(net, "1", conv(net, "0", x, 2 * x.channels, 1), x.channels, 1, act=False)
    return net.give("add", [x, y]) if shortcut else y


attention_block = module("PSABlock")(attention_layers)


def _half_attended(net: Builder, x: Value, c2: int, e: float, n: int | None) -> Value:
    """Half of the channels attend, in `n` blocks, or by layers of the module itself for None."""
    if x.channels != c2:
        raise LayerError("shapes-do-not-agree", f"it keeps its {x.channels} channels, and is to give {c2}")
    c = int(x.channels * e)
    y = conv(net, "cv1", x, 2 * c, 1, 1)
    first, second = (net.give("chunk", [y], {"chunks": 2, "index": index}) for index in range(2))
    if n is None:
        second = attention_layers(net, second, 0.5, max(c // 64, 1))
    else:
        with net.inside("m"):
            for index in range(n):
                second = attention_block(net, str(index), second, 0.5, c // 64)
    return conv(net, "cv2", net.give("concat", [first, second]), c2, 1)


@module("PSA")
def half_attention(net: Builder, x: Value, c2: int, e: float = 0.5) -> Value:
    return _half_attended(net, x, c2, e, None)


@module("C2PSA")
def half_attention_blocks(net: Builder, x: Value, c2: int, n: int = 1, e: float = 0.5) -> Value:
    return _half_attended(net, x, c2, e, n)


@module("AAttn")
def area_attention(net: Builder, x: Value, num_heads: int, area: int = 1) -> Value:
    """Attention within areas: the positions, row by row, are cut into `area` equal runs."""
    channels, height, width = x.shape
    head = heads_of(channels, num_heads)
    inner, tokens = head * num_heads, height * width
    if area < 1 or tokens % area:
        raise LayerError("wrong-value", f"{tokens} positions cannot be cut into {area} areas")
    y = conv(net, "qkv", x, 3 * inner, 1, act=False)
    y = net.give("reshape", [y], {"shape": [num_heads, 3 * head, tokens]})
    parts = [net.give("chunk", [y], {"chunks": 3, "index": index, "axis": 1}) for index in range(3)]
    cut = parts
    if area > 1:
        shape = [num_heads, head, area, tokens // area]
        cut = [net.give("reshape", [part], {"shape": shape}) for part in parts]
        cut = [net.give("transpose", [part], {"axes": [1, 2]}) for part in cut]
    gathered = attended(net, *cut)
    if area > 1:
        gathered = net.give("transpose", [gathered], {"axes": [1, 2]})
    gathered = net.give("reshape", [gathered], {"shape": [inner, height, width]})
    values = net.give("reshape", [parts[2]], {"shape": [inner, height, width]})
    positions = conv(net, "pe", values, channels, 7, 1, 3, channels, act=False)
    return conv(net, "proj", net.give("add", [gathered, positions]), channels, 1, act=False)


@module("ABlock")
def area_block(net: Builder, x: Value, num_heads: int, mlp_ratio: float = 1.2, area: int = 1) -> Value:
    x = net.give("add", [x, area_attention(net, "attn", x, num_heads, area)])
    with net.inside("mlp"):
        y = conv(net, "1", conv(net, "0", x, int(x.channels * mlp_ratio), 1), x.channels, 1, act=False)
    return net.give("add", [x, y])
