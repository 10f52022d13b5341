"""Normalisations that are written out."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.importers.network import Operation, Tensor
from convcalc.importers.onnx.patterns.rewriting import Rewriting, number


def layer_norm(network: Rewriting, operation: Operation) -> bool:
    """(x - mean) / √(mean of the squares + eps), and the weights behind it."""
    found = _over_root(network, operation)
    if found is None:
        return False
    centred, root_parts, axes, eps = found
    difference = network.givers.get(centred)
    if difference is None or difference.type != "sub":
        return False
    mean = network.giver(difference, 1)
    value = difference.inputs[0]
    if mean is None or mean.type != "mean" or mean.inputs != [value] or not mean.parameters.get("keepdim"):
        return False
    if _axes(mean) != axes:
        return False
    _finish(network, "layer_norm", value, [*root_parts, difference, mean, operation], axes, eps)
    return True


def rms_norm(network: Rewriting, operation: Operation) -> bool:
    """x / √(mean of the squares + eps), and the weights behind it."""
    found = _over_root(network, operation)
    if found is None:
        return False
    value, parts, axes, eps = found
    _finish(network, "rms_norm", value, [*parts, operation], axes, eps)
    return True


def _over_root(network: Rewriting, operation: Operation) -> tuple[str, list[Operation], list[int], float] | None:
    """The value that is divided by the root of its mean square, the operations for that, the axes, and eps."""
    if operation.type not in ("div", "mul") or len(operation.inputs) != 2:
        return None
    orders = [operation.inputs] if operation.type == "div" else [operation.inputs, operation.inputs[::-1]]
    for value, name in orders:
        parts: list[Operation] = []
        root = network.givers.get(name)
        if operation.type == "mul" and root is not None and root.type == "reciprocal":
            parts.append(root)
            root = network.giver(root)
        wanted = "sqrt" if operation.type == "div" or parts else "rsqrt"
        plus = network.giver(root) if network.is_inner(root, wanted) else None
        eps = number(plus, "add") if plus is not None else None
        mean = network.giver(plus) if plus is not None and eps is not None else None
        square = network.giver(mean) if network.is_inner(mean, "mean") else None
        if root is None or plus is None or mean is None or square is None or eps is None:
            continue
        is_square = square.type == "square" or (square.type == "mul" and square.inputs[:1] == square.inputs[1:])
        axes = _axes(mean)
        rank = len(network.shapes[value])
        if (
            is_square
            and square.inputs[0] == value
            and axes == list(range(axes[0], rank))
            and mean.parameters.get("keepdim")
        ):
            return value, [*parts, root, plus, mean, square], axes, eps
    return None


def _axes(operation: Operation) -> list[int]:
    axis = operation.parameters.get("axis")
    rank = len(operation.output.shape)
    axes = list(range(rank)) if axis is None else [axis] if isinstance(axis, int) else axis
    return sorted(each % rank for each in axes)


def _finish(network: Rewriting, type: str, value: str, parts: list[Operation], axes: list[int], eps: float) -> None:
    """Put the norm in place of its parts and of the product and the sum behind them."""
    shape = network.shapes[value]
    normalized = shape[axes[0] :]
    parameters: dict[str, Any] = {"eps": eps} if eps != 1e-5 or type == "rms_norm" else {}
    if len(normalized) > 1:
        parameters["normalized_shape"] = list(normalized)
    last = parts[-1]
    tensors, last = _weights(network, last, parts, normalized, type != "rms_norm")
    if not tensors:
        parameters["affine"] = False
    elif type != "rms_norm" and "bias" not in tensors:
        parameters["bias"] = False
    network.replace(parts, last, Operation(type, [value], [], parameters, tensors))


def _weights(
    network: Rewriting, last: Operation, parts: list[Operation], shape: Shape, has_bias: bool
) -> tuple[dict[str, Tensor], Operation]:
    """The tensors of the product and the sum behind an operation, and the last operation that belongs to them."""
    tensors: dict[str, Tensor] = {}
    for name, type in (("weight", "mul"), ("bias", "add"))[: 2 if has_bias else 1]:
        following = network.only_reader(last)
        if following is None or following.type != type:
            break
        value = network.value_beside(following, last.output.name)
        if value is None or prod(value.output.shape) != prod(shape) or following.output.shape != last.output.shape:
            break
        tensors[name] = value.tensors.get("parameter", Tensor(f"{name}@{following.output.name}", value.output.shape))
        parts.append(following)
        last = following
    return tensors, last


def group_norm(network: Rewriting, operation: Operation) -> bool:
    """An instance norm of the groups in place of the channels."""
    if not operation.type.startswith("instance_norm") or operation.tensors:
        return False
    before, after = network.giver(operation), network.only_reader(operation)
    shapes = ("reshape", "flatten", "unflatten")
    if before is None or after is None or before.type not in shapes or after.type not in shapes:
        return False
    value = before.inputs[0]
    shape, groups = network.shapes[value], operation.output.shape[0]
    if (
        after.output.shape != shape
        or len(shape) < 2
        or shape[0] % groups
        or network.only_reader(before) is not operation
    ):
        return False
    parts = [before, operation, after]
    tensors, last = _weights(network, after, parts, shape[:1], True)
    parameters: dict[str, Any] = {"num_groups": groups}
    if "eps" in operation.parameters:
        parameters["eps"] = operation.parameters["eps"]
    if not tensors:
        parameters["affine"] = False
    elif "bias" not in tensors:
        parameters["bias"] = False
    network.replace(parts, last, Operation("group_norm", [value], [], parameters, tensors))
    return True


def batch_norm(network: Rewriting, operation: Operation) -> bool:
    """Keras's batch norm: less the mean, times the weights over the deviation, and a sum."""
    if operation.type != "sub" or len(operation.inputs) != 2:
        return False
    value = operation.inputs[0]
    shape = network.shapes[value]
    mean = network.value_beside(operation, value)
    if mean is None or mean.type != "parameter" or operation.output.shape != shape or len(shape) > 4:
        return False
    vector: Shape = (shape[0],)
    if mean.output.shape not in (vector, (*vector, *(1,) * (len(shape) - 1))):
        return False
    parts = [operation]
    tensors, last = _weights(network, operation, parts, vector, True)
    if len(tensors) != 2:
        return False
    buffers = {
        "running_mean": mean.tensors["parameter"],
        # The exporter has joined the deviations with the weights, and counts no batches.
        "running_var": Tensor(f"running_var@{operation.output.name}", vector),
        "num_batches_tracked": Tensor(f"num_batches_tracked@{operation.output.name}", ()),
    }
    type = f"batch_norm{max(len(shape) - 1, 1)}d"
    network.replace(parts, last, Operation(type, [value], [], {}, tensors, buffers))
    return True
