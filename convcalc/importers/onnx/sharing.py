"""Which operations share their tensors: those of one module that is called again, and not those that are only equal."""

from __future__ import annotations

from math import prod

from convcalc.importers.network import ForeignNetwork, Operation, Tensor
from convcalc.importers.onnx.naming import Nodes, scopes_of
from convcalc.importers.onnx.trace import Trace

MERGED = "{} tensors are equal to others, and the file holds them once: each counts for the layer that uses it"


def share_tensors(network: ForeignNetwork, trace: Trace, nodes: Nodes) -> None:
    """Give a tensor a name for each operation that uses it, where these are not one layer that is called again."""
    owners: dict[str, Operation] = {}
    layers: dict[object, Operation] = {}
    uses: dict[str, int] = {}
    for operation in network.operations:
        held = [(key, trace.equals.get(each.name, each.name), each.shape) for key, each in operation.tensors.items()]
        signature = (operation.type, repr(operation.parameters), tuple(sorted(held)))
        again = layers.setdefault(signature, operation)
        if again is not operation and _is_one_layer(operation, again, nodes):
            operation.tensors = dict(again.tensors)
            continue
        taken: set[str] = set()
        for key, tensor in operation.tensors.items():
            owner = owners.get(tensor.name)
            if tensor.name in trace.equals:
                trace.remark(MERGED)
            if tensor.name in taken or (owner is not None and not _is_tied(key, operation, owner)):
                uses[tensor.name] = number = uses.get(tensor.name, 1) + 1
                operation.tensors[key] = Tensor(f"{tensor.name}@{number}", tensor.shape, tensor.trainable)
                trace.remark(MERGED)
            taken.add(tensor.name)
        for tensor in operation.tensors.values():
            owners.setdefault(tensor.name, operation)


def _is_one_layer(operation: Operation, again: Operation, nodes: Nodes) -> bool:
    """Whether an operation with the tensors of an earlier one is the same layer.

    Vectors of ones and zeros are equal in many layers, and an exporter may store them once.
    """
    is_matrix = any(sum(size > 1 for size in tensor.shape) > 1 for tensor in operation.tensors.values())
    path, first = _path(nodes, operation), _path(nodes, again)
    number = path.removeprefix(f"{first}_")  # of a call
    return is_matrix or path == first or (number != path and number.isdecimal())


def _is_tied(key: str, operation: Operation, owner: Operation) -> bool:
    """Whether a matrix of a layer of another type is tied: it has the same name and shape in PyTorch in both."""
    if operation.type == owner.type:
        return False
    mine, other = _torch_shape(key, operation), _torch_shape(key, owner)
    return mine is not None and mine == other and len(mine) > 1


def _torch_shape(key: str, operation: Operation) -> tuple[int, ...] | None:
    """The shape that PyTorch gives a tensor of a layer."""
    tensor = operation.tensors.get(key)
    if tensor is None or operation.type != "linear" or key != "weight":
        return None if tensor is None else tensor.shape
    features = operation.parameters["out_features"]
    return (features, prod(tensor.shape) // features)


def _path(nodes: Nodes, operation: Operation) -> str:
    scopes = scopes_of(nodes[id(operation)])
    return scopes[-1].path.partition("@")[0] if scopes else ""
