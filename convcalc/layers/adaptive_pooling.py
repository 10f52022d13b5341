"""Adaptive and global pooling: the output's size is given, and the windows follow from it."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape
from convcalc.arith.window import adaptive, whole
from convcalc.layers.base import Flow, Layer, LayerType
from convcalc.layers.parameters import Integer, Parameter, PerAxis
from convcalc.layers.spatial import spatial_sizes
from convcalc.layers.windows import RANKS, per_channel


class _SizeOrNull(Integer):
    def accept(self, value: Any, path: tuple[int, ...] = ()) -> Any:
        return None if value is None else super().accept(value, path)


class OutputSize(Parameter[tuple[int | None, ...]]):
    """A size for every axis, or a list with one per axis, in which null keeps the input's."""

    def __init__(self, *, help: str) -> None:
        super().__init__(help=help)
        self.sizes = PerAxis(help=help)
        self.sizes.item = _SizeOrNull(help=help)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.sizes.__set_name__(owner, name)

    def convert(self, value: Any, rank: int) -> tuple[int | None, ...]:
        return self.sizes.convert(value, rank)

    def schema(self, rank: int) -> dict[str, Any]:
        schema = self.sizes.schema(rank)
        schema["anyOf"][1]["items"] = {"anyOf": [self.sizes.item.schema(rank), {"type": "null"}]}
        return schema


class AdaptivePooling(Layer):
    """The mean or greatest value of as many windows as the output has cells, spread evenly over each channel.

    Example:
        input: [512, 13, 13]
        layers:
          - adaptive_avg_pool2d: {output_size: 7}

    Shape:
        [C, H, W] to [C, output_size, output_size]; window i reaches from floor(i H / output_size) to
        ceil((i + 1) H / output_size)

    Errors:
        wrong-rank          the input has other axes

    Source:
        PyTorch's AdaptiveAvgPool and AdaptiveMaxPool layers; those of the latter have NAME.indices.
    """

    takes_leading_axes = True
    output_size = OutputSize(help="the output's spatial size; null in a list keeps the input's on that axis")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return (inputs[0][0], *(wanted or size for wanted, size in zip(self.output_size, inputs[0][1:])))

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (per_channel(map(adaptive, inputs[0][1:], output[1:])),)


class AdaptiveMaxPooling(AdaptivePooling):
    __doc__ = AdaptivePooling.__doc__
    further_outputs = ("indices",)


class GlobalPooling(Layer):
    """The mean or greatest value of each channel's whole map; the axes stay, with size 1.

    Example:
        input: [512, 7, 7]
        layers:
          - global_avg_pool

    Shape:
        [C, L] to [C, 1], [C, H, W] to [C, 1, 1], [C, D, H, W] to [C, 1, 1, 1]

    Errors:
        wrong-rank          the input is a vector

    Source:
        Lin et al. 2013, "Network in network"; PyTorch's AdaptiveAvgPool2d(1).
    """

    takes_leading_axes = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (inputs[0][0], *(1 for _ in spatial_sizes(self, inputs[0])))

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (per_channel(map(whole, inputs[0][1:])),)


TYPES = {
    **{
        f"adaptive_{reduction}_pool{rank}d": LayerType(f"adaptive_{reduction}_pool{rank}d", layer, rank)
        for reduction, layer in (("avg", AdaptivePooling), ("max", AdaptiveMaxPooling))
        for rank in RANKS
    },
    **{
        f"global_{reduction}_pool": LayerType(f"global_{reduction}_pool", GlobalPooling) for reduction in ("avg", "max")
    },
}
