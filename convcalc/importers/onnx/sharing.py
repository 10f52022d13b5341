"""Which operations share their tensors: those of one module that is called again, and not those that are only equal."""

from __future__ import annotations

from convcalc.importers.network import ForeignNetwork, Operation, Tensor
from convcalc.importers.onnx.evaluate import MERGED
from convcalc.importers.onnx.naming import Nodes, scopes_of
from convcalc.importers.onnx.trace import Trace


def share_tensors(network: ForeignNetwork, trace: Trace, nodes: Nodes) -> None:
    """Give a tensor a name for each operation that uses it, where these are not one layer that is called again."""
    owners: dict[str, Operation] = {}
    uses: dict[str, int] = {}
    for operation in network.operations:
        is_tied = _is_tied(operation, owners, nodes)
        own_names: set[str] = set()
        for key, tensor in operation.tensors.items():
            if tensor.name not in owners and tensor.name not in own_names:
                own_names.add(tensor.name)
                continue
            if is_tied:
                continue
            uses[tensor.name] = number = uses.get(tensor.name, 1) + 1
            operation.tensors[key] = Tensor(f"{tensor.name}@{number}", tensor.shape, tensor.trainable)
            trace.remark(MERGED)
        for tensor in operation.tensors.values():
            owners.setdefault(tensor.name, operation)


def _is_tied(operation: Operation, owners: dict[str, Operation], nodes: Nodes) -> bool:
    """Whether an operation uses the tensors of an earlier one, all of them, as the same layer."""
    found = [owners.get(tensor.name) for tensor in operation.tensors.values()]
    if not found or found[0] is None or any(owner is not found[0] for owner in found):
        return False
    owner = found[0]
    if owner.type != operation.type or owner.parameters != operation.parameters:
        return False
    if any(owner.tensors.get(key) != tensor for key, tensor in operation.tensors.items()):
        return False
    if len(owner.tensors) != len(operation.tensors):
        return False
    is_matrix = any(len(tensor.shape) > 1 for tensor in operation.tensors.values())
    # Vectors of ones and zeros are equal in many layers, and an exporter may store them once.
    return is_matrix or _path(nodes, operation) == _path(nodes, owner)


def _path(nodes: Nodes, operation: Operation) -> str:
    scopes = scopes_of(nodes[id(operation)])
    path = scopes[-1].path if scopes else ""
    stem, _, call = path.rpartition("_")
    return stem if call.isdecimal() and stem else path.partition("@")[0]
