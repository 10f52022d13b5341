"""Parameters of types that take a map of any rank: how many axes there are is known when the input is."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.base import Layer, LayerError
from convcalc.layers.parameters import Parameter


class SpatialAxes(Parameter[Any]):
    """A number for every spatial axis or a list with one item each; `settle` reads it for an input.

    On the layer the value stays as it was written, its items checked.
    """

    def __init__(self, item: Parameter[Any]) -> None:
        super().__init__(item.default, help=item.help)
        self.item = item

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.item.__set_name__(owner, name)

    def convert(self, value: Any, rank: int) -> Any:
        if value is None and self.default is None:
            return None
        self.settle(value, len(value) if isinstance(value, (list, tuple)) else 1)
        return value

    def settle(self, value: Any, rank: int) -> Any:
        """The values of each of `rank` axes."""
        return self.item.convert(value, rank)

    def schema(self, rank: int) -> dict[str, Any]:
        options = self.item.schema(1)["anyOf"]
        return {"anyOf": [{key: rule for key, rule in option.items() if key != "maxItems"} for option in options]}


def spatial_sizes(layer: Layer, shape: Shape) -> tuple[int, ...]:
    """The sizes of the axes after the channels. Raises LayerError when there is none."""
    if len(shape) < 2:
        raise LayerError(
            "wrong-rank",
            f"{layer.type.name} reads a map, [C, L], [C, H, W] or [C, D, H, W], not the {{input}}",
            help="unflatten or reshape it first",
        )
    return shape[1:]


def like_sizes(layer: Layer, like: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The spatial sizes of the entry that `like` names. Raises LayerError unless it has the input's axes."""
    if len(like) != len(sizes):
        raise LayerError(
            "wrong-rank",
            f"like names an entry of spatial size {format_shape(like) or 'none'},"
            f" and the {{input}} has {len(sizes)} spatial axes",
            parameter="like",
        )
    return like


def exactly_one(layer: Layer, *names: str) -> None:
    """Raise LayerError unless just one of these parameters is given."""
    given = [name for name in names if getattr(layer, name) is not None]
    if len(given) != 1:
        choice = f"{', '.join(names[:-1])} or {names[-1]}"
        raise LayerError(
            "contradicting-parameters" if given else "missing-parameter",
            f"{' and '.join(given)} exclude each other" if given else f"{choice} is missing",
            parameter=given[-1] if given else None,
            help=f"give one of {choice}",
        )
