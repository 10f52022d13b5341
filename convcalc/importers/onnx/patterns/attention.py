"""Attention that is written out as two products and a softmax."""

from __future__ import annotations

from convcalc.importers.network import Operation, Output
from convcalc.importers.onnx.patterns.rearranging import order_of
from convcalc.importers.onnx.patterns.rewriting import Rewriting, is_near, number


def attention(network: Rewriting, operation: Operation) -> bool:
    """softmax(q kᵀ / √features + mask) v."""
    rank = len(operation.output.shape)
    if operation.type != "softmax" or operation.parameters.get("axis", 0) % rank != rank - 1:
        return False
    last = network.only_reader(operation)
    if last is None or last.type != "matmul" or last.inputs[0] != operation.output.name:
        return False
    parts, mask = [operation], None
    scores = network.giver(operation)
    if network.is_inner(scores, "add"):
        parts.append(scores)
        mask, scores = _masked(network, scores)
    scale, scores = _scale(network, scores, parts)
    if not network.is_inner(scores, "matmul"):
        return False
    parts.append(scores)
    queries, factor = _unscaled(network, scores.inputs[0], parts)
    keys, other = _unscaled(network, scores.inputs[1], parts)
    features = network.shapes[queries][-1]
    turn = network.givers.get(keys)
    if turn is None or turn.type not in ("transpose", "permute"):
        return False
    if network.only_reader(turn) is not None:
        parts.append(turn)
    read, before = _unscaled(network, turn.inputs[0], parts)
    if not is_near(scale * factor * other * before, features**-0.5):
        return False
    order = order_of(turn)
    order[-1], order[-2] = order[-2], order[-1]
    if order != list(range(len(order))):
        read = _turned(network, turn, read, order, last)
    inputs = [queries, read, last.inputs[1], *([mask] if mask is not None else [])]
    network.replace(parts, last, Operation("scaled_dot_product_attention", inputs, []))
    return True


def _masked(network: Rewriting, total: Operation) -> tuple[str | None, Operation | None]:
    """The mask that is added to the scores, and what gives the scores."""
    for name, mask in (total.inputs, total.inputs[::-1]):
        giver = network.givers.get(name)
        if giver is not None and (giver.type == "matmul" or number(giver, "multiply") is not None):
            return mask, giver
    return None, None


def _scale(network: Rewriting, operation: Operation | None, parts: list[Operation]) -> tuple[float, Operation | None]:
    """The factor of the scores, and what gives them without it."""
    factor = number(operation, "multiply") if operation is not None else None
    if operation is None or factor is None or network.only_reader(operation) is None:
        return 1.0, operation
    parts.append(operation)
    return factor, network.giver(operation)


def _unscaled(network: Rewriting, name: str, parts: list[Operation]) -> tuple[str, float]:
    """A factor of the product without the number that it is multiplied by, and that number."""
    factor, _ = _scale(network, network.givers.get(name), parts)
    if factor == 1.0 or not parts or parts[-1].output.name != name:
        return name, 1.0
    return parts[-1].inputs[0], factor


def _turned(network: Rewriting, turn: Operation, value: str, order: list[int], last: Operation) -> str:
    """The keys as rows, where the source has their axes in yet another order."""
    shape = network.shapes[value]
    moved = [axis for axis, of in enumerate(order) if axis != of]
    type, axes = ("transpose", moved) if len(moved) == 2 else ("permute", order)
    name = f"{turn.output.name}.keys"
    output = Output(name, tuple(shape[axis] for axis in order))
    new = Operation(type, [value], [output], {"axes": axes}, place=turn.place)
    network.insert_before(last, new, turn)
    return name
