"""Fourier transforms along axes. A complex number counts as one element; the transforms' products are not counted."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.arith.window import whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, axis_from, links
from convcalc.layers.parameters import Integer, Integers, OrNull


class Fourier(Layer):
    """The discrete Fourier transform along some axes, `fft`, or its inverse, `ifft`.

    Example:
        input: [64, 768]
        layers:
          - fft: {axes: [0, 1]}

    Shape:
        kept

    Errors:
        wrong-axis          the input has no such axis, or one is named twice

    Source:
        PyTorch's fftn and ifftn; Lee-Thorp et al. 2021, "FNet". A complex number counts as one element of the output,
        though it takes two numbers to store. The transform has no parameters, and its products are not counted as
        multiply-accumulates: how many there are depends on the algorithm.
    """

    axes = Integers(minimum=None, help="the axes to transform")

    def _axes(self, rank: int) -> list[int]:
        axes = [axis_from(axis, rank, "axes") for axis in self.axes]
        if len(set(axes)) < len(axes):
            raise LayerError("wrong-axis", "an axis is transformed twice", parameter="axes")
        return axes

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self._axes(len(inputs[0]))
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        flow = links(len(output))
        for axis in self._axes(len(output)):
            flow[axis] = Link(axis, whole(inputs[0][axis]))
        return (tuple(flow),)


class RealFourier(Fourier):
    """The Fourier transform of real numbers: of the last of its axes one half is kept, for the other mirrors it.

    Example:
        input: [64, 56, 56]
        layers:
          - rfft: {axes: [1, 2]}

    Shape:
        kept, but the last of `axes` becomes floor(size / 2) + 1

    Errors:
        wrong-axis          the input has no such axis, or one is named twice

    Source:
        PyTorch's rfftn; Rao et al. 2021, "Global Filter Networks". A complex number counts as one element; products
        are not counted, as of fft.
    """

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        last = self._axes(len(inputs[0]))[-1]
        return tuple([size // 2 + 1 if axis == last else size for axis, size in enumerate(inputs[0])])


class InverseRealFourier(Fourier):
    """The real numbers whose `rfft` the input is.

    Example:
        input: [64, 56, 29]
        layers:
          - irfft: {axes: [1, 2], size: 56}

    Shape:
        kept, but the last of `axes` becomes `size`, without it 2 (size - 1)

    Errors:
        wrong-axis          the input has no such axis, or one is named twice
        empty-output        an axis of size 1 would become 0: give `size`

    Source:
        PyTorch's irfftn. A complex number counts as one element; products are not counted, as of fft.
    """

    size = OrNull(Integer(help="size of the last of `axes`, which rfft leaves open; 2 (size - 1) when null"))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        last = self._axes(len(inputs[0]))[-1]
        wanted = self.size or 2 * (inputs[0][last] - 1)
        if wanted < 1:
            raise LayerError(
                "empty-output",
                f"axis {last} of the {{input}} has size 1, which would become 0",
                parameter="axes",
                help="give `size`",
            )
        return tuple([wanted if axis == last else size for axis, size in enumerate(inputs[0])])


TYPES = {
    "fft": LayerType("fft", Fourier),
    "ifft": LayerType("ifft", Fourier),
    "rfft": LayerType("rfft", RealFourier),
    "irfft": LayerType("irfft", InverseRealFourier),
}
