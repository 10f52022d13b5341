"""Reductions: one number in place of all numbers along some axes."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape
from convcalc.arith.window import sliding, whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, axis_from, links
from convcalc.layers.parameters import Boolean, Integer, Integers, Number, OrNull, Parameter


class Reduction(Layer):
    """One figure of all elements along some axes: their sum, mean, greatest, least, deviation or norm.

    Example:
        input: [196, 768]
        layers:
          - mean: {axis: 0}

    Shape:
        the input's without the axes of `axis`; with `keepdim` they stay, with size 1

    Errors:
        wrong-axis          the input has no such axis, or it is named twice
        empty-shape         no axis would be left

    Source:
        PyTorch's sum, mean, amax, amin, prod, var, std, norm and logsumexp; axes are counted without the batch.
    """

    axis = OrNull(Integers(minimum=None, help="the axis that goes, or a list of several; all of them when null"))
    keepdim = Boolean(False, help="whether the axes stay, with size 1")

    def reduced(self, rank: int) -> set[int]:
        """The axes that go, counted from the front."""
        return set(range(rank)) if self.axis is None else {axis_from(axis, rank) for axis in self.axis}

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        gone = self.reduced(len(shape))
        if self.axis is not None and len(gone) < len(self.axis):
            raise LayerError("wrong-axis", f"axis {list(self.axis)} names an axis twice", parameter="axis")
        if self.keepdim:
            return tuple([1 if axis in gone else size for axis, size in enumerate(shape)])
        if len(gone) == len(shape):
            raise LayerError(
                "empty-shape",
                f"{self.type.name} leaves no axis of the {{input}}",
                parameter=None if self.axis is None else "axis",
                help="keepdim: true keeps the axes with size 1",
            )
        return tuple([size for axis, size in enumerate(shape) if axis not in gone])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        gone = self.reduced(len(shape))
        if self.keepdim:
            return (tuple(Link(axis, whole(size) if axis in gone else None) for axis, size in enumerate(shape)),)
        return (tuple(Link(axis) for axis in range(len(shape)) if axis not in gone),)


class Cumulation(Layer):
    """The sum, product or greatest of all elements up to each place of one axis.

    Example:
        input: [512, 64]
        layers:
          - cumsum: {axis: 0}

    Shape:
        any shape, kept

    Errors:
        wrong-axis          the input has no such axis

    Source:
        PyTorch's cumsum, cumprod and cummax.
    """

    axis = Integer(minimum=None, help="the axis along which it goes")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        axis_from(self.axis, len(inputs[0]))
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        flow = links(len(output))
        axis = self.axis % len(output)
        flow[axis] = Link(axis, sliding(output[axis], 1, 1, output[axis] - 1))
        return (tuple(flow),)


class Normalize(Layer):
    """Each element over the norm of all elements along some axes.

    Example:
        input: [128]
        layers:
          - normalize

    Shape:
        any shape, kept

    Errors:
        wrong-axis          the input has no such axis

    Source:
        PyTorch's functional.normalize, whose axis 1 is axis 0 here: there is no batch.
    """

    axis = Integers(0, minimum=None, help="the axis of the norm, or a list of several")
    p = Number(2.0, help="which norm")
    eps = Number(1e-12, help="the least that is divided by")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        for axis in self.axis:
            axis_from(axis, len(inputs[0]))
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (along(output, self.axis),)


class TopK(Layer):
    """The k greatest elements along one axis, from the greatest on.

    Example:
        input: [1000]
        layers:
          - topk: {k: 5}

    Shape:
        the size along `axis` becomes k; NAME.indices is as large: where each of them was

    Errors:
        wrong-axis          the input has no such axis
        wrong-value         k is more than the axis has

    Source:
        PyTorch's topk: its values, and its indices by name.
    """

    further_outputs = ("indices",)
    k = Integer(help="how many are kept")
    axis = Integer(-1, minimum=None, help="the axis along which they are chosen")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        if self.k > shape[axis]:
            raise LayerError(
                "wrong-value",
                f"k {self.k} is more than the {shape[axis]} places of axis {axis} of the {{input}}",
                parameter="k",
            )
        return (*shape[:axis], self.k, *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        flow = links(len(output))
        axis = self.axis % len(output)
        flow[axis] = Link(axis, whole(inputs[0][axis]))
        return (tuple(flow),)


def along(shape: Shape, axes: tuple[int, ...]) -> Flow:
    """Each position reads the whole of `axes`, and every other axis one to one."""
    return tuple(links(len(shape), through={axis % len(shape): whole(shape[axis]) for axis in axes}))


def _reduction(**parameters: Parameter[Any]) -> type[Layer]:
    """A class for reductions with parameters of their own, with the manual page of all."""
    return type("Reduction", (Reduction,), {"__doc__": Reduction.__doc__, **parameters})


_PLAIN = ("sum", "mean", "max", "min", "prod", "logsumexp")
_OF_VARIANCE = _reduction(
    correction=Integer(1, minimum=None, help="by how much the divisor is less than the number of elements")
)
_CUMULATIONS = ("cumsum", "cumprod", "cummax", "cummin")
TYPES = {
    **{name: LayerType(name, Reduction) for name in _PLAIN},
    **{name: LayerType(name, _OF_VARIANCE) for name in ("var", "std")},
    "norm": LayerType("norm", _reduction(p=Number(2.0, help="which norm"))),
    **{name: LayerType(name, Cumulation) for name in _CUMULATIONS},
    "normalize": LayerType("normalize", Normalize),
    "topk": LayerType("topk", TopK),
}
