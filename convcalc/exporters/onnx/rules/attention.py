"""Attention, and learned tensors among tokens."""

from __future__ import annotations

from convcalc.exporters.onnx import wire
from convcalc.exporters.onnx.build import Layer
from convcalc.exporters.onnx.rules.register import Register
from convcalc.exporters.onnx.wire import FLOAT, INT64
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("scaled_dot_product_attention")
def scaled_dot_product_attention(layer: Layer) -> str:
    own = layer.layer
    ranks = set(map(len, layer.shapes[:3]))
    if own.enable_gqa or len(ranks) > 1 or any(len(shape) > max(ranks) for shape in layer.shapes[3:]):
        raise Unsupported("shared heads, or inputs with different numbers of axes")
    query, key, value = layer.reads[:3]
    mask = [layer.aligned(3, max(ranks))] if layer.reads[3:] else []
    if own.causal:
        mask.append(_later_tokens(layer, layer.shape[-2], layer.shapes[1][-2]))
    return _attention(layer, query, key, value, layer.shape[-1], len(layer.shape) + 1, mask)


def _attention(layer: Layer, query: str, key: str, value: str, features: int, rank: int, mask: list[str]) -> str:
    order = [*range(rank - 2), rank - 1, rank - 2]
    scores = layer.op("MatMul", query, layer.op("Transpose", key, perm=order))
    scores = layer.op("Mul", scores, layer.number(features**-0.5))
    for each in mask:
        scores = layer.op("Add", scores, each)
    return layer.op("MatMul", layer.op("Softmax", scores, axis=rank - 1), value)


def _later_tokens(layer: Layer, queries: int, keys: int) -> str:
    """A mask that hides the tokens behind each query: -inf above the diagonal, else 0."""
    lowest = layer.op("ConstantOfShape", layer.ints(queries, keys), value=wire.tensor([float("-inf")], [1], FLOAT))
    return layer.op("Trilu", lowest, layer.builder.constant([1], [], INT64), upper=1)


@rules("multihead_attention")
def multihead_attention(layer: Layer) -> str:
    own = layer.layer
    widths = (own.head_dim, own.value_dim, own.num_kv_heads, own.qkv_bias, own.proj_bias)
    if own.add_bias_kv or own.add_zero_attn or any(width is not None for width in widths):
        raise Unsupported("learned keys, or heads with widths of their own")
    reads = (*layer.reads, layer.reads[-1], layer.reads[-1])[:3]
    shapes = (*layer.shapes, layer.shapes[-1], layer.shapes[-1])[:3]
    embed, heads = layer.shape[-1], own.num_heads
    before = list(range(layer.rank - 1))  # the batch, and the axes before the tokens
    exchanged = [*before, len(before) + 1, len(before), len(before) + 2]
    parts = []
    for name, read, shape in zip(("q", "k", "v"), reads, shapes):
        turned = layer.op("Transpose", layer.weight(f"{name}_proj.weight", [embed, shape[-1]]), perm=[1, 0])
        part = layer.op("MatMul", read, turned)
        if own.bias:
            part = layer.op("Add", part, layer.weight(f"{name}_proj.bias", [embed]))
        split = layer.reshaped(part, [*shape[:-1], heads, embed // heads])
        parts.append(layer.op("Transpose", split, perm=exchanged))
    query, key, value = parts
    mask = [_later_tokens(layer, layer.shape[-2], shapes[1][-2])] if own.causal else []
    mixed = _attention(layer, query, key, value, embed // heads, layer.rank + 2, mask)
    joined = layer.reshaped(layer.op("Transpose", mixed, perm=exchanged), layer.shape)
    turned = layer.op("Transpose", layer.weight("out_proj.weight", [embed, embed]), perm=[1, 0])
    out = layer.op("MatMul", joined, turned)
    return layer.op("Add", out, layer.weight("out_proj.bias", [embed])) if own.bias else out


@rules("positional_embedding")
def positional_embedding(layer: Layer) -> str:
    return layer.op("Add", layer.reads[0], layer.own_tensor([1, *layer.shape]))


@rules("class_token")
def class_token(layer: Layer) -> str:
    shape = [1, layer.shape[-1]]
    token = layer.for_each_sample(layer.own_tensor([1, *shape]), shape)
    return layer.op("Concat", token, layer.reads[0], axis=1)


@rules("constant")
def constant(layer: Layer) -> str:
    """Zeros: a spec does not have the numbers."""
    dtype = layer.builder.dtype(layer.tensor)
    zeros = layer.op("ConstantOfShape", layer.ints(*layer.output), value=wire.tensor([0], [1], dtype))
    layer.builder.without_batch[layer.tensor] = zeros
    return layer.for_each_sample(zeros, layer.output)


@rules("parameter")
def parameter(layer: Layer) -> str:
    return layer.for_each_sample(layer.own_tensor(layer.output), layer.output)
