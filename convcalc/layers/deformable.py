"""Deformable convolution: a kernel whose taps another layer moves about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Unknown
from convcalc.layers.convolution_parameters import Sharing
from convcalc.layers.parameters import Boolean, Integer, Padding, PerAxis
from convcalc.layers.weights import WeightedLayer
from convcalc.layers.windows import RANKS, WindowLayer


class DeformableConvolution(WindowLayer, WeightedLayer):
    """A convolution whose taps are moved, for each position on its own, by offsets that the second input gives.

    A third input gives a factor for each tap (version 2). Taps may be moved anywhere: what a unit sees of the map is
    unknown.

    Example:
        input: {map: [64, 64, 64], offset: [18, 64, 64]}
        layers:
          - deform_conv2d: {from: [map, offset], out_channels: 64, kernel_size: 3, padding: 1}

    Shape:
        [C, H, W], offsets [2 · offset groups · kernel, H', W'] and factors [offset groups · kernel, H', W'] to
        [out_channels, H', W'], as of a convolution; with one number an axis for each offset (1 in 1d, 3 in 3d)

    Formulas:
        shared weights      out_channels · (in_channels / groups) · kernel
        unshared weights    out_units · (in_channels / groups) · kernel
        fully connected     in_units · out_units
        biases              out_channels where shared, out_units where not
        macs                out_units · (in_channels / groups) · kernel; the interpolation is not counted

    Errors:
        kernel-larger-than-input  the dilated kernel does not fit the padded input
        groups-do-not-divide      groups must divide the channels on both sides, offset groups the input's
        shapes-do-not-agree       offsets or factors are not as many as the taps, or not at the output's positions

    Source:
        Dai et al. 2017, "Deformable Convolutional Networks"; Zhu et al. 2019, version 2; torchvision's DeformConv2d.
    """

    arity = (2, 3)
    example_inputs: ClassVar[Mapping[int, str]] = {
        1: "{map: [64, 64], offset: [3, 64]}",
        3: "{map: [64, 16, 16, 16], offset: [81, 16, 16, 16]}",
    }
    sharing: Any = Sharing("full")
    connection_table: Any = None
    out_channels = Integer(help="channels (maps) of the output")
    kernel_size = PerAxis(help="size of the kernel, in cells of the input")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(0, help="cells of zeros around the input: a number, one per axis, [before, after] pairs, same")
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel")
    groups = Integer(1, help="groups of channels that are convolved apart")
    bias = Boolean(True, help="whether each output channel has a bias")

    def config(self) -> dict[str, Any]:
        return Layer.config(self)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        image, offset, *factors = inputs
        self.check_channels(image)
        positions = self.positions(image[1:])
        taps, rank = elements(self.kernel_size), self.type.rank
        groups, rest = divmod(offset[0], rank * taps)
        if rest or offset[1:] != positions:
            raise _disagreement("offsets", offset, (f"{rank * taps} times the offset groups", *positions))
        if image[0] % groups:
            raise LayerError(
                "groups-do-not-divide",
                f"{groups} offset groups do not divide the {image[0]} channels of the {{input}}",
                parameter="from",
                help=f"there are as many as the offsets have {rank * taps} channels",
            )
        if factors and factors[0] != (groups * taps, *positions):
            raise _disagreement("factors", factors[0], (groups * taps, *positions))
        return (self.out_channels, *positions)

    def weights_on_input(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        return None  # the offsets decide which elements they read

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axes = range(1, len(output))
        here: Flow = (None, *map(Link, axes))
        return ((None, *(Unknown((axis,)) for axis in axes)), *(here for _ in inputs[1:]))


def _disagreement(what: str, shape: Shape, wanted: tuple[Any, ...]) -> LayerError:
    return LayerError(
        "shapes-do-not-agree",
        f"the {what} are {format_shape(shape)}, not {'x'.join(map(str, wanted))}",
        parameter="from",
        help="one for each tap at each position of the output",
    )


TYPES = {f"deform_conv{rank}d": LayerType(f"deform_conv{rank}d", DeformableConvolution, rank) for rank in RANKS}
