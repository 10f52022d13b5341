"""Rearranging: elements repeated, moved, turned around, chosen and stacked."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import CIRCULAR, Window, offset, periodic, repeated, whole
from convcalc.layers.base import SAME, Flow, Layer, LayerError, LayerType, Link, Unordered, axis_from, links
from convcalc.layers.broadcasting import disagreement, stretched
from convcalc.layers.parameters import Integer, Integers, OrNull
from convcalc.layers.slicing import Cut


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


class Expand(Layer):
    """Axes of size 1 repeated to the sizes of `shape`; new axes may stand before them.

    Example:
        input: [1, 64]
        layers:
          - expand: {shape: [49, -1]}

    Shape:
        `shape`, in which -1 keeps the size of the input

    Errors:
        wrong-size          an axis of another size than 1 would change, or `shape` is too short

    Source:
        PyTorch's expand.
    """

    shape = Integers(minimum=-1, help="the new sizes; -1 keeps one")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        old, new = inputs[0], self.shape
        missing = len(new) - len(old)
        if missing < 0 or 0 in new or -1 in new[:missing]:
            raise self._misfit()
        sizes = [have if want == -1 else want for have, want in zip((*(1,) * missing, *old), new)]
        if any(have not in (1, want) for have, want in zip(old, sizes[missing:])):
            raise self._misfit()
        return tuple(sizes)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (tuple(stretched(inputs[0], output)),)

    def _misfit(self) -> LayerError:
        return LayerError(
            "wrong-size",
            f"the {{input}} cannot be expanded to {list(self.shape)}",
            parameter="shape",
            help="only axes of size 1 are repeated; -1 keeps an axis of the input, and new axes come first",
        )


class Tile(Layer):
    """The whole input set side by side, so many times along each axis.

    Example:
        input: [8, 4]
        layers:
          - tile: {repeats: [2, 1]}

    Shape:
        each size times its number of repeats; where there are more repeats than axes, axes of size 1 come first

    Errors:
        none of its own

    Source:
        PyTorch's tile and repeat.
    """

    repeats = Integers(help="how many times along each axis, the last one last")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        old, repeats = self._aligned(inputs[0])
        return tuple([size * count for size, count in zip(old, repeats)])

    def _aligned(self, shape: Shape) -> tuple[Shape, tuple[int, ...]]:
        """The sizes and the repeats, both as long as the longer one."""
        rank = max(len(shape), len(self.repeats))
        return (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(self.repeats)) + self.repeats

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        new = len(output) - len(shape)
        read: list[Link | Unordered | None] = [None] * new
        for axis, size in enumerate(shape):
            read.append(Link(axis, None if output[new + axis] == size else again(size)))
        return (tuple(read),)


class RepeatInterleave(Layer):
    """Each place of one axis repeated, one behind the other.

    Example:
        input: [2, 128, 64]
        layers:
          - repeat_interleave: {repeats: 4, axis: 0}

    Shape:
        the size along `axis` times `repeats`

    Errors:
        wrong-axis          the input has no such axis

    Source:
        PyTorch's repeat_interleave.
    """

    repeats = Integer(help="how many times")
    axis = Integer(minimum=None, help="the axis whose places are repeated")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        return (*shape[:axis], shape[axis] * self.repeats, *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (_with(output, self.axis, repeated(self.repeats)),)


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
        flow = links(len(output))
        for axis, shift in by_axis.items():
            if shift % output[axis]:
                flow[axis] = Link(axis, offset(-shift % output[axis], 1, CIRCULAR))
        return (tuple(flow),)


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
        flow = links(len(output))
        for axis in {axis % len(output) for axis in self.axes}:
            flow[axis] = Link(axis, chosen(range(output[axis] - 1, -1, -1)))
        return (tuple(flow),)


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
    axis = Integer(0, minimum=None, help="where the new axis stands in the output")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape) + 1, of="output")
        if any(other != shape for other in inputs):
            raise disagreement(self, inputs, "all shapes must be equal")
        return (*shape[:axis], len(inputs), *shape[axis:])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        read: list[Link | Unordered | None] = [Link(axis) for axis in range(len(output) - 1)]
        read.insert(self.axis % len(output), None)
        return (tuple(read),) * len(inputs)


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
        if not -shape[axis] <= self.index < shape[axis]:
            raise LayerError(
                "wrong-index",
                f"there is no place {self.index} among the {shape[axis]} of axis {axis} of the {{input}}",
                parameter="index",
                help=f"places are counted from 0 to {shape[axis] - 1}",
            )
        if len(shape) == 1:
            raise LayerError("empty-shape", "select leaves no axis of the {input}", help="`slice` keeps the axis")
        return (*shape[:axis], *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        """By way of an axis of size 1, which then goes: the other places of the axis are not read."""
        gone = self.axis % len(inputs[0])
        return (tuple(Link(axis) for axis in range(len(inputs[0])) if axis != gone),)


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
            return (_with(output, axis, chosen([index % shape[axis] for index in self.indices])),)
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


def again(size: int) -> Window:
    """The axis from its beginning once more, again and again."""
    return periodic(size, 0, lambda place: (place, place, 1))


def chosen(places: range | list[int]) -> Window:
    """Output u reads places[u]."""
    return periodic(len(places), 0, lambda unit: (places[unit], places[unit], 1))


def _with(output: Shape, axis: int, window: Window) -> Flow:
    """One to one on every axis but one, which is read through `window`."""
    flow = links(len(output))
    flow[axis] = Link(axis % len(output), window)
    return tuple(flow)


TYPES = {
    "transpose": LayerType("transpose", Transpose),
    "expand": LayerType("expand", Expand),
    "tile": LayerType("tile", Tile),
    "repeat_interleave": LayerType("repeat_interleave", RepeatInterleave),
    "roll": LayerType("roll", Roll),
    "flip": LayerType("flip", Flip),
    "stack": LayerType("stack", Stack),
    "select": LayerType("select", Select),
    "split": LayerType("split", Split),
    "index_select": LayerType("index_select", IndexSelect),
    "gather": LayerType("gather", Gather),
}
