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


def roll(network: Rewriting, operation: Operation) -> bool:
    """The end of an axis put before its beginning."""
    if operation.type == "roll":
        return _joined_roll(network, operation)
    pieces = [network.givers.get(name) for name in operation.inputs]
    if operation.type != "concat" or len(pieces) != 2:
        return False
    end, beginning = pieces
    if not network.is_inner(end, "slice") or not network.is_inner(beginning, "slice") or end.inputs != beginning.inputs:
        return False
    axis, cut = operation.parameters.get("axis", 0), end.parameters.get("start")
    if end.parameters != {"axis": axis, "start": cut} or beginning.parameters != {"axis": axis, "stop": cut}:
        return False
    if not isinstance(cut, int):
        return False
    size = operation.output.shape[axis]
    shift = -cut if 2 * cut <= size else size - cut
    network.replace([end, beginning], operation, Operation("roll", end.inputs, [], {"shifts": shift, "axes": axis}))
    return True


def _joined_roll(network: Rewriting, operation: Operation) -> bool:
    """Two neighbours that move places along different axes."""
    before = network.giver(operation)
    if not network.is_inner(before, "roll"):
        return False
    joined = {
        key: [*_listed(before.parameters[key]), *_listed(operation.parameters[key])] for key in ("shifts", "axes")
    }
    if len(set(joined["axes"])) < len(joined["axes"]):
        return False
    network.replace([before], operation, Operation("roll", before.inputs, [], dict(joined)))
    return True


def _listed(value: int | list[int]) -> list[int]:
    return value if isinstance(value, list) else [value]


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
