"""Reshaping: the same elements under another shape."""

from __future__ import annotations

from math import prod

from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Part, Unordered, axis_from
from convcalc.layers.parameters import Integer, Integers, OrNull


class Regrouping(Layer):
    """A layer that keeps the order of the elements; axes that are neither split nor joined keep their positions."""

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (regroup(inputs[0], output),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "its output has the shape of its input" if output == inputs[0] else ""


class Flatten(Regrouping):
    """Neighbouring axes joined into one; all of them by default.

    Example:
        input: [16, 5, 5]
        layers:
          - flatten

    Shape:
        the axes from start_axis to end_axis become one, of the product of their sizes

    Errors:
        wrong-axis          the input has no such axis, or end_axis comes before start_axis

    Source:
        PyTorch's Flatten, whose axis 1 is axis 0 here: there is no batch.
    """

    start_axis = Integer(0, minimum=None, help="first of the axes to join")
    end_axis = Integer(-1, minimum=None, help="last of the axes to join")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        start = axis_from(self.start_axis, len(shape), "start_axis")
        end = axis_from(self.end_axis, len(shape), "end_axis")
        if end < start:
            raise LayerError(
                "wrong-axis",
                f"end_axis {self.end_axis} comes before start_axis {self.start_axis} in the {{input}}",
                parameter="end_axis",
            )
        return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :])


class Unflatten(Regrouping):
    """One axis split into several.

    Example:
        input: [784]
        layers:
          - unflatten: {axis: 0, shape: [1, 28, 28]}

    Shape:
        the axis is replaced by `shape`, in which one -1 is the size that is left

    Errors:
        wrong-axis          the input has no such axis
        wrong-size          `shape` does not have as many elements as the axis

    Source:
        PyTorch's Unflatten.
    """

    axis = Integer(minimum=None, help="the axis to split")
    shape = Integers(minimum=-1, help="what it is split into; one -1 is worked out")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        return (
            *shape[:axis],
            *_filled(self.shape, shape[axis], f"axis {axis} of the {{input}}"),
            *shape[axis + 1 :],
        )


class Reshape(Regrouping):
    """Another shape for the same elements, in their order.

    Example:
        input: [768]
        layers:
          - reshape: {shape: [3, 16, -1]}

    Shape:
        `shape`, in which one -1 is the size that is left

    Errors:
        wrong-size          `shape` does not have as many elements as the input

    Source:
        PyTorch's reshape.
    """

    shape = Integers(minimum=-1, help="the new shape, without the batch; one -1 is worked out")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return _filled(self.shape, elements(inputs[0]), "the {input}")


class Permute(Layer):
    """The axes in another order.

    Example:
        input: [96, 56, 56]
        layers:
          - permute: {axes: [1, 2, 0]}

    Shape:
        axis i of the output is axis axes[i] of the input

    Errors:
        wrong-axis          an axis is missing, named twice, or not there

    Source:
        PyTorch's permute.
    """

    axes = Integers(minimum=None, help="for each axis of the output, the axis of the input")

    def order(self, rank: int) -> tuple[int, ...]:
        """The axes counted from the front."""
        return tuple([axis_from(axis, rank, "axes") for axis in self.axes])

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        order = self.order(len(shape))
        if sorted(order) != list(range(len(shape))):
            raise LayerError(
                "wrong-axis",
                f"axes {list(self.axes)} must name each of the {len(shape)} axes of the {{input}} once",
                parameter="axes",
            )
        return tuple([shape[axis] for axis in order])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (tuple(map(Link, self.order(len(output)))),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        order = self.order(len(output))
        return "each axis stays in its place" if order == tuple(range(len(order))) else ""


class Squeeze(Regrouping):
    """Axes of size 1 left out: the one that is named, where it has size 1, or all of them.

    Example:
        input: [512, 1, 1]
        layers:
          - squeeze

    Shape:
        the input's without those axes

    Errors:
        wrong-axis          the input has no such axis
        empty-shape         no axis would be left

    Source:
        PyTorch's squeeze.
    """

    axis = OrNull(Integer(minimum=None, help="the axis to leave out; all of size 1 when null"))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        named = range(len(shape)) if self.axis is None else (axis_from(self.axis, len(shape)),)
        result = tuple([size for axis, size in enumerate(shape) if size != 1 or axis not in named])
        if not result:
            raise LayerError(
                "empty-shape",
                "squeeze leaves no axis of the {input}",
                help="name one axis, or reshape to [1]",
            )
        return result

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "no axis that it names has size 1" if output == inputs[0] else ""


class Unsqueeze(Regrouping):
    """An axis of size 1 put in.

    Example:
        input: [28, 28]
        layers:
          - unsqueeze: {axis: 0}

    Shape:
        the input's with a 1 at `axis`

    Errors:
        wrong-axis          the output has no such axis

    Source:
        PyTorch's unsqueeze.
    """

    axis = Integer(minimum=None, help="the place of the new axis in the output")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape) + 1, of="output")
        return (*shape[:axis], 1, *shape[axis:])


class Identity(Layer):
    """The input as it is.

    Example:
        input: [64, 56, 56]
        layers:
          - identity

    Shape:
        any shape, kept

    Errors:
        none of its own

    Source:
        PyTorch's Identity.
    """

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "it gives what it reads"


def _filled(shape: tuple[int, ...], count: int, what: str) -> Shape:
    """`shape` with its -1 worked out so that it has `count` elements."""
    open_axes = shape.count(-1)
    known = prod(size for size in shape if size != -1)
    if open_axes > 1 or known < 1 or count % known or (known != count and not open_axes):
        given = f"[{', '.join(map(str, shape))}]"
        raise LayerError(
            "wrong-size",
            f"shape {given} does not fit the {count} elements of {what}",
            parameter="shape",
            help="only one size may be -1" if open_axes > 1 else f"the sizes that are written make {known}",
        )
    return tuple([count // known if size == -1 else size for size in shape])


def regroup(old: Shape, new: Shape) -> Flow:
    """What each new axis reads when elements keep their order: one old axis, or several that lost their order.

    Both shapes are cut from the front into the shortest runs of equal products; a run of one axis on either side is
    that axis unchanged. Axes of size 1 carry nothing.

    >>> [getattr(link, "axis", None) for link in regroup((8, 4, 4), (8, 16))]
    [0, None]
    """
    flow: list[Part] = [None] * len(new)
    old_axes = [axis for axis, size in enumerate(old) if size != 1]
    new_axes = [axis for axis, size in enumerate(new) if size != 1]
    while old_axes:
        olds, news = [old_axes.pop(0)], [new_axes.pop(0)]
        left, right = old[olds[0]], new[news[0]]
        while left != right:
            if left < right:
                olds.append(old_axes.pop(0))
                left *= old[olds[-1]]
            else:
                news.append(new_axes.pop(0))
                right *= new[news[-1]]
        kept = len(olds) == len(news) == 1
        for axis in news:
            flow[axis] = Link(olds[0]) if kept else Unordered(tuple(olds))
    return tuple(flow)


TYPES = {
    "flatten": LayerType("flatten", Flatten),
    "unflatten": LayerType("unflatten", Unflatten),
    "reshape": LayerType("reshape", Reshape),
    "permute": LayerType("permute", Permute),
    "squeeze": LayerType("squeeze", Squeeze),
    "unsqueeze": LayerType("unsqueeze", Unsqueeze),
    "identity": LayerType("identity", Identity),
}
