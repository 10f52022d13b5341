"""Selecting: chosen places of an axis, given by number or by an input of indices."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import chosen, offset, whole
from convcalc.layers.base import SAME, Dropped, Flow, Layer, LayerError, LayerType, Link, axis_from, links
from convcalc.layers.broadcasting import disagreement
from convcalc.layers.parameters import Integer, Integers, OrNull
from convcalc.layers.slicing import Cut, check_index


class Select(Layer):
    """One place of an axis; the axis goes.

    Example:
        input: [3, 197, 768]
        layers:
          - select: {axis: 0, index: 0}

    Shape:
        the input's without `axis`

    Errors:
        wrong-index         the axis has no such place
        wrong-axis          the input has no such axis
        empty-shape         no axis would be left

    Source:
        PyTorch's select, and one of the outputs of its unbind.
    """

    axis = Integer(0, minimum=None, help="the axis that goes")
    index = Integer(minimum=None, help="which of its places, from 0; negative numbers count from the end")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        check_index(self.index, shape, axis)
        if len(shape) == 1:
            raise LayerError("empty-shape", "select leaves no axis of the {input}", help="`slice` keeps the axis")
        return (*shape[:axis], *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        gone = self.axis % len(shape)
        kept = (Link(axis) for axis in range(len(shape)) if axis != gone)
        return ((*kept, Dropped(gone, self.index % shape[gone])),)


class Split(Cut):
    """One of the pieces into which an axis is cut, pieces of given sizes.

    Example:
        input: [96, 56, 56]
        layers:
          - split: {sizes: [64, 32], index: 1}

    Shape:
        the size along `axis` becomes sizes[index]

    Errors:
        wrong-size          the sizes do not add up to the axis
        wrong-index         there is no such piece
        wrong-axis          the input has no such axis

    Source:
        PyTorch's split.
    """

    sizes = Integers(help="the sizes of the pieces; one number: all of that size, the last perhaps less")
    index = Integer(minimum=0, help="which of them, from 0")
    axis = Integer(0, minimum=None, help="the axis to cut")

    def places(self, size: int) -> range:
        sizes = self.sizes
        if len(sizes) == 1:
            count = -(-size // sizes[0])
            start, stop = self.index * sizes[0], min((self.index + 1) * sizes[0], size)
        else:
            if sum(sizes) != size:
                raise LayerError(
                    "wrong-size",
                    f"sizes {list(sizes)} add up to {sum(sizes)}, and axis {self.axis} of the {{input}} has {size}",
                    parameter="sizes",
                )
            count = len(sizes)
            start = sum(sizes[: self.index])
            stop = start + (sizes[self.index] if self.index < count else 0)
        if self.index >= count:
            raise LayerError(
                "wrong-index",
                f"there is no piece {self.index}: the sizes make {count}",
                parameter="index",
                help="indices are counted from 0",
            )
        return range(start, stop)


class IndexSelect(Layer):
    """Chosen places of one axis, in any order: those of `indices`, or those that a second input names.

    What a second input will hold is not known, so that each place may be any of the axis.

    Example:
        input: [169, 4]
        layers:
          - index_select: {axis: 0, indices: [0, 13, 26]}

    Shape:
        the size along `axis` becomes the number of indices; with a second input its shape takes the place of the axis

    Errors:
        missing-parameter   neither `indices` nor a second input is given
        wrong-index         the axis has no such place
        wrong-axis          the input has no such axis

    Source:
        PyTorch's index_select, and indexing by a tensor.
    """

    arity = (1, 2)
    axis = Integer(0, minimum=None, help="the axis whose places are chosen")
    indices = OrNull(Integers(minimum=None, help="which places, from 0; negative numbers count from the end"))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        if (len(inputs) == 1) == (self.indices is None):
            raise LayerError(
                "missing-parameter",
                "index_select takes either indices or a second input that holds them",
                help="write `index_select: {axis: 0, indices: [0, 2]}`, or `from: [table, indices]`",
            )
        for index in self.indices or ():
            if not -shape[axis] <= index < shape[axis]:
                raise LayerError(
                    "wrong-index",
                    f"there is no place {index} among the {shape[axis]} of axis {axis} of the {{input}}",
                    parameter="indices",
                )
        chosen_shape = inputs[1] if self.indices is None else (len(self.indices),)
        return (*shape[:axis], *chosen_shape, *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        axis = self.axis % len(shape)
        if self.indices is not None:
            window = chosen([index % shape[axis] for index in self.indices])
            return (tuple(links(len(output), through={axis: window})),)
        added = len(inputs[1])
        table = (
            *(Link(place) for place in range(axis)),
            *(None,) * added,
            *(Link(place) for place in range(axis + 1, len(shape))),
        )
        names = (*(None,) * axis, *(Link(place) for place in range(added)), *(None,) * (len(shape) - axis - 1))
        return table, names


class Gather(Layer):
    """For each place of the second input, the element of the first that it names along one axis.

    Example:
        input: {table: [8, 64], index: [2, 64]}
        layers:
          - gather: {axis: 0, from: [table, index]}

    Shape:
        that of the second input, which has as many axes as the first, and none longer but `axis`

    Errors:
        shapes-do-not-agree  the second input has other axes, or is larger beside `axis`
        wrong-axis          the input has no such axis

    Source:
        PyTorch's gather.
    """

    arity = (2, 2)
    axis = Integer(minimum=None, help="the axis along which elements are looked up")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        table, index = inputs
        axis = axis_from(self.axis, len(table))
        larger = any(want > have for place, (have, want) in enumerate(zip(table, index)) if place != axis)
        if len(table) != len(index) or larger:
            rule = f"the index has as many axes, and beside axis {axis} no size over those of {format_shape(table)}"
            raise disagreement(self, inputs, rule)
        return index

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        table, _ = inputs
        axis = self.axis % len(table)
        read = [
            Link(place, whole(size) if place == axis else None if size == output[place] else offset(0))
            for place, size in enumerate(table)
        ]
        return tuple(read), SAME


TYPES = {
    "select": LayerType("select", Select),
    "split": LayerType("split", Split),
    "index_select": LayerType("index_select", IndexSelect),
    "gather": LayerType("gather", Gather),
}
