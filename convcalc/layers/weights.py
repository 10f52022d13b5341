"""The weights of convolutions: how many there are, as positions share them or not, and what else goes with them."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape, spatial_names
from convcalc.layers.base import Layer, LayerError, Term
from convcalc.layers.convolution_parameters import check_weights, scaled_axis

BIAS_CHANNELS = Formula("out_channels")
BIAS_UNITS = Formula("out_units")
ALL_TO_ALL = Formula("in_units * out_units")
NO_USES = Formula("0")
# Beyond this many positions along an axis, windows are not gone through one by one.
MAX_LISTED = 1 << 18


class WeightedLayer(Layer):
    """A layer with kernels of weights: channels, groups, sharing, biases, tables.

    It does not know how the kernels slide: its types have WindowLayer as their first base, which gives `taps_inside`.
    """

    is_weighted = True
    # The kernels of one set of weights, those of a set for each position, and the positions that then have their own.
    shared_kernels = "out_channels * (in_channels / groups)"
    unshared_kernels = "out_units * (in_channels / groups)"
    positions_apart = "out_positions"
    # What weight_norm scales one by one, PyTorch's axis 0 of the weights: its name for a map, and for its channels.
    scaled_units, scaled_channels = "out_units", "out_channels"
    # The size of axis 1 of the weights.
    scaled_columns = "(in_channels / groups)"
    # The matrix of spectral_norm: its rows, and what its columns are but for the kernel.
    matrix_rows, matrix_columns = "out_channels", "(in_channels / groups)"
    kernel_size: Any
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
        """The lengths that weight_norm learns. They make the weights, and read no input."""
        count, apart = self._scales(scaled_axis(self.weight_norm))
        shared, unshared, sets = Formula(count), Formula(apart), Formula(f"weight_sets * {count}")
        return Term("scale", self._of_sharing(shared, unshared, sets), shared, unshared, unshared, NO_USES)

    def _scales(self, axis: int | None) -> tuple[str, str]:
        """How many lengths one set of weights has along an axis, and how many a set for each position."""
        if axis == 0:
            return self.scaled_channels, self.scaled_units
        if axis is None:
            return "1", self.positions_apart
        count = self.scaled_columns if axis == 1 else f"kernel_{spatial_names(self.type.rank)[axis - 2]}"
        return count, f"{self.positions_apart} * {count}"

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

    def weights_on_input(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        if max(output) > MAX_LISTED or self.fixed_weights:
            return None
        positions, values = self.shared_over(inputs, output), self.values(inputs, output)
        taps = prod(map(int.__mul__, positions, self.kernel_size))
        used = self.taps_inside(inputs[0][1:], output[1:])
        scales = self._scale().unshared(values) if self.weight_norm else 0
        return self.weight_formulas()[1](values) // taps * used + scales

    def taps_inside(self, sizes: tuple[int, ...], units: tuple[int, ...]) -> int:
        """How many taps of all windows read an element of the input, and not padding."""
        raise NotImplementedError

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
