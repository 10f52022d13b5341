"""Changes of shape and of order that undo each other."""

from __future__ import annotations

from convcalc.importers.network import Operation
from convcalc.importers.onnx.patterns.rewriting import Rewriting

_SHAPES = ("flatten", "unflatten", "squeeze", "unsqueeze", "reshape")
_ORDERS = ("transpose", "permute")


def cancel(network: Rewriting, operation: Operation) -> bool:
    """Two neighbours that give together what they read."""
    before = network.giver(operation)
    if before is None or operation.type not in (*_SHAPES, *_ORDERS):
        return False
    value = before.inputs[0] if before.inputs else ""
    if operation.type in _SHAPES and before.type in _SHAPES:
        is_undone = network.shapes[value] == operation.output.shape
    else:
        is_undone = operation.type in _ORDERS and before.type in _ORDERS and _is_identity(before, operation)
    if not is_undone:
        return False
    network.bypass([before] if network.only_reader(before) is operation else [], operation, value)
    return True


def order_of(operation: Operation) -> list[int]:
    """The order of axes that a `transpose` or a `permute` gives."""
    axes = [axis % len(operation.output.shape) for axis in operation.parameters["axes"]]
    if operation.type == "permute":
        return axes
    order = list(range(len(operation.output.shape)))
    order[axes[0]], order[axes[1]] = order[axes[1]], order[axes[0]]
    return order


def _is_identity(before: Operation, after: Operation) -> bool:
    first = order_of(before)
    return [first[axis] for axis in order_of(after)] == list(range(len(first)))
