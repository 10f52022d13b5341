"""Convolution and its locally connected form: the same window, with weights shared over positions or not."""

from __future__ import annotations

from collections.abc import Iterable

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.arith.window import OUTPUT_SIZE, Window, sliding
from convcalc.layers.base import LayerError, LayerType
from convcalc.layers.convolution_parameters import (
    bias_parameter,
    causal_parameter,
    fixed_weights_parameter,
    padding_mode_parameter,
    sharing_parameter,
    spectral_norm_parameter,
    standardization_parameter,
    table_parameter,
    weight_norm_parameter,
)
from convcalc.layers.masks import unmasked_taps, unmasked_taps_inside
from convcalc.layers.parameters import Integer, Padding, Pads, PerAxis
from convcalc.layers.weights import WeightedLayer
from convcalc.layers.windows import BORDERS, RANKS, WindowLayer, check_border


class Convolution(WindowLayer, WeightedLayer):
    """A kernel that slides over the positions of its input; one set of weights for all of them, or fewer of them.

    Example:
        input: [3, 227, 227]
        layers:
          - conv2d: {out_channels: 96, kernel_size: 11, stride: 4}

    Shape:
        [C, H, W] to [out_channels, H', W'] with
        H' = floor((H + before + after - dilation (kernel - 1) - 1) / stride) + 1;
        with padding `same` H' = ceil(H / stride); causal in one dimension H' = ceil(H / stride).

    Formulas:
        shared weights      out_channels · (in_channels / groups) · kernel
        unshared weights    out_units · (in_channels / groups) · kernel
        fully connected     in_units · out_units
        biases              out_channels where shared, out_units where not
        weight_norm         out_channels scales more; out_units where not shared. With {axis: 1}, in_channels / groups,
                            with a later axis one for each tap along it, with {axis: null} one
        spectral_norm       buffers: out_channels, and (in_channels / groups) · kernel
        fixed_weights       the weights are a buffer, and no parameters
        macs                out_units · (in_channels / groups) · kernel; a mask or a norm of the weights changes none

    Errors:
        kernel-larger-than-input  the dilated kernel does not fit the padded input
        groups-do-not-divide      groups must divide the channels on both sides
        wrong-table               connection_table names a channel that is not there
        padding-too-large         reflect needs less padding than the map has cells, circular no more
        contradicting-parameters  two ways to make the weights; or padding in numbers with causal in one dimension

    Source:
        PyTorch's convolutions for shape and parameters; Keras's LocallyConnected2D for unshared weights; LeCun et al.
        1998, Table I, for the connection table; Le et al. 2010, "Tiled convolutional neural networks", for tiles.
        causal: van den Oord et al. 2016, "WaveNet" (1d) and "Pixel Recurrent Neural Networks" (2d, 3d: mask B, strict
        is mask A), whose masks keep all weights; the middle tap of k is k // 2, counted from 0. The
        receptive field is given along each axis, for units whose earlier rows are inside the map. The norms of weights
        are those of torch.nn.utils.parametrizations; weight standardization: Qiao et al. 2019.
    """

    out_channels = Integer(help="channels (maps) of the output")
    kernel_size = PerAxis(help="size of the kernel, in cells of the input")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(
        0, help="cells of zeros around the input: a number, one per axis, [before, after] pairs, same, valid"
    )
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel")
    groups = Integer(1, help="groups of channels that are convolved apart; the input's channels make it depthwise")
    bias = bias_parameter()
    sharing = sharing_parameter()
    connection_table = table_parameter()
    padding_mode = padding_mode_parameter()
    causal = causal_parameter()
    weight_norm = weight_norm_parameter()
    spectral_norm = spectral_norm_parameter()
    weight_standardization = standardization_parameter()
    fixed_weights = fixed_weights_parameter()

    def check(self) -> None:
        super().check()
        if self.is_shifted and any(map(any, self.explicit_pads())):
            raise LayerError(
                "contradicting-parameters",
                "causal pads as much before as its window needs, and leaves no place for padding",
                parameter="padding",
                help="leave padding out, or write it as [[before, after]] without causal",
            )
        if self.causal == "strict" and set(self.kernel_size) == {1}:
            raise LayerError(
                "contradicting-parameters",
                "causal strict masks the only tap of this kernel",
                parameter="causal",
                help="use a larger kernel, or `causal: true`",
            )

    @property
    def is_shifted(self) -> bool:
        """Whether it is causal along its one axis: its window ends at the unit."""
        return bool(self.causal) and self.type.rank == 1

    @property
    def is_masked(self) -> bool:
        """Whether taps behind the middle one are masked, in the order of rows and columns."""
        return bool(self.causal) and self.type.rank > 1

    def pads(self, sizes: tuple[int, ...]) -> Pads:
        if self.is_shifted:
            return ((self.dilation[0] * (self.kernel_size[0] - 1), 0),)
        return super().pads(sizes)

    def size_formula(self) -> Formula:
        return OUTPUT_SIZE if self.is_shifted else super().size_formula()

    def windows(self, sizes: tuple[int, ...]) -> Iterable[Window]:
        if not self.is_masked:
            return self._windows(sizes, self.kernel_size)
        return self._windows(sizes, unmasked_taps(self.kernel_size, strict=self.causal == "strict"))

    def _windows(self, sizes: tuple[int, ...], taps: tuple[int, ...]) -> tuple[Window, ...]:
        """The windows of the first `taps` taps of the kernel along each axis."""
        border = BORDERS[self.padding_mode]
        axes = zip(taps, self.stride, self.dilation, self.pads(sizes))
        return tuple([sliding(count, stride, dilation, pad[0], border) for count, stride, dilation, pad in axes])

    def taps_inside(self, sizes: tuple[int, ...], units: tuple[int, ...]) -> int:
        if not self.is_masked:
            return super().taps_inside(sizes, units)
        return unmasked_taps_inside(
            self._windows(sizes, self.kernel_size), units, sizes, strict=self.causal == "strict"
        )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.check_channels(inputs[0])
        sizes = inputs[0][1:]
        check_border(self.padding_mode, sizes, self.pads(sizes))
        positions = self.positions(sizes)
        self.check_regions(positions)
        return (self.out_channels, *positions)


TYPES = {
    **{f"conv{rank}d": LayerType(f"conv{rank}d", Convolution, rank) for rank in RANKS},
    **{
        f"locally_connected{rank}d": LayerType(f"locally_connected{rank}d", Convolution, rank, sharing="none")
        for rank in RANKS
    },
}
