"""Scattering: part of one input put in the place of part of another."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import placed
from convcalc.layers.base import Flow, Layer, LayerType, Link, Part, Single, axis_from, links
from convcalc.layers.broadcasting import disagreement
from convcalc.layers.parameters import Integer
from convcalc.layers.slicing import Cut, Slice, check_index, sliced


class SliceScatter(Cut):
    """The first input, with the second in the place of some of its places along one axis: x[:, 2:6] = y.

    Example:
        input: {map: [64, 56, 56], part: [64, 8, 56]}
        layers:
          - slice_scatter: {from: [map, part], axis: 1, start: 24, stop: 32}

    Shape:
        the first input's; the second has that of the slice that it replaces

    Errors:
        shapes-do-not-agree  the second input has not the shape of the slice
        empty-output        nothing is between start and stop
        wrong-axis          the input has no such axis

    Source:
        PyTorch's slice_scatter, whose end is `stop`, and assignment into a slice.
    """

    arity = (2, 2)
    axis = Slice.axis
    start = Slice.start
    stop = Slice.stop
    step = Slice.step

    def places(self, size: int) -> range:
        return sliced(size, self.axis, self.start, self.stop, self.step)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        wanted = super().output_shape(inputs)
        if inputs[1] != wanted:
            raise disagreement(self, inputs, f"the second must be {format_shape(wanted)}, the slice that it replaces")
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axis = self.axis % len(output)
        replaced = self.places(output[axis])
        kept, put = links(len(output)), links(len(output))
        kept[axis] = Link(axis, placed(output[axis], lambda place: None if place in replaced else place))
        put[axis] = Link(axis, start=replaced.start)
        if replaced.step > 1:
            number_of = replaced.index
            put[axis] = Link(axis, placed(output[axis], lambda place: number_of(place) if place in replaced else None))
        return tuple(kept), tuple(put)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return ""


class SelectScatter(Layer):
    """The first input, with the second in the place of one place of an axis: x[:, 2] = y.

    Example:
        input: {tokens: [197, 768], first: [768]}
        layers:
          - select_scatter: {from: [tokens, first], axis: 0, index: 0}

    Shape:
        the first input's; the second has it without `axis`

    Errors:
        shapes-do-not-agree  the second input has not the shape of the first without `axis`
        wrong-index         the axis has no such place
        wrong-axis          the input has no such axis

    Source:
        PyTorch's select_scatter, and assignment to an index. `slice_scatter` of an unsqueezed input does the same.
    """

    arity = (2, 2)
    axis = Integer(0, minimum=None, help="the axis")
    index = Integer(minimum=None, help="which of its places, from 0; negative numbers count from the end")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        check_index(self.index, shape, axis)
        wanted = (*shape[:axis], *shape[axis + 1 :])
        if inputs[1] != wanted:
            raise disagreement(self, inputs, f"the second must be {format_shape(wanted)}")
        return shape

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axis = self.axis % len(output)
        index = self.index % output[axis]
        kept = links(len(output))
        kept[axis] = Link(axis, placed(output[axis], lambda place: None if place == index else place))
        put: list[Part] = list(map(Link, range(len(output) - 1)))
        put.insert(axis, Single(index))
        return tuple(kept), tuple(put)


TYPES = {
    "slice_scatter": LayerType("slice_scatter", SliceScatter),
    "select_scatter": LayerType("select_scatter", SelectScatter),
}
