"""Merges: one output from several inputs."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.layers.base import Flow, Layer, LayerType, Link, axis_from
from convcalc.layers.broadcasting import Broadcasting, disagreement
from convcalc.layers.parameters import Integer


class Elementwise(Broadcasting):
    """The sum or the product of its inputs, element by element; axes of size 1 are repeated.

    Example:
        input: {left: [64, 56, 56], right: [64, 1, 1]}
        layers:
          - add: {from: [left, right]}

    Shape:
        the inputs' common shape: aligned at the last axis, sizes must agree or be 1

    Errors:
        shapes-do-not-agree  two sizes of an axis differ, and neither is 1

    Source:
        PyTorch's broadcasting.
    """

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return _reason_of_merge(inputs)


class Subtraction(Broadcasting):
    """The first input less the second, element by element; axes of size 1 are repeated.

    Example:
        input: {left: [64, 56, 56], right: [64, 1, 1]}
        layers:
          - sub: {from: [left, right]}

    Shape:
        the inputs' common shape: aligned at the last axis, sizes must agree or be 1

    Errors:
        shapes-do-not-agree  two sizes of an axis differ, and neither is 1

    Source:
        PyTorch's sub.
    """

    arity = (2, 2)


class Concatenation(Layer):
    """Its inputs one behind the other along one axis.

    Example:
        input: {left: [64, 28, 28], right: [32, 28, 28]}
        layers:
          - concat: {from: [left, right]}

    Shape:
        the sizes along `axis` added up; all others must agree. Of one input, `from: [x]`, it is that input.

    Errors:
        shapes-do-not-agree  the inputs differ on another axis
        wrong-axis           the inputs have no such axis

    Source:
        PyTorch's cat.
    """

    arity = (2, None)
    axis = Integer(0, minimum=None, help="the axis along which they are joined")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        first = inputs[0]
        axis = axis_from(self.axis, len(first))
        before, after = first[:axis], first[axis + 1 :]
        if any(len(shape) != len(first) or (shape[:axis], shape[axis + 1 :]) != (before, after) for shape in inputs):
            raise disagreement(self, inputs, f"all sizes but those of axis {axis} must agree")
        return (*before, sum(shape[axis] for shape in inputs), *after)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        joined = self.axis % len(output)
        flows: list[Flow] = []
        start = 0
        for shape in inputs:
            flows.append(tuple(Link(axis, start=start if axis == joined else 0) for axis in range(len(output))))
            start += shape[joined]
        return tuple(flows)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return _reason_of_merge(inputs)


def _reason_of_merge(inputs: tuple[Shape, ...]) -> str:
    return "it joins a single input" if len(inputs) == 1 else ""


TYPES = {
    "add": LayerType("add", Elementwise),
    "sub": LayerType("sub", Subtraction),
    "mul": LayerType("mul", Elementwise),
    "concat": LayerType("concat", Concatenation),
}
