"""Multi-head attention, which PyTorch has as one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.network import Operation, Output, Tensor
from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import FIXED, LEARNED, Value

WEIGHTS = (
    "in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "bias_k", "bias_v",
    "out_proj_weight", "out_proj_bias",
)  # fmt: skip
NAMES = {"out_proj_weight": "out_proj.weight", "out_proj_bias": "out_proj.bias"}


def _multihead_attention(call: Call) -> None:
    tensors = _tensors(call)
    for name in ("attn_mask", "key_padding_mask"):
        if call.has_tensor(name) and call.value(name).origin != FIXED:
            raise ValueError("a mask that is computed")
    query, *others = [call.value(name) for name in ("query", "key", "value")]
    inputs = [query, *others]
    if all(value.name == query.name for value in others):
        inputs = [query]
    elif others[0].name == others[1].name:
        inputs = inputs[:2]
    has_bias, has_last = "in_proj_bias" in tensors, "out_proj.bias" in tensors
    parameters: dict[str, Any] = {
        "num_heads": call.get("num_heads"),
        "bias": has_bias,
        "proj_bias": None if has_bias == has_last else has_last,
        "add_bias_kv": "bias_k" in tensors,
        "add_zero_attn": bool(call.get("add_zero_attn", default=False)),
        "causal": bool(call.get("is_causal", default=False)),
        "dropout": float(call.get("dropout_p", default=0.0)),
    }
    attend(call, inputs, parameters, tensors)


def _tensors(call: Call) -> dict[str, Tensor]:
    tensors = {}
    for name in WEIGHTS:
        if call.has_tensor(name):
            value = call.value(name)
            if value.tensor is None or value.origin != LEARNED:
                raise ValueError("weights that are computed")
            tensors[NAMES.get(name, name)] = value.tensor
    return tensors


def attend(call: Call, inputs: list[Value], parameters: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """The layer on [tokens, batch, features]; the language has the tokens before the features."""
    inputs, batch = call.aligned(inputs)
    if (inputs[0].rank == 3 and batch != 1) or any(value.batch != batch for value in inputs):
        _attend_turned(call, inputs, parameters, tensors)
        return
    result = call.give("multihead_attention", inputs, batch, parameters, tensors=tensors)
    _weights(call, result, inputs, parameters["num_heads"])


def _attend_turned(call: Call, inputs: list[Value], parameters: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    """The same where the batch is merged: each sequence of the second axis attends by itself."""
    if any(name in call.translator.read_later for name in call.node.outputs[1:] if name is not None):
        raise ValueError("attention weights of a merged batch")
    turned = {}
    for value in inputs:
        if value.name not in turned:
            whole = call.unbatched(value)
            tokens, count, features = whole.shape
            turned[value.name] = call.insert("transpose", [whole], (count, tokens, features), None, axes=[0, 1])
    tokens, count, features = call.shape()
    result = call.translator.insert_layer(
        call.node, "multihead_attention", [turned[value.name] for value in inputs], (count, tokens, features),
        parameters, tensors,
    )  # fmt: skip
    call.give("transpose", [result], None, {"axes": [0, 1]})


def _weights(call: Call, result: Value, inputs: list[Value], heads: int) -> None:
    """The attention weights, where they are read: the mean over the heads, or those of each head."""
    name = call.node.outputs[1] if len(call.node.outputs) > 1 else None
    if name is None or name not in call.translator.read_later:
        return
    shape = call.shape(1)
    tokens, keys = shape[-2:]
    layer = call.translator.producers[result.name]
    averaged = call.get("average_attn_weights", default=True)
    own = call.translator.fresh(name) if averaged else name
    layer.outputs.append(Output(own, (heads, tokens, keys), "weights"))
    batch = 0 if len(shape) == (3 if averaged else 4) else None
    value = Value(name, shape, batch, result.origin)
    call.translator.values[name] = value
    if averaged:
        mean = Operation("mean", [own], [Output(name, value.sample)], {"axis": 0}, place=call.node.place)
        call.translator.add(mean, call.node.frames)


HANDLERS: dict[str, Callable[[Call], None]] = {"multi_head_attention_forward": _multihead_attention}
