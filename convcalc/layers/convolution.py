"""Convolution and its locally connected form: the same window, with weights shared over positions or not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import prod
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape, spatial_names
from convcalc.arith.window import OUTPUT_SIZE, Window, sliding
from convcalc.layers.base import LayerError, LayerType, Term
from convcalc.layers.convolution_parameters import (
    bias_parameter,
    causal_parameter,
    check_weights,
    fixed_weights_parameter,
    padding_mode_parameter,
    sharing_parameter,
    spectral_norm_parameter,
    standardization_parameter,
    table_parameter,
    weight_norm_parameter,
)
from convcalc.layers.masks import met_through_mask, unmasked_taps
from convcalc.layers.parameters import Integer, Padding, Pads, PerAxis
from convcalc.layers.windows import BORDERS, RANKS, WindowLayer, check_border

BIAS_CHANNELS = Formula("out_channels")
BIAS_UNITS = Formula("out_units")
ALL_TO_ALL = Formula("in_units * out_units")
NO_USES = Formula("0")
# Beyond this many positions along an axis, windows are not gone through one by one.
MAX_LISTED = 1 << 18


class WeightedWindow(WindowLayer):
    """What convolution and transposed convolution have in common: channels, groups, sharing, biases, tables."""

    is_weighted = True
    # The kernels of one set of weights, those of a set for each position, and the positions that then have their own.
    shared_kernels = "out_channels * (in_channels / groups)"
    unshared_kernels = "out_units * (in_channels / groups)"
    positions_apart = "out_positions"
    # What weight_norm scales one by one, PyTorch's axis 0 of the weights: its name for a map, and for its channels.
    scaled_units, scaled_channels = "out_units", "out_channels"
    # The matrix of spectral_norm: its rows, and what its columns are but for the kernel.
    matrix_rows, matrix_columns = "out_channels", "(in_channels / groups)"
    out_channels: Any
    groups: Any
    bias: Any
    sharing: Any
    connection_table: Any
    weight_norm: Any = False
    spectral_norm: Any = False
    fixed_weights: Any = False

    def check(self) -> None:
        check_weights(self)
        if self.out_channels % self.groups:
            raise LayerError(
                "groups-do-not-divide",
                f"groups {self.groups} does not divide out_channels {self.out_channels}",
                parameter="groups",
                help="use a divisor of both the input's channels and out_channels",
            )
        table = self.connection_table
        if table is not None:
            if self.groups != 1:
                raise LayerError(
                    "table-and-groups", "connection_table and groups exclude each other", parameter="groups"
                )
            if not isinstance(table, int) and len(table) != self.out_channels:
                raise LayerError(
                    "wrong-table",
                    f"connection_table has {len(table)} rows for {self.out_channels} output channels",
                    parameter="connection_table",
                    help="give one list of input channels for each output channel",
                )
            if self.spectral_norm:
                raise LayerError(
                    "contradicting-parameters",
                    "spectral_norm needs a matrix of weights, and connection_table leaves some of them out",
                    parameter="spectral_norm",
                )

    def check_channels(self, shape: Shape) -> None:
        """Raise LayerError when groups or the table ask for channels that `shape` does not have."""
        self.type.check_rank(shape)
        if shape[0] % self.groups:
            raise LayerError(
                "groups-do-not-divide",
                f"groups {self.groups} does not divide the {shape[0]} channels of the {{input}}",
                parameter="groups",
                help="use a divisor of both the input's channels and out_channels",
            )
        table = self.connection_table
        if isinstance(table, int):
            if table > shape[0]:
                raise LayerError(
                    "wrong-table",
                    f"connection_table {table} is more than the {shape[0]} channels of the {{input}}",
                    parameter="connection_table",
                )
        elif table is not None:
            for index, row in enumerate(table):
                if max(row) >= shape[0]:
                    raise LayerError(
                        "wrong-table",
                        f"connection_table names channel {max(row)}; the {{input}} has channels 0 to {shape[0] - 1}",
                        parameter="connection_table",
                        path=(index,),
                    )

    def shared_over(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[int, ...]:
        """The sizes of the map whose positions share their weights or not."""
        return output[1:]

    def check_regions(self, positions: tuple[int, ...]) -> None:
        """Raise LayerError when the map has fewer positions than regions."""
        if self.sharing.mode == "regions" and any(r > p for r, p in zip(self.sharing.grid, positions)):
            raise LayerError(
                "too-many-regions",
                f"{format_shape(self.sharing.grid)} regions do not fit on {format_shape(positions)} positions",
                parameter="sharing",
            )

    def terms(self) -> tuple[Term, ...]:
        terms = () if self.fixed_weights else (self._weight(),)
        if self.weight_norm:
            terms = (*terms, self._scale())
        return terms if self.bias is False else (*terms, self._bias())

    def _weight(self) -> Term:
        shared, unshared, sets, uses = self.weight_formulas()
        return Term("weight", self._of_sharing(shared, unshared, sets), shared, unshared, ALL_TO_ALL, uses)

    def _of_sharing(self, shared: Formula, unshared: Formula, sets: Formula) -> Formula:
        """The one of three formulas that counts as the layer shares its weights."""
        return {"full": shared, "none": unshared}.get(self.sharing.mode, sets)

    def _scale(self) -> Term:
        """The lengths that weight_norm learns: one for each kernel. They make the weights, and meet no input."""
        shared, unshared = Formula(self.scaled_channels), Formula(self.scaled_units)
        sets = Formula(f"weight_sets * {self.scaled_channels}")
        return Term("scale", self._of_sharing(shared, unshared, sets), shared, unshared, unshared, NO_USES)

    def _bias(self) -> Term:
        mode = self.sharing.mode
        per_position = self.bias == "per_position" or (self.bias is True and mode == "none")
        if self.bias is True and mode in ("tile", "regions"):
            biases = Formula("weight_sets * out_channels")
        else:
            biases = BIAS_UNITS if per_position else BIAS_CHANNELS
        return Term("bias", biases, BIAS_CHANNELS, BIAS_UNITS, BIAS_UNITS, BIAS_UNITS, is_bias=True)

    def buffers(self) -> dict[str, Formula]:
        if self.fixed_weights:
            shared, unshared, sets, _ = self.weight_formulas()
            return {"weight": self._of_sharing(shared, unshared, sets)}
        if not self.spectral_norm:
            return {}
        each = "" if self.sharing.mode == "full" else "weight_sets * "
        columns = f"{self.matrix_columns} * {_kernel(self.type.rank)}"
        return {"u": Formula(each + self.matrix_rows), "v": Formula(each + columns)}

    def weight_formulas(self) -> tuple[Formula, Formula, Formula, Formula]:
        """Weights shared, unshared and by distinct sets, and their uses."""
        if self.connection_table is None:
            return _weight_formulas(self.type.rank, self.shared_kernels, self.unshared_kernels)
        return _weight_formulas(self.type.rank, "table_entries", f"{self.positions_apart} * table_entries")

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        if self.connection_table is not None or self.fixed_weights or self.weight_norm or self.spectral_norm:
            return {}  # PyTorch has no such layer, or learns the weights in another form
        weight = self.kernel_tensor(inputs[0][0])
        return {"weight": weight, **({"bias": (self.out_channels,)} if self.bias in (True, "per_channel") else {})}

    def kernel_tensor(self, in_channels: int) -> Shape:
        """The shape of the weights in PyTorch."""
        return (self.out_channels, in_channels // self.groups, *self.kernel_size)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"convolution": self.weight_formulas()[3]}

    def met_weights(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        if max(output) > MAX_LISTED or self.fixed_weights:
            return None
        positions, values = self.shared_over(inputs, output), self.values(inputs, output)
        taps = prod(map(int.__mul__, positions, self.kernel_size))
        used = self.met_taps(inputs[0][1:], output[1:])
        scales = self._scale().unshared(values) if self.weight_norm else 0
        return self.weight_formulas()[1](values) // taps * used + scales

    def met_taps(self, sizes: tuple[int, ...], units: tuple[int, ...]) -> int:
        """How many taps of all windows meet an element of the input."""
        return prod(window.met(count, size) for window, count, size in zip(self.windows(sizes), units, sizes))

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        shape = inputs[0]
        positions = output[1:]
        values = {
            "in_channels": shape[0],
            "out_channels": output[0],
            "groups": self.groups,
            "in_units": elements(shape),
            "out_units": elements(output),
            "in_positions": elements(shape[1:]),
            "out_positions": elements(positions),
            "weight_sets": self.sharing.sets(self.shared_over(inputs, output)),
        }
        for name, size in zip(spatial_names(len(positions)), self.kernel_size):
            values[f"kernel_{name}"] = size
        table = self.connection_table
        if table is not None:
            values["table_entries"] = self.out_channels * table if isinstance(table, int) else sum(map(len, table))
        return values

    def config(self) -> dict[str, Any]:
        return {**super().config(), "sharing": self.sharing.as_json()}


def _kernel(rank: int) -> str:
    return " * ".join(f"kernel_{name}" for name in spatial_names(rank))


@cache
def _weight_formulas(rank: int, shared: str, unshared: str) -> tuple[Formula, Formula, Formula, Formula]:
    kernel = _kernel(rank)
    apart = Formula(f"{unshared} * {kernel}")
    return Formula(f"{shared} * {kernel}"), apart, Formula(f"weight_sets * {shared} * {kernel}"), apart


class Convolution(WeightedWindow):
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
        weight_norm         out_channels scales more; out_units where not shared
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
        is mask A), whose masks keep all weights; the middle tap of k is k // 2, counted from 0. What a unit sees is
        told along each axis, of units whose rows before them are inside the map. The norms of weights are those of
        torch.nn.utils.parametrizations; weight standardization: Qiao et al. 2019.
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

    def met_taps(self, sizes: tuple[int, ...], units: tuple[int, ...]) -> int:
        if not self.is_masked:
            return super().met_taps(sizes, units)
        return met_through_mask(self._windows(sizes, self.kernel_size), units, sizes, strict=self.causal == "strict")

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
