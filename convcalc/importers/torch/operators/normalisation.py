"""Normalisations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.network import Tensor
from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import FIXED, LEARNED, Value


def _affine(call: Call) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The learned scale and bias. Raises ValueError where they are computed."""
    tensors = {}
    for name in ("weight", "bias"):
        if call.has_tensor(name):
            value = call.value(name)
            if value.origin == FIXED:
                continue
            if value.tensor is None:
                raise ValueError(f"a {name} that is computed")
            tensors[name] = value.tensor
    return tensors, {"affine": "weight" in tensors, "bias": "bias" in tensors or "weight" not in tensors}


def _statistics(call: Call) -> dict[str, Tensor]:
    return {
        name: value.tensor
        for name in ("running_mean", "running_var")
        if call.has_tensor(name) and (value := call.value(name)).tensor is not None and value.origin != LEARNED
    }


def _is_computed(call: Call, name: str) -> bool:
    if not call.has_tensor(name):
        return False
    value = call.value(name)
    return value.origin != FIXED and (value.tensor is None or value.origin != LEARNED)


def _computed_affine(call: Call, stem: str, value: Value, spatial: int) -> None:
    """A normalisation whose scale and bias are computed: they are operations of their own."""
    leading = {"leading_axes": 1} if value.batch is None else {}
    result = call.insert(
        f"{stem}{spatial}d", [value], value.shape, value.batch, affine=False, eps=call.get("eps", default=1e-5),
        track_running_stats=bool(_statistics(call)), **leading,
    )  # fmt: skip
    for name, type in (("weight", "mul"), ("bias", "add")):
        if call.has_tensor(name):
            factor = call.unbatched(call.value(name))
            if value.rank > 2:
                shape = (*factor.shape, *(1,) * (value.rank - 2))
                factor = call.insert("reshape", [factor], shape, None, shape=list(shape))
            values, batch = call.aligned([result, factor])
            result = call.insert(type, values, value.shape, batch)
    call.same(result)


def _map_norm(stem: str) -> Callable[[Call], None]:
    """A normalisation of each channel: over the batch, or of each sample."""

    def handle(call: Call) -> None:
        value = call.rooted(call.input)
        spatial = max(value.rank - 2, 1)
        if _is_computed(call, "weight") or _is_computed(call, "bias"):
            _computed_affine(call, stem, value, spatial)
            return
        tensors, parameters = _affine(call)
        buffers = _statistics(call)
        parameters["track_running_stats"] = bool(buffers)
        parameters["eps"] = call.get("eps", default=1e-5)
        parameters["momentum"] = call.get("momentum", default=0.1)
        if value.batch is None:
            parameters["leading_axes"] = 1
        if stem == "batch_norm" and call.has_tensor("weight") and call.value("weight").origin == FIXED:
            parameters.update(affine=True, as_buffers=True)
            named = {name: call.value(name).tensor for name in ("weight", "bias") if call.has_tensor(name)}
            buffers.update({name: tensor for name, tensor in named.items() if tensor is not None})
        call.give(f"{stem}{spatial}d", [value], value.batch, parameters, tensors=tensors, buffers=buffers)

    return handle


def _group_norm(call: Call) -> None:
    value = call.rooted(call.input)
    tensors, parameters = _affine(call)
    parameters |= {"num_groups": call.get("num_groups"), "eps": call.get("eps", default=1e-5),
                   "leading_axes": 1 if value.batch is None else 0}  # fmt: skip
    call.give("group_norm", [value], value.batch, parameters, tensors=tensors)


def _last_axes(value: Value, call: Call) -> tuple[Value, list[int] | None]:
    """The value without a batch among the axes that are normalised, and their sizes where they are several."""
    shape = call.get("normalized_shape")
    shape = [shape] if isinstance(shape, int) else list(shape)
    if value.batch is not None and value.batch >= value.rank - len(shape):
        value = call.unbatched(value)
    return value, shape if len(shape) > 1 else None


def _layer_norm(call: Call) -> None:
    value, shape = _last_axes(call.input, call)
    tensors, parameters = _affine(call)
    parameters |= {"normalized_shape": shape, "eps": call.get("eps", default=1e-5)}
    call.give("layer_norm", [value], value.batch, parameters, tensors=tensors)


def _rms_norm(call: Call) -> None:
    value, shape = _last_axes(call.input, call)
    tensors, parameters = _affine(call)
    parameters = {"affine": parameters["affine"], "normalized_shape": shape, "eps": call.get("eps")}
    call.give("rms_norm", [value], value.batch, parameters, tensors=tensors)


def _local_response_norm(call: Call) -> None:
    value = call.rooted(call.input)
    names = {"size": None, "alpha": 1e-4, "beta": 0.75, "k": 1.0}
    parameters = {name: call.get(name, default=default) for name, default in names.items()}
    parameters["leading_axes"] = 1 if value.batch is None else 0
    call.give("local_response_norm", [value], value.batch, parameters)


def _normalize(call: Call) -> None:
    value, axis = call.input, call.get("dim", default=1)
    if value.is_batch(axis):
        value = call.unbatched(value)
    parameters = {"axis": value.axis(axis), "p": float(call.get("p", default=2.0)),
                  "eps": call.get("eps", default=1e-12)}  # fmt: skip
    call.give("normalize", [value], value.batch, parameters)


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(
        ("batch_norm", "native_batch_norm", "_native_batch_norm_legit_no_training", "cudnn_batch_norm"),
        _map_norm("batch_norm"),
    ),
    "instance_norm": _map_norm("instance_norm"),
    **dict.fromkeys(("group_norm", "native_group_norm"), _group_norm),
    **dict.fromkeys(("layer_norm", "native_layer_norm"), _layer_norm),
    **dict.fromkeys(("rms_norm", "_fused_rms_norm"), _rms_norm),
    "local_response_norm": _local_response_norm,
    "normalize": _normalize,
}
