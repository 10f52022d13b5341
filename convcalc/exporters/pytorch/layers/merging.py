"""Layers that join several tensors."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.exporters.python.code import Code, batched
from convcalc.exporters.pytorch.layers.register import Placed, Register

rules = Register()


def operands(inputs: tuple[Shape, ...]) -> list[str]:
    """The inputs as templates, each with as many axes as the one with most: they are aligned at the last axis."""
    most = max(map(len, inputs))
    return [_aligned(number, most - len(shape)) for number, shape in enumerate(inputs)]


def _aligned(number: int, missing: int) -> str:
    return f"{{{number}}}" + (f"[:, {', '.join(['None'] * missing)}]" if missing else "")


@rules("add", "sub", "mul", "div")
def arithmetic(placed: Placed) -> Code:
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/"}[placed.type]
    return Code("", function=f" {sign} ".join(operands(placed.inputs)))


@rules("concat", "stack")
def concatenation(placed: Placed) -> Code:
    axis = batched(placed.layer.axis, placed.rank)
    name = "cat" if placed.type == "concat" else "stack"
    return Code("", function=f"torch.{name}([{{all}}], dim={{axis}})", values={"axis": axis})


@rules("matmul")
def matmul(placed: Placed) -> Code:
    return Code("", function=" @ ".join(operands(placed.inputs)))


@rules("einsum")
def einsum(placed: Placed) -> Code:
    from convcalc.layers.products import parse_equation

    labels = parse_equation(placed.layer.equation)
    assert labels is not None  # checked when the layer was made
    used = {letter for part in (*labels.operands, labels.output) for letter in part}
    batch = next(letter for letter in "bnzyxwvutsrqponmlkjihgfedca" if letter not in used)
    parts = ",".join(batch + part.replace(".", "...") for part in labels.operands)
    equation = f"{parts}->{batch}{labels.output.replace('.', '...')}"
    return Code("", function=f'torch.einsum("{equation}", {{all}})')
