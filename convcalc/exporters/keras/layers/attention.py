"""Attention."""

from __future__ import annotations

from convcalc.exporters.keras.layers.convolution import frozen
from convcalc.exporters.keras.layers.register import Placed, Register, function
from convcalc.exporters.python.code import Argument, Call, Code, given, keyword
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("multihead_attention")
def multihead_attention(placed: Placed) -> Code:
    layer = placed.layer
    query = placed.inputs[0]
    if layer.add_bias_kv or layer.add_zero_attn:
        raise Unsupported("Keras has no learned keys and no keys of zeros in attention")
    if placed.parts:
        raise Unsupported("Keras gives the weights of each head, and not their mean")
    qkv = layer.bias if layer.qkv_bias is None else layer.qkv_bias
    out = layer.bias if layer.proj_bias is None else layer.proj_bias
    if qkv != out:
        raise Unsupported("Keras has a bias in all projections of attention, or in none")
    axes = keyword("attention_axes", placed.rank - 1 if placed.rank > 2 else None, None)
    size = layer.head_dim or query[-1] // layer.num_heads
    dropout = keyword("dropout", layer.dropout, 0.0)
    bias = keyword("use_bias", qkv, True)
    heads = given(layer.num_heads, "num_heads")
    if layer.num_kv_heads is not None and layer.num_kv_heads != layer.num_heads:
        if layer.value_dim not in (None, size) or placed.rank > 2:
            raise Unsupported(
                "Keras has attention with fewer keys than queries on one axis of tokens, with one size of heads"
            )
        groups = Argument(layer.num_kv_heads, "num_key_value_heads")
        arguments = (Argument(size), heads, groups, dropout, bias, *frozen(placed))
        call = Call("layers.GroupQueryAttention", arguments)
    else:
        value = keyword("value_dim", layer.value_dim if layer.value_dim != size else None, None)
        call = Call("layers.MultiHeadAttention", (heads, Argument(size, "key_dim"), value, dropout, bias, axes,
                                                  *frozen(placed)))  # fmt: skip
    last = len(placed.inputs) - 1
    key, read = min(1, last), min(2, last)
    names = f"{{0}}, {{{read}}}" if key == read else f"{{0}}, {{{read}}}, {{{key}}}"
    return Code(names + (", use_causal_mask=True" if layer.causal else ""), call)


@rules("scaled_dot_product_attention")
def scaled_dot_product_attention(placed: Placed) -> Code:
    layer = placed.layer
    if layer.causal or layer.enable_gqa or layer.dropout or len(placed.inputs) != 3:
        raise Unsupported(
            "attention with a mask, shared keys or dropout has no function in Keras for this order of axes"
        )
    if len(set(map(len, placed.inputs))) > 1:
        raise Unsupported("inputs with different numbers of axes")
    return function("scaled_dot_product_attention({0}, {1}, {2})", helpers=("scaled_dot_product_attention",))
