"""Rearranging: the places of an input in another order, and inputs stacked along a new axis."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.arith.window import CIRCULAR, Window, offset, placed
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Part, axis_from, links
from convcalc.layers.broadcasting import disagreement
from convcalc.layers.parameters import Integer, Integers


class Transpose(Layer):
    """Two axes exchanged.

    Example:
        input: [768, 196]
        layers:
          - transpose: {axes: [0, 1]}

    Shape:
        the input's with the two sizes exchanged

    Errors:
        wrong-axis          the input has no such axis, or `axes` are not two

    Source:
        PyTorch's transpose.
    """

    axes = Integers(minimum=None, help="the two axes that change places")

    def order(self, rank: int) -> list[int]:
        """For each axis of the output, the axis of the input."""
        if len(self.axes) != 2:
            raise LayerError(
                "wrong-axis",
                f"transpose takes two axes, not {len(self.axes)}",
                parameter="axes",
                help="`permute` takes all of them in any order",
            )
        one, other = (axis_from(axis, rank, "axes") for axis in self.axes)
        order = list(range(rank))
        order[one], order[other] = other, one
        return order

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return tuple([inputs[0][axis] for axis in self.order(len(inputs[0]))])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (tuple(map(Link, self.order(len(output)))),)


class Roll(Layer):
    """Places moved along some axes; what leaves at one end comes in at the other.

    Example:
        input: [56, 56, 96]
        layers:
          - roll: {shifts: [-3, -3], axes: [0, 1]}

    Shape:
        any shape, kept

    Errors:
        wrong-axis          the input has no such axis, or there are not as many axes as shifts

    Source:
        PyTorch's roll.
    """

    shifts = Integers(minimum=None, help="by how many places, for each axis of `axes`")
    axes = Integers(minimum=None, help="the axes along which they move")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        for axis in self.axes:
            axis_from(axis, len(inputs[0]), "axes")
        if len(self.axes) != len(self.shifts):
            raise LayerError(
                "wrong-axis",
                f"there are {len(self.shifts)} shifts for {len(self.axes)} axes",
                parameter="axes",
                help="give one shift for each axis",
            )
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        by_axis: dict[int, int] = {}
        for axis, shift in zip(self.axes, self.shifts):
            by_axis[axis % len(output)] = by_axis.get(axis % len(output), 0) + shift
        windows = {
            axis: offset(-shift % output[axis], 1, CIRCULAR) for axis, shift in by_axis.items() if shift % output[axis]
        }
        return (tuple(links(len(output), through=windows)),)


class Flip(Layer):
    """The places of some axes in reverse order.

    Example:
        input: [3, 32, 32]
        layers:
          - flip: {axes: 2}

    Shape:
        any shape, kept

    Errors:
        wrong-axis          the input has no such axis

    Source:
        PyTorch's flip.
    """

    axes = Integers(minimum=None, help="the axis that is reversed, or a list of several")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        for axis in self.axes:
            axis_from(axis, len(inputs[0]), "axes")
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axes = {axis % len(output) for axis in self.axes}
        windows = {axis: _backwards(output[axis]) for axis in axes}
        return (tuple(links(len(output), through=windows)),)


def _backwards(size: int) -> Window:
    """The window of an axis whose places are in reverse order."""
    return placed(size, lambda place: size - 1 - place)


class Stack(Layer):
    """Inputs of one shape, one behind the other along a new axis.

    Example:
        input: {left: [64, 28, 28], right: [64, 28, 28]}
        layers:
          - stack: {from: [left, right]}

    Shape:
        the inputs' with their number put in at `axis`

    Errors:
        shapes-do-not-agree  the inputs differ in shape
        wrong-axis          the output has no such axis

    Source:
        PyTorch's stack.
    """

    arity = (1, None)
    axis = Integer(0, minimum=None, help="the place of the new axis in the output")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape) + 1, of="output")
        if any(other != shape for other in inputs):
            raise disagreement(self, inputs, "all shapes must be equal")
        return (*shape[:axis], len(inputs), *shape[axis:])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        read: list[Part] = [Link(axis) for axis in range(len(output) - 1)]
        read.insert(self.axis % len(output), None)
        return (tuple(read),) * len(inputs)


TYPES = {
    "transpose": LayerType("transpose", Transpose),
    "roll": LayerType("roll", Roll),
    "flip": LayerType("flip", Flip),
    "stack": LayerType("stack", Stack),
}
