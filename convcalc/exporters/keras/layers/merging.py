"""Layers that join several tensors."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.exporters.keras.layers.register import Placed, Register, function
from convcalc.exporters.python.code import Argument, Call, Code
from convcalc.layers.products import parse_equation

rules = Register()


def operands(inputs: tuple[Shape, ...]) -> list[str]:
    """The inputs as templates, each with as many axes as the one with most: they are aligned at the last axis."""
    most = max(map(len, inputs))
    return [_aligned(number, most - len(shape)) for number, shape in enumerate(inputs)]


def _aligned(number: int, missing: int) -> str:
    if not missing:
        return f"{{{number}}}"
    axes = tuple(range(1, missing + 1))
    return f"ops.expand_dims({{{number}}}, {axes[0] if missing == 1 else axes})"


_LAYERS = {"add": "Add", "mul": "Multiply", "maximum": "Maximum", "minimum": "Minimum"}


@rules(*_LAYERS)
def merge(placed: Placed) -> Code:
    return Code(f"[{', '.join(operands(placed.inputs))}]", Call(f"layers.{_LAYERS[placed.type]}"))


@rules("sub", "div")
def difference(placed: Placed) -> Code:
    first, *others = operands(placed.inputs)
    if placed.type == "sub" and len(others) == 1:
        return Code(f"[{first}, {others[0]}]", Call("layers.Subtract"))
    for other in others:
        first = f"ops.{'subtract' if placed.type == 'sub' else 'divide'}({first}, {other})"
    return function(first)


@rules("concat")
def concatenation(placed: Placed) -> Code:
    axis = placed.axis(placed.layer.axis)
    return Code("[{all}]", Call("layers.Concatenate", (Argument(axis, "axis", -1),)))


@rules("stack")
def stack(placed: Placed) -> Code:
    return function("ops.stack([{all}], axis={axis})", axis=placed.axis(placed.layer.axis))


@rules("matmul")
def matmul(placed: Placed) -> Code:
    first, *others = operands(placed.inputs)
    for other in others:
        first = f"ops.matmul({first}, {other})"
    return function(first)


@rules("einsum")
def einsum(placed: Placed) -> Code:
    labels = parse_equation(placed.layer.equation)
    assert labels is not None  # checked when the layer was made
    used = {letter for part in (*labels.operands, labels.output) for letter in part}
    batch = next(letter for letter in "bnzyxwvutsrqponmlkjihgfedca" if letter not in used)
    parts = ",".join(batch + part.replace(".", "...") for part in labels.operands)
    equation = f"{parts}->{batch}{labels.output.replace('.', '...')}"
    return function(f'ops.einsum("{equation}", {{all}})')
