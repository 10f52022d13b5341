"""Weights that are computed from parameters in a way that the language has: normed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convcalc.importers.network import Tensor
from convcalc.importers.torch.values import Value

if TYPE_CHECKING:
    from convcalc.importers.torch.translate import Translator

MAX_OPERATIONS = 1000  # that weights are computed by
NORMS = frozenset(("batch_norm1d", "batch_norm2d", "var", "std", "layer_norm", "group_norm"))


def normed_weight(
    translator: Translator, weight: Value
) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Any]] | None:
    """The tensors, buffers and parameters of weights that are a norm of parameters; None for any other way."""
    types, held, buffers = _traced_back(translator, weight)
    parametrised = any(".parametrizations." in tensor.name for tensor in held)
    if parametrised and any(tensor.name.rpartition(".")[2] == "_u" for tensor in buffers) and len(held) == 1:
        vectors = {tensor.name.rpartition(".")[2]: tensor for tensor in buffers}
        return {"weight": held[0]}, vectors, {"spectral_norm": True}
    if "_weight_norm" in types and len(held) == 2:
        held.sort(key=lambda tensor: -len(tensor.shape) - (tensor.name.rpartition(".")[2] in ("original1", "weight_v")))
        scale = min(held, key=lambda tensor: _count(tensor.shape))
        direction = next(tensor for tensor in held if tensor is not scale)
        return {"weight": direction, "weight_g": scale}, {}, {"weight_norm": _scaled(scale.shape, direction.shape)}
    if len(held) == 1 and held[0].shape == weight.shape and NORMS & types and weight.rank > 2:
        return {"weight": held[0]}, {}, {"weight_standardization": True}
    return None


def _scaled(scales: tuple[int, ...], weights: tuple[int, ...]) -> bool | dict[str, int | None]:
    """The setting of weight_norm: along which axis of the weights each place has a scale."""
    long = [axis for axis, size in enumerate(scales) if size != 1]
    if len(scales) != len(weights) or (not long and weights[0] != 1):
        return {"axis": None}
    return True if long in ([], [0]) else {"axis": long[0]}


def _count(shape: tuple[int, ...]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


def _traced_back(translator: Translator, weight: Value) -> tuple[set[str], list[Tensor], list[Tensor]]:
    """The types of the operations that a value is computed by, and the parameters and buffers that they read."""
    types: set[str] = set()
    held: dict[str, Tensor] = {}
    buffers: dict[str, Tensor] = {}
    waiting = [weight.name]
    seen: set[str] = set()
    while waiting and len(seen) < MAX_OPERATIONS:
        name = waiting.pop()
        operation = translator.producers.get(name)
        if name in seen or operation is None:
            continue
        seen.add(name)
        types.add(operation.type)
        held.update({tensor.name: tensor for tensor in operation.tensors.values()})
        buffers.update({tensor.name: tensor for tensor in operation.buffers.values()})
        waiting += operation.inputs
    return types, list(held.values()), list(buffers.values())
