"""Convolutions and linear layers, whose weights are parameters, buffers, or computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from convcalc.importers.network import Tensor
from convcalc.importers.torch.call import Call
from convcalc.importers.torch.graph import Ref
from convcalc.importers.torch.operators.weights import normed_weight
from convcalc.importers.torch.values import FIXED, LEARNED, Value

PADDING_MODES = ("reflect", "replicate", "circular")


class Weights(NamedTuple):
    """The weights of a layer: what it holds, and the parameters that say how they are made."""

    tensors: dict[str, Tensor]
    buffers: dict[str, Tensor]
    parameters: dict[str, Any]


def held_weights(call: Call, weight: Value) -> Weights | None:
    """The weights as what the layer holds; None where they are computed in another way."""
    bias = call.value("bias") if call.has_tensor("bias") else None
    if bias is not None and (bias.tensor is None or bias.origin != LEARNED):
        return None
    if weight.tensor is not None and weight.origin == LEARNED:
        weights = Weights({"weight": weight.tensor}, {}, {})
    elif weight.origin == FIXED:
        tensor = weight.tensor or Tensor(weight.name, weight.shape, trainable=False)
        weights = Weights({}, {"weight": tensor}, {"fixed_weights": True})
    else:
        normed = normed_weight(call.translator, weight)
        if normed is None:
            return None
        weights = Weights(*normed)
    if bias is not None and bias.tensor is not None:
        weights.tensors["bias"] = bias.tensor
    weights.parameters["bias"] = bias is not None
    return weights


def _rank_of(call: Call, weight: Value) -> int:
    return weight.rank - 2


def _sizes(value: Any, rank: int) -> list[int]:
    sizes = [value] if isinstance(value, int) else list(value)
    return sizes * rank if len(sizes) == 1 else sizes


def _convolution(call: Call) -> None:
    if call.get("transposed"):
        _transposed(call)
        return
    weight = call.value("weight")
    rank = _rank_of(call, weight)
    value = call.rooted(call.input)
    padding = call.get("padding", default=0)
    parameters = {
        "out_channels": weight.shape[0],
        "kernel_size": list(weight.shape[2:]),
        "stride": _sizes(call.get("stride", default=1), rank),
        "padding": padding if isinstance(padding, str) else _sizes(padding, rank),
        "dilation": _sizes(call.get("dilation", default=1), rank),
        "groups": call.get("groups", default=1),
    }
    weights = held_weights(call, weight)
    if weights is None:
        _dynamic(call, value, weight, rank, parameters)
        return
    value = _merged_padding(call, value, parameters)
    parameters["leading_axes"] = len(value.sample) - rank - 1
    parameters.update(weights.parameters)
    call.give(f"conv{rank}d", [value], value.batch, parameters, tensors=weights.tensors, buffers=weights.buffers)


def _dynamic(call: Call, value: Value, weight: Value, rank: int, parameters: dict[str, Any]) -> None:
    """A convolution whose weights are computed."""
    if value.batch is None and value.rank == rank + 2:
        if value.shape[0] != 1:
            raise ValueError("computed weights on a merged batch")
        value = call.translator.batched(value, 0, call.node)
    inputs = [value, call.unbatched(weight)]
    if call.has_tensor("bias"):
        inputs.append(call.unbatched(call.value("bias")))
    kept = {name: parameters[name] for name in ("stride", "padding", "dilation", "groups")}
    if kept["padding"] == "same":
        sizes = zip(parameters["kernel_size"], parameters["dilation"])
        kept["padding"] = [dilation * (size - 1) // 2 for size, dilation in sizes]
    call.give(f"dynamic_conv{rank}d", inputs, value.batch, kept)


def _merged_padding(call: Call, value: Value, parameters: dict[str, Any]) -> Value:
    """The input of the padding that a convolution module puts before itself for its `padding_mode`."""
    before = call.translator.producers.get(value.name)
    frames = call.node.frames
    if before is None or before.type != "pad" or before.parameters.get("mode") not in PADDING_MODES or not frames:
        return value
    if call.translator.frames.get(id(before)) != frames or not frames[-1].kind.startswith("torch.nn.modules.conv."):
        return value
    parameters["padding"] = before.parameters["padding"]
    parameters["padding_mode"] = before.parameters["mode"]
    source = call.translator.producers.get(before.inputs[0])
    known = {each.name: each for each in call.translator.values.values()}
    return known[before.inputs[0]] if source is not None or before.inputs[0] in known else value


def _transposed(call: Call) -> None:
    weight = call.value("weight")
    rank = _rank_of(call, weight)
    value = call.rooted(call.input)
    groups = call.get("groups", default=1)
    weights = held_weights(call, weight)
    if weights is None:
        raise ValueError("a transposed convolution with computed weights")
    parameters = {
        "out_channels": weight.shape[1] * groups,
        "kernel_size": list(weight.shape[2:]),
        "stride": _sizes(call.get("stride", default=1), rank),
        "padding": _sizes(call.get("padding", default=0), rank),
        "output_padding": _sizes(call.get("output_padding", default=0), rank),
        "dilation": _sizes(call.get("dilation", default=1), rank),
        "groups": groups,
        "leading_axes": len(value.sample) - rank - 1,
        **weights.parameters,
    }
    type = f"conv_transpose{rank}d"
    call.give(type, [value], value.batch, parameters, tensors=weights.tensors, buffers=weights.buffers)


def _linear(call: Call) -> None:
    weight, value = call.value("weight"), call.input
    if value.is_batch(-1):
        value = call.unbatched(value)
    weights = held_weights(call, weight) if weight.rank == 2 else None
    if weights is not None:
        parameters = {"out_features": weight.shape[0], **weights.parameters}
        call.give("linear", [value], value.batch, parameters, tensors=weights.tensors, buffers=weights.buffers)
        return
    turned = call.insert("transpose", [call.unbatched(weight)], weight.shape[::-1], None, axes=[0, 1])
    values, batch = call.aligned([value, turned], kept=2) if value.rank > 1 else ([value, turned], None)
    if not isinstance(call.get("bias"), Ref):
        call.give("matmul", values, batch)
        return
    product = call.insert("matmul", values, call.shape(), batch)
    values, batch = call.aligned([product, call.value("bias")])
    call.give("add", values, batch)


def _deformable(call: Call) -> None:
    """torchvision's deform_conv2d."""
    weight, value, offset = call.value("weight"), call.rooted(call.input), call.rooted(call.value("offset"))
    weights = held_weights(call, weight)
    if weights is None or value.batch != offset.batch:
        raise ValueError("computed weights")
    pairs = {
        name: [call.get(f"{short}_h"), call.get(f"{short}_w")] if call.get(f"{short}_h") is not None
        else _sizes(call.get(name, default=0 if name == "padding" else 1), 2)
        for name, short in (("stride", "stride"), ("padding", "pad"), ("dilation", "dilation"))
    }  # fmt: skip
    inputs = [value, offset]
    if call.has_tensor("mask") and call.get("use_mask", default=True):
        inputs.append(call.rooted(call.value("mask")))
    groups = call.get("groups", default=value.shape[1] // weight.shape[1])
    parameters = {"out_channels": weight.shape[0], "kernel_size": list(weight.shape[2:]), **pairs, "groups": groups,
                  "leading_axes": len(value.sample) - 3, **weights.parameters}  # fmt: skip
    call.give("deform_conv2d", inputs, value.batch, parameters, tensors=weights.tensors)


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d", "convolution", "_convolution"), _convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), _transposed),
    "linear": _linear,
    "deform_conv2d": _deformable,
}
