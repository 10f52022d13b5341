"""Attention."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.code import Argument, Call, Code, given, keyword, size
from convcalc.exporters.pytorch.layers.register import Placed, Register
from convcalc.exporters.register import Unsupported

rules = Register()

_WIDTHS = ("head_dim", "value_dim", "num_kv_heads", "qkv_bias", "proj_bias")


@rules("multihead_attention")
def multihead_attention(placed: Placed) -> Code:
    layer = placed.layer
    query, key, value = (*placed.inputs, placed.inputs[-1], placed.inputs[-1])[:3]
    names = ", ".join(f"{{{min(number, len(placed.inputs) - 1)}}}" for number in range(3))
    if any(getattr(layer, name) is not None for name in _WIDTHS):
        return _projected(placed, query, key, value, names)
    if placed.rank != 2 and (len(placed.inputs) > 1 or placed.parts):
        raise Unsupported("PyTorch's attention reads [tokens, features]: join the axes before them")
    embed = query[-1]
    arguments = (
        size(0, -1, embed),
        given(layer.num_heads, "num_heads"),
        keyword("dropout", layer.dropout, 0.0),
        keyword("bias", layer.bias, True),
        keyword("add_bias_kv", layer.add_bias_kv, False),
        keyword("add_zero_attn", layer.add_zero_attn, False),
        keyword("kdim", None if key[-1] == embed else key[-1], None),
        keyword("vdim", None if value[-1] == embed else value[-1], None),
        Argument(True, "batch_first"),
    )
    call = Call("nn.MultiheadAttention", arguments)
    values: dict[str, Any] = {}
    mask = ""
    if layer.causal:
        mask, values["tokens"] = ", attn_mask=causal_mask({tokens}, {0}.device)", query[-2]
        if key[-2] != query[-2]:
            raise Unsupported("a causal mask over as many keys as queries only")
    helpers = ("causal_mask",) if mask else ()
    if placed.parts:
        return Code(f"{{m}}({names}{mask})", call, values=values, parts=("", *placed.parts), helpers=helpers)
    if placed.rank > 2:
        use = f"each_place({{m}}, {{0}}{mask})"
        return Code(use, call, values=values, helpers=(*helpers, "each_place"))
    return Code(f"{{m}}({names}{mask}, need_weights=False)[0]", call, values=values, helpers=helpers)


def _projected(placed: Placed, query: Any, key: Any, value: Any, names: str) -> Code:
    layer = placed.layer
    if layer.add_bias_kv or layer.add_zero_attn or placed.parts:
        raise Unsupported("learned keys, or weights as an output, with heads of their own widths")
    wide = layer.head_dim or query[-1] // layer.num_heads
    qkv = layer.bias if layer.qkv_bias is None else layer.qkv_bias
    out = layer.bias if layer.proj_bias is None else layer.proj_bias
    arguments = (
        size(0, -1, query[-1]),
        given(layer.num_heads, "num_heads"),
        given(wide, "head_dim", "head_dim"),
        keyword("value_dim", layer.value_dim, None),
        keyword("num_kv_heads", layer.num_kv_heads, None),
        keyword("kdim", None if key[-1] == query[-1] else key[-1], None),
        keyword("vdim", None if value[-1] == query[-1] else value[-1], None),
        keyword("qkv_bias", qkv, True),
        keyword("proj_bias", out, True),
        keyword("causal", layer.causal, False),
        keyword("dropout", layer.dropout, 0.0),
    )
    return Code(f"{{m}}({names})", Call("Attention", arguments), helpers=("attention",))


@rules("scaled_dot_product_attention")
def scaled_dot_product_attention(placed: Placed) -> Code:
    layer = placed.layer
    if len(set(map(len, placed.inputs))) > 1:
        raise Unsupported("inputs with different numbers of axes")
    text = "F.scaled_dot_product_attention({0}, {1}, {2}"
    values: dict[str, Any] = {}
    if len(placed.inputs) > 3:
        text += ", attn_mask={3}"
    if layer.dropout:
        text, values["dropout"] = text + ", dropout_p={dropout} if self.training else 0.0", layer.dropout
    helpers: tuple[str, ...] = ()
    if layer.causal and len(placed.inputs) > 3:
        if placed.inputs[1][-2] != placed.shape[-2]:
            raise Unsupported("a causal mask over as many keys as queries only")
        hidden = 'causal_mask({tokens}, {3}.device), float("-inf")'
        text, values["tokens"] = text.replace("{3}", f"{{3}}.masked_fill({hidden})"), placed.shape[-2]
        helpers = ("causal_mask",)
    elif layer.causal:
        text += ", is_causal=True"
    text += ", enable_gqa=True" if layer.enable_gqa else ""
    return Code("", function=text + ")", values=values, helpers=helpers)


@rules("window_attention", "window_attention_v2", "grid_attention")
def window_attention(placed: Placed) -> Code:
    layer = placed.layer
    name, helper = {
        "window_attention": ("WindowAttention", "window_attention"),
        "window_attention_v2": ("WindowAttentionV2", "window_attention_v2"),
        "grid_attention": ("GridAttention", "grid_attention"),
    }[placed.type]
    arguments = [
        size(0, -1, placed.shape[-1]),
        given(layer.num_heads, "num_heads"),
        given(tuple(layer.window()), "window_size"),
    ]
    if placed.type != "grid_attention":
        shift = tuple(layer.shift())
        arguments.append(keyword("shift_size", shift, (0, 0)))
    arguments += [keyword("qkv_bias", layer.qkv_bias, True), keyword("proj_bias", layer.proj_bias, True)]
    helpers = ("window_attention", helper) if helper != "window_attention" else (helper,)
    return Code(module=Call(name, tuple(arguments)), helpers=helpers)
