"""Transposed convolution: a convolution the other way round, each input position writing a kernel of outputs."""

from __future__ import annotations

from collections.abc import Iterable

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import TRANSPOSED_SIZE, Window, transposed
from convcalc.layers.base import LayerError, LayerType
from convcalc.layers.convolution_parameters import (
    bias_parameter,
    fixed_weights_parameter,
    sharing_parameter,
    spectral_norm_parameter,
    standardization_parameter,
    table_parameter,
    weight_norm_parameter,
)
from convcalc.layers.parameters import Integer, LikeEntry, OrNull, Padding, Pads, PerAxis
from convcalc.layers.spatial import like_sizes
from convcalc.layers.weights import WeightedLayer
from convcalc.layers.windows import RANKS, WindowLayer


class TransposedConvolution(WindowLayer, WeightedLayer):
    """A kernel that every input position adds to the output, `stride` cells apart: a learned upsampling.

    Example:
        input: [128, 28, 28]
        layers:
          - conv_transpose2d: {out_channels: 64, kernel_size: 2, stride: 2}

    Shape:
        [C, H, W] to [out_channels, H', W'] with H' = (H - 1) stride - before - after + dilation (kernel - 1) +
        output_padding + 1; with padding `same` H' = H stride; with output_size or like that size, where an
        output_padding below the stride gives it

    Formulas:
        shared weights      in_channels · (out_channels / groups) · kernel
        unshared weights    in_units · (out_channels / groups) · kernel
        fully connected     in_units · out_units
        biases              out_channels where shared, out_units where not
        weight_norm         in_channels scales more (PyTorch's axis 0); in_units where not shared. With {axis: 1},
                            out_channels / groups, with a later axis one for each tap, with {axis: null} one
        spectral_norm       buffers: out_channels / groups, and in_channels · kernel
        fixed_weights       the weights are a buffer, and no parameters
        macs                in_units · (out_channels / groups) · kernel

    Errors:
        empty-output              the padding takes away the whole output
        wrong-output-padding      output_padding must be below the stride or the dilation, and 0 with `same`
        wrong-output-size         no output_padding below the stride makes the output so large
        contradicting-parameters  two of output_padding, output_size, like and padding `same`; or two ways to make
                                  the weights
        kernel-below-stride       padding `same` needs a kernel that covers the stride
        groups-do-not-divide      groups must divide the channels on both sides
        wrong-table               connection_table names a channel that is not there

    Source:
        PyTorch's transposed convolutions; Dumoulin and Visin 2016, "A guide to convolution arithmetic". Without
        sharing, each input position has weights of its own, for it is the inputs over which this kernel slides.
    """

    shared_kernels = "in_channels * (out_channels / groups)"
    unshared_kernels = "in_units * (out_channels / groups)"
    positions_apart = "in_positions"
    scaled_units, scaled_channels = "in_units", "in_channels"
    scaled_columns = "(out_channels / groups)"
    matrix_rows, matrix_columns = "(out_channels / groups)", "in_channels"

    out_channels = Integer(help="channels (maps) of the output")
    kernel_size = PerAxis(help="size of the kernel, in cells of the output")
    stride = PerAxis(1, help="distance between the kernels of neighbouring inputs, in cells of the output")
    padding = Padding(0, help="cells cut off the output: a number, one per axis, [before, after] pairs, same, valid")
    output_padding = PerAxis(0, minimum=0, help="cells added at the end of each axis of the output")
    output_size = OrNull(
        PerAxis(help="the output's spatial size, in place of output_padding: a number or one per axis")
    )
    like = LikeEntry(None, help="an entry whose spatial size the output takes, in place of output_padding")
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel")
    groups = Integer(1, help="groups of channels that are convolved apart; the input's channels make it depthwise")
    bias = bias_parameter()
    sharing = sharing_parameter()
    connection_table = table_parameter()
    weight_norm = weight_norm_parameter()
    spectral_norm = spectral_norm_parameter()
    weight_standardization = standardization_parameter()
    fixed_weights = fixed_weights_parameter()

    def check(self) -> None:
        super().check()
        self._check_size()
        for added, stride, dilation, kernel in zip(self.output_padding, self.stride, self.dilation, self.kernel_size):
            if added >= max(stride, dilation):
                raise LayerError(
                    "wrong-output-padding",
                    f"output_padding {added} must be below the stride {stride} or the dilation {dilation}",
                    parameter="output_padding",
                )
            if self.padding != "same":
                continue
            if added:
                raise LayerError(
                    "wrong-output-padding",
                    "padding same makes the output input times stride, and leaves no place for output_padding",
                    parameter="output_padding",
                )
            if dilation * (kernel - 1) + 1 < stride:
                raise LayerError(
                    "kernel-below-stride",
                    f"padding same needs a kernel that covers the stride {stride},"
                    f" and this one reaches over {dilation * (kernel - 1) + 1}",
                    parameter="padding",
                    help="give the padding in numbers, and output_padding",
                )

    def _check_size(self) -> None:
        """Raise LayerError where more than one parameter says how large the output is."""
        given = {
            "output_padding": any(self.output_padding),
            "output_size": self.output_size is not None,
            "like": self.like is not None,
            "padding": self.padding == "same",
        }
        names = [name for name, is_given in given.items() if is_given]
        if len(names) > 1 and names != ["output_padding", "padding"]:  # which has an error of its own
            named = "padding same" if names[1] == "padding" else names[1]
            raise LayerError(
                "contradicting-parameters",
                f"{names[0]} and {named} both say how large the output is",
                parameter=names[0],
                help="give one of them",
            )

    def added(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """The cells at the end of each axis. Raises LayerError where none give the size that is asked for.

        torch.nn.modules.conv, _output_padding.
        """
        wanted: tuple[int, ...] | None = self.output_size
        if self.like is not None:
            wanted = like_sizes(self, self.like, sizes)
        if wanted is None:
            given: tuple[int, ...] = self.output_padding
            return given
        least = [TRANSPOSED_SIZE({**axis, "output_padding": 0}) for axis in super().axis_values(sizes)]
        cells = tuple([size - smallest for size, smallest in zip(wanted, least)])
        if any(not 0 <= more < stride for more, stride in zip(cells, self.stride)):
            most = [smallest + stride - 1 for smallest, stride in zip(least, self.stride)]
            reached = format_shape(least) if least == most else f"{format_shape(least)} to {format_shape(most)}"
            raise LayerError(
                "wrong-output-size",
                f"the {{input}} does not become {format_shape(wanted)}",
                parameter="output_size" if self.like is None else "like",
                help=f"with this kernel, stride and padding it becomes {reached}",
            )
        return cells

    def pads(self, sizes: tuple[int, ...]) -> Pads:
        if self.padding != "same":
            return self.explicit_pads()
        totals = [
            dilation * (kernel - 1) + 1 - stride
            for dilation, kernel, stride in zip(self.dilation, self.kernel_size, self.stride)
        ]
        return tuple([(total // 2, total - total // 2) for total in totals])

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.check_channels(inputs[0])
        positions = self.positions(inputs[0][1:])
        self.check_regions(inputs[0][1:])
        return (self.out_channels, *positions)

    def kernel_tensor(self, in_channels: int) -> Shape:
        return (in_channels, self.out_channels // self.groups, *self.kernel_size)

    def shared_over(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        return inputs[0][1:]

    def window_formula(self) -> Formula | None:
        return TRANSPOSED_SIZE if self.output_size is None and self.like is None else None

    def size_formula(self) -> Formula:
        return TRANSPOSED_SIZE

    def axis_values(self, sizes: tuple[int, ...]) -> list[dict[str, int]]:
        axes = super().axis_values(sizes)
        return [{**values, "output_padding": added} for values, added in zip(axes, self.added(sizes))]

    def too_small(self, axes: list[dict[str, int]], result: tuple[int, ...]) -> LayerError:
        values, size = next((values, size) for values, size in zip(axes, result) if size < 1)
        return LayerError(
            "empty-output",
            "padding takes away all that this kernel makes of the {input}",
            parameter="padding",
            help=f"{TRANSPOSED_SIZE.with_numbers(values)} = {size}",
        )

    def windows(self, sizes: tuple[int, ...]) -> Iterable[Window]:
        before = [pad[0] for pad in self.pads(sizes)]
        return map(transposed, self.kernel_size, self.stride, self.dilation, before)


TYPES = {f"conv_transpose{rank}d": LayerType(f"conv_transpose{rank}d", TransposedConvolution, rank) for rank in RANKS}
