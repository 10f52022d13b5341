"""Convolution and its locally connected form: the same window, with weights shared over positions or not."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape, spatial_names
from convcalc.layers.base import LayerError, LayerType, Link, Term
from convcalc.layers.parameters import Custom, Integer, Padding, Parameter, PerAxis, whole_number
from convcalc.layers.windows import RANKS, WindowLayer

BIAS_CHANNELS = Formula("out_channels")
BIAS_UNITS = Formula("out_units")
ALL_TO_ALL = Formula("in_units * out_units")
# Beyond this many positions along an axis, windows are not gone through one by one.
MAX_LISTED = 1 << 18


class Sharing:
    """How many output positions share one set of weights."""

    __slots__ = ("mode", "grid")

    def __init__(self, mode: str, grid: tuple[int, ...] = ()) -> None:
        self.mode = mode
        self.grid = grid

    def sets(self, positions: tuple[int, ...]) -> int:
        """The number of distinct sets of weights over a map of `positions`."""
        if self.mode == "full":
            return 1
        if self.mode == "none":
            return prod(positions)
        return prod(min(cells, size) for cells, size in zip(self.grid, positions))

    def as_json(self) -> Any:
        return {self.mode: list(self.grid)} if self.grid else self.mode


def _convert_sharing(parameter: Parameter[Any], value: Any, rank: int) -> Sharing:
    if isinstance(value, Sharing):
        return value
    if value in ("full", "none"):
        return Sharing(value)
    if isinstance(value, dict) and len(value) == 1:
        mode, cells = next(iter(value.items()))
        if mode in ("tile", "regions"):
            grid = PerAxis(help="")
            grid.name = grid.item.name = f"sharing: {mode}"
            try:
                return Sharing(mode, grid.convert(cells, rank))
            except LayerError as error:
                raise LayerError(error.rule, str(error), parameter="sharing") from None
    raise parameter.refuse(value, expected="full, none, {tile: […]} or {regions: […]}")


def _sharing_schema(rank: int) -> dict[str, Any]:
    grid = PerAxis(help="").schema(rank)
    meanings = {
        "tile": "positions a whole number of tiles apart share",
        "regions": "a grid of regions, each with its own",
    }
    cells = [
        {
            "type": "object",
            "properties": {mode: {"description": meaning, **grid}},
            "required": [mode],
            "additionalProperties": False,
        }
        for mode, meaning in meanings.items()
    ]
    return {"anyOf": [{"enum": ["full", "none"]}, *cells]}


def sharing_parameter(default: str = "full") -> Custom[Sharing]:
    return Custom(
        default,
        convert=_convert_sharing,
        schema=_sharing_schema,
        help="which output positions share weights: full, none, {tile: […]} or {regions: […]}",
    )


def _convert_bias(parameter: Parameter[Any], value: Any, rank: int) -> bool | str:
    if isinstance(value, bool) or value in ("per_channel", "per_position"):
        return value  # type: ignore[no-any-return]  # the test above says what it is
    raise parameter.refuse(value, expected="true, false, per_channel or per_position")


def bias_parameter() -> Custom[bool | str]:
    return Custom(
        True,
        convert=_convert_bias,
        schema=lambda rank: {"enum": [True, False, "per_channel", "per_position"]},
        help="true (per channel where weights are shared, per position where not), false, per_channel, per_position",
    )


def _convert_table(parameter: Parameter[Any], value: Any, rank: int) -> int | tuple[tuple[int, ...], ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        number = whole_number(value)
        if number is None or number < 1:
            raise parameter.refuse(value, expected="a list of input channels for each output channel, or a number")
        return number
    rows: list[tuple[int, ...]] = []
    for index, row in enumerate(value):
        if not isinstance(row, list) or not row:
            raise parameter.refuse(row, (index,), "a list of input channels for each output channel")
        channels = []
        for place, item in enumerate(row):
            channel = whole_number(item)
            if channel is None or channel < 0 or channel in channels:
                raise parameter.refuse(item, (index, place), "a list of different input channels, counted from 0")
            channels.append(channel)
        rows.append(tuple(channels))
    return tuple(rows)


def _table_schema(rank: int) -> dict[str, Any]:
    row = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "array", "items": row, "minItems": 1}]}


def table_parameter() -> Custom[int | tuple[tuple[int, ...], ...] | None]:
    return Custom(
        None,
        convert=_convert_table,
        schema=_table_schema,
        help="for each output channel the input channels (from 0) that it reads; a number where only that is known",
    )


class WeightedWindow(WindowLayer):
    """What convolution and transposed convolution have in common: channels, groups, sharing, biases, tables."""

    is_weighted = True
    # The kernels of one set of weights, those of a set for each position, and the positions that then have their own.
    shared_kernels = "out_channels * (in_channels / groups)"
    unshared_kernels = "out_units * (in_channels / groups)"
    positions_apart = "out_positions"
    out_channels: Any
    groups: Any
    bias: Any
    sharing: Any
    connection_table: Any

    def check(self) -> None:
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
        shared, unshared, sets, uses = self.weight_formulas()
        mode = self.sharing.mode
        written = shared if mode == "full" else unshared if mode == "none" else sets
        weight = Term("weight", written, shared, unshared, ALL_TO_ALL, uses)
        if self.bias is False:
            return (weight,)
        per_position = self.bias == "per_position" or (self.bias is True and mode == "none")
        if self.bias is True and mode in ("tile", "regions"):
            biases = Formula("weight_sets * out_channels")
        else:
            biases = BIAS_UNITS if per_position else BIAS_CHANNELS
        return (weight, Term("bias", biases, BIAS_CHANNELS, BIAS_UNITS, BIAS_UNITS, BIAS_UNITS, is_bias=True))

    def weight_formulas(self) -> tuple[Formula, Formula, Formula, Formula]:
        """Weights shared, unshared and by distinct sets, and their uses."""
        if self.connection_table is None:
            return _weight_formulas(self.type.rank, self.shared_kernels, self.unshared_kernels)
        return _weight_formulas(self.type.rank, "table_entries", f"{self.positions_apart} * table_entries")

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        if self.connection_table is not None:
            return {}  # PyTorch has no such layer
        weight = self.kernel_tensor(inputs[0][0])
        return {"weight": weight, **({"bias": (self.out_channels,)} if self.bias in (True, "per_channel") else {})}

    def kernel_tensor(self, in_channels: int) -> Shape:
        """The shape of the weights in PyTorch."""
        return (self.out_channels, in_channels // self.groups, *self.kernel_size)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"convolution": self.weight_formulas()[3]}

    def met_weights(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        if max(output) > MAX_LISTED:
            return None
        taps = used = 1
        flow = self.flow(inputs, output)[0] or ()
        slid = zip(self.shared_over(inputs, output), self.kernel_size, flow[1:], inputs[0][1:], output[1:])
        for positions, kernel, link, size, units in slid:
            assert isinstance(link, Link)  # a convolution's axes after the channels
            assert link.window is not None
            taps *= positions * kernel
            used *= link.window.met(units, size)
        return self.weight_formulas()[1](self.values(inputs, output)) // taps * used

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


@cache
def _weight_formulas(rank: int, shared: str, unshared: str) -> tuple[Formula, Formula, Formula, Formula]:
    kernel = " * ".join(f"kernel_{name}" for name in spatial_names(rank))
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
        with padding `same` H' = ceil(H / stride).

    Formulas:
        shared weights      out_channels · (in_channels / groups) · kernel
        unshared weights    out_units · (in_channels / groups) · kernel
        fully connected     in_units · out_units
        biases              out_channels where shared, out_units where not
        macs                out_units · (in_channels / groups) · kernel

    Errors:
        kernel-larger-than-input  the dilated kernel does not fit the padded input
        groups-do-not-divide      groups must divide the channels on both sides
        wrong-table               connection_table names a channel that is not there

    Source:
        PyTorch's convolutions for shape and parameters; Keras's LocallyConnected2D for unshared weights; LeCun et al.
        1998, Table I, for the connection table; Le et al. 2010, "Tiled convolutional neural networks", for tiles.
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

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.check_channels(inputs[0])
        positions = self.positions(inputs[0][1:])
        self.check_regions(positions)
        return (self.out_channels, *positions)


TYPES = {
    **{f"conv{rank}d": LayerType(f"conv{rank}d", Convolution, rank) for rank in RANKS},
    **{
        f"locally_connected{rank}d": LayerType(f"locally_connected{rank}d", Convolution, rank, sharing="none")
        for rank in RANKS
    },
}
