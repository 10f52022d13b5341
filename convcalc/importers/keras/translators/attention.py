"""Attention."""

from __future__ import annotations

from typing import Any

from convcalc.importers.keras.request import Request, Translator, values_in
from convcalc.importers.keras.values import BrokenLayer, Value, straight

MASKS = ("attention_mask", "query_mask", "value_mask", "key_mask", "mask")


def _given(request: Request) -> list[Value]:
    """Query, value and key, in this order; the value is the key where none is given."""
    positional = values_in(request.args)
    named = [request.kwargs.get(name) for name in ("query", "value", "key")[len(positional) :]]
    found = positional + [each for each in named if isinstance(each, Value)]
    if any(values_in(request.kwargs.get(name)) for name in MASKS):
        path = request.emitter.path
        request.emitter.remarks.append(f"{path} reads a mask, which changes no figure: it is left out")
    if not 2 <= len(found[:3]) <= 3:
        raise BrokenLayer("it does not read a query and a value")
    return [request.emitter.tokens(each) for each in found[:3]]


def _read(query: Value, value: Value, key: Value) -> list[Value]:
    """What `multihead_attention` reads: query, key, value, without repetitions."""
    if query.name == value.name == key.name:
        return [query]
    return [query, key] if value.name == key.name else [query, key, value]


def _multi_head(request: Request) -> Value | list[Value]:
    emitter, settings = request.emitter, request.settings
    query, value, *keys = _given(request)
    key = keys[0] if keys else value
    heads, size = settings.whole("num_heads"), settings.whole("key_dim")
    value_size = settings.whole("value_dim", size)
    features = query.shape[-1]
    bias = settings.flag("use_bias", True)
    stated = settings.get("output_shape")
    given = features if stated is None else stated[-1] if isinstance(stated, list) else stated
    tensors = emitter.tensors(
        query_kernel=(features, heads, size), query_bias=(heads, size) if bias else None,
        key_kernel=(key.shape[-1], heads, size), key_bias=(heads, size) if bias else None,
        value_kernel=(value.shape[-1], heads, value_size), value_bias=(heads, value_size) if bias else None,
        output_kernel=(heads, value_size, given), output_bias=(given,) if bias else None,
    )  # fmt: skip
    axes = settings.get("attention_axes")
    is_over_all = axes is None and query.rank == key.rank > 2
    if given != features or not (is_over_all or _is_over_tokens(axes, query.rank)):
        sizes = (*query.shape[:-1], given)
        return emitter.unknown(request.layer.kind, list(dict.fromkeys((query, value, key))), sizes, tensors)
    whole = query
    if is_over_all:  # all positions are tokens of one sequence
        query, value, key = (_as_tokens(request, each) for each in (query, value, key))
    result = emitter.emit(
        "multihead_attention", _read(query, value, key), straight(query.rank), name=None, num_heads=heads, bias=bias,
        head_dim=size if size * heads != features else None, value_dim=value_size if value_size != size else None,
        causal=bool(request.kwargs.get("use_causal_mask")), tensors=tensors,
    )  # fmt: skip
    if is_over_all:
        result = emitter.emit("reshape", [result], straight(whole.rank), shape=list(whole.shape))
    if not request.kwargs.get("return_attention_scores") or is_over_all:
        return result
    scores = (*query.shape[:-2], heads, query.shape[-2], key.shape[-2])
    return [result, emitter.part(result, "weights", scores)]


def _as_tokens(request: Request, value: Value) -> Value:
    """All positions of a map along one axis."""
    return request.emitter.emit("flatten", [value], straight(2), end_axis=value.rank - 2)


def _is_over_tokens(axes: Any, rank: int) -> bool:
    """Whether attention is along the axis before the features, and no other."""
    if axes is None:
        return rank == 2
    axes = axes if isinstance(axes, list) else [axes]
    return axes in ([rank - 1], [-2])


def _grouped_query(request: Request) -> Value:
    emitter, settings = request.emitter, request.settings
    query, value, *keys = _given(request)
    key = keys[0] if keys else value
    size, heads, pairs = (settings.whole(name) for name in ("head_dim", "num_query_heads", "num_key_value_heads"))
    features, bias = query.shape[-1], settings.flag("use_bias", True)
    tensors = emitter.tensors(
        query_kernel=(features, heads, size), query_bias=(heads, size) if bias else None,
        key_kernel=(key.shape[-1], pairs, size), key_bias=(pairs, size) if bias else None,
        value_kernel=(value.shape[-1], pairs, size), value_bias=(pairs, size) if bias else None,
        output_kernel=(heads, size, features), output_bias=(features,) if bias else None,
    )  # fmt: skip
    return emitter.emit(
        "multihead_attention", _read(query, value, key), straight(query.rank), name=None, num_heads=heads, bias=bias,
        num_kv_heads=pairs, head_dim=size if size * heads != features else None, tensors=tensors,
    )  # fmt: skip


def _attention(request: Request) -> Value:
    """Without projections. A learned factor of the scores is a parameter that the query is multiplied by."""
    emitter, settings = request.emitter, request.settings
    query, value, *keys = _given(request)
    key = keys[0] if keys else value
    has_scale = settings.flag("use_scale", request.layer.kind == "AdditiveAttention")
    sizes = (*query.shape[:-1], value.shape[-1])
    if request.layer.kind == "AdditiveAttention" or settings.text("score_mode", "dot") != "dot":
        shape: tuple[int, ...] = (query.shape[-1],) if request.layer.kind == "AdditiveAttention" else (1,)
        tensors = emitter.tensors(scale=shape if has_scale else None)
        if settings.text("score_mode", "dot") == "concat":
            tensors.update(emitter.tensors(concat_score_weight=(1,)))
        return emitter.unknown(request.layer.kind, list(dict.fromkeys((query, key, value))), sizes, tensors)
    if has_scale:
        scale = emitter.emit("parameter", [], (0,), name="scale", shape=[1], tensors=emitter.tensors(scale=(1,)))
        query = emitter.emit("mul", [query, scale], query.order)
    return emitter.emit("scaled_dot_product_attention", [query, key, value], straight(query.rank), name=None)


TABLE: dict[str, Translator] = {
    "MultiHeadAttention": _multi_head, "GroupQueryAttention": _grouped_query,
    "GroupedQueryAttention": _grouped_query, "Attention": _attention, "AdditiveAttention": _attention,
}  # fmt: skip
