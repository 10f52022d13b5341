"""Broadcasting: operands of one shape, after every axis of size 1 is repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from convcalc.arith.shape import Shape, broadcast, format_shape
from convcalc.arith.window import BROADCAST
from convcalc.layers.base import SAME, Flow, Layer, LayerError, Link, Part


class Broadcasting(Layer):
    """An operation of two or more inputs, element by element; axes of size 1 are repeated."""

    arity: ClassVar[tuple[int, int | None]] = (2, None)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return common_shape(self, inputs)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return tuple(SAME if shape == output else tuple(stretched(shape, output)) for shape in inputs)


def common_shape(layer: Layer, shapes: Sequence[Shape]) -> Shape:
    """The shape that the operands of an element-wise layer broadcast to. Raises LayerError where there is none."""
    try:
        return broadcast(shapes)
    except ValueError:
        raise disagreement(layer, shapes, "sizes must agree, or be 1, on every axis from the last") from None


def stretched(shape: Shape, output: Shape) -> list[Part]:
    """What each axis of `output` reads of an operand of `shape`, aligned at the last axis."""
    missing = len(output) - len(shape)
    read: list[Part] = [None] * missing
    for axis, (size, wanted) in enumerate(zip(shape, output[missing:])):
        read.append(Link(axis, BROADCAST if size < wanted else None))
    return read


def disagreement(layer: Layer, shapes: Sequence[Shape], rule: str) -> LayerError:
    """The error for inputs whose shapes do not go together; `rule` says how they must."""
    texts = [format_shape(shape) for shape in shapes]
    return LayerError(
        "shapes-do-not-agree",
        f"{layer.type.name} cannot join {', '.join(texts[:-1])} and {texts[-1]}",
        parameter="from",
        help=rule,
    )
