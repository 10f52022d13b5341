"""Parameters of convolutions: how weights and biases are shared, what is connected, and how weights are made."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.layers.base import Layer, LayerError
from convcalc.layers.parameters import Boolean, Choice, Custom, Parameter, PerAxis, whole_number
from convcalc.layers.windows import PADDING_MODES


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


def _convert_weight_norm(parameter: Parameter[Any], value: Any, rank: int) -> bool | dict[str, int | None]:
    if isinstance(value, bool):
        return value
    if isinstance(value, dict) and list(value) == ["axis"]:
        axis = whole_number(value["axis"])
        if value["axis"] is None or (axis is not None and 0 <= axis < rank + 2):
            return {"axis": axis}
    raise parameter.refuse(value, expected=f"true, false or {{axis: …}}, an axis of the weights from 0 to {rank + 1}")


def _weight_norm_schema(rank: int) -> dict[str, Any]:
    axis = {
        "description": "the axis of the weights along which each place has a scale; one for all when null",
        "anyOf": [{"type": "integer", "minimum": 0, "maximum": rank + 1}, {"type": "null"}],
    }
    axes = {"type": "object", "properties": {"axis": axis}, "required": ["axis"], "additionalProperties": False}
    return {"anyOf": [{"type": "boolean"}, axes]}


def weight_norm_parameter() -> Custom[bool | dict[str, int | None]]:
    return Custom(
        False,
        convert=_convert_weight_norm,
        schema=_weight_norm_schema,
        help="whether learned scales and directions make the weights (PyTorch's weight_norm): a scale for each place of"
        " axis 0 of the weights, or of the axis of {axis: …}",
    )


def scaled_axis(weight_norm: bool | dict[str, int | None]) -> int | None:
    """The axis of the weights that has a scale for each place; None where one scale is for all."""
    return weight_norm["axis"] if isinstance(weight_norm, dict) else 0


def spectral_norm_parameter() -> Boolean:
    return Boolean(False, help="whether weights are divided by their largest singular value, its vectors buffers")


def standardization_parameter() -> Boolean:
    return Boolean(False, help="whether each kernel is brought to mean 0 and variance 1; no figure changes")


def fixed_weights_parameter() -> Boolean:
    return Boolean(False, help="whether the weights are a buffer, not learned; a bias is learned all the same")


def padding_mode_parameter(default: str = "zeros") -> Choice:
    return Choice(PADDING_MODES, default, help="what the cells around the input hold")


def _convert_causal(parameter: Parameter[Any], value: Any, rank: int) -> bool | str:
    if isinstance(value, bool) or (value == "strict" and rank > 1):
        return value  # type: ignore[no-any-return]  # the test above says what it is
    raise parameter.refuse(value, expected="true, false or strict" if rank > 1 else "true or false")


def causal_parameter() -> Custom[bool | str]:
    return Custom(
        False,
        convert=_convert_causal,
        schema=lambda rank: {"enum": [True, False, "strict"] if rank > 1 else [True, False]},
        help="1d: the window ends at the unit, padding goes before; 2d, 3d: taps behind the middle one are masked,"
        " strict: and the middle one",
    )


def check_weights(layer: Layer) -> None:
    """Raise LayerError where parameters ask for two ways to make the weights."""
    ways = [name for name in ("fixed_weights", "weight_norm", "spectral_norm") if getattr(layer, name)]
    if len(ways) > 1:
        raise LayerError("contradicting-parameters", f"{ways[0]} and {ways[1]} exclude each other", parameter=ways[1])
