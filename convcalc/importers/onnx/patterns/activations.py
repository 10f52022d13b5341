"""Activations that are written out: GELU, SiLU, Mish, and those with straight pieces."""

from __future__ import annotations

from convcalc.importers.network import Operation
from convcalc.importers.onnx.patterns.rewriting import Rewriting, is_near, number

_GATES = {"sigmoid": "silu", "hardsigmoid": "hardswish"}


def gated(network: Rewriting, operation: Operation) -> bool:
    """A value times a function of itself: SiLU, hard swish, Mish."""
    if operation.type != "mul" or len(operation.inputs) != 2:
        return False
    for value, gate_name in (operation.inputs, operation.inputs[::-1]):
        gate = network.givers.get(gate_name)
        if gate is None or network.only_reader(gate) is not operation:
            continue
        parts, type = [gate], _GATES.get(gate.type, "")
        if gate.type == "tanh":
            inner = network.giver(gate)
            if not network.is_inner(inner, "softplus"):
                continue
            parts, type = [gate, inner], "mish"
        if type and parts[-1].inputs == [value]:
            network.replace(parts, operation, Operation(type, [value], []))
            return True
    return False


def hard_sigmoid(network: Rewriting, operation: Operation) -> bool:
    """relu6(x + 3) / 6, and x · relu6(x + 3) / 6."""
    if not is_near(number(operation, "multiply"), 1 / 6):
        return False
    before = network.giver(operation)
    product = before if network.is_inner(before, "mul") else None
    parts = [product] if product is not None else []
    names = product.inputs if product is not None else operation.inputs
    for name in names:
        clipped = network.givers.get(name)
        shifted = network.giver(clipped) if clipped is not None and _is_relu6(clipped) else None
        if clipped is None or shifted is None or number(shifted, "add") != 3:
            continue
        value = shifted.inputs[0]
        if product is not None and value not in product.inputs:
            continue
        new = Operation("hardswish" if product is not None else "hardsigmoid", [value], [])
        network.replace([*parts, clipped, shifted], operation, new)
        return True
    return False


def _is_relu6(operation: Operation) -> bool:
    return operation.type == "relu6" or (operation.type == "clamp" and operation.parameters == {"min": 0, "max": 6})


def gelu(network: Rewriting, operation: Operation) -> bool:
    """x / 2 · (1 + erf(x / √2)), and its approximation by tanh."""
    if operation.type == "erf":
        inner = network.giver(operation)
        if inner is None or not is_near(number(inner, "multiply"), 0.5**0.5):
            return False
        return _tail(network, operation, inner.inputs[0], [inner], {})
    if operation.type == "tanh":
        found = _cubic(network, operation)
        return found is not None and _tail(network, operation, found[0], found[1], {"approximate": "tanh"})
    return False


def _cubic(network: Rewriting, operation: Operation) -> tuple[str, list[Operation]] | None:
    """x and the operations of √(2 / π) · (x + 0.044715 x³)."""
    scaled = network.giver(operation)
    if scaled is None or not is_near(number(scaled, "multiply"), 0.7978846):
        return None
    total = network.giver(scaled)
    if total is None or total.type != "add":
        return None
    for value, name in (total.inputs, total.inputs[::-1]):
        small = network.givers.get(name)
        cube = network.giver(small) if small is not None and is_near(number(small, "multiply"), 0.044715) else None
        if small is not None and cube is not None and cube.type == "pow" and cube.inputs == [value]:
            return value, [scaled, total, small, cube]
    return None


def _tail(
    network: Rewriting, function: Operation, value: str, parts: list[Operation], parameters: dict[str, str]
) -> bool:
    """The end of both forms: one more, times x, and a half somewhere."""
    plus = network.only_reader(function)
    if plus is None or number(plus, "add") != 1:
        return False
    parts = [*parts, function, plus]
    following = network.only_reader(plus)
    has_half = following is not None and number(following, "multiply") == 0.5
    if following is not None and has_half:
        parts.append(following)
        following = network.only_reader(following)
    if following is None or following.type != "mul":
        return False
    other = next((name for name in following.inputs if name != parts[-1].output.name), "")
    half = network.givers.get(other)
    if other != value:
        if half is None or number(half, "multiply") != 0.5 or half.inputs != [value] or has_half:
            return False
        parts.append(half)
        has_half = True
    if not has_half:
        last = network.only_reader(following)
        if last is None or number(last, "multiply") != 0.5:
            return False
        parts.append(following)
        following = last
    network.replace(parts, following, Operation("gelu", [value], [], dict(parameters)))
    return True
