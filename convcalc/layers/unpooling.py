"""Unpooling: what a max pooling kept, put back where it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import TRANSPOSED_SIZE, transposed
from convcalc.layers.base import Flow, Layer, LayerError, LayerType
from convcalc.layers.parameters import LikeEntry, OrNull, PerAxis
from convcalc.layers.spatial import like_sizes
from convcalc.layers.windows import RANKS, per_channel


class MaxUnpooling(Layer):
    """Each value at the place where its max pooling found it, and zeros elsewhere.

    `from` names the values and, behind them, the indices of the pooling: `from: [x, pool.indices]`.

    Example:
        input: {x: [64, 14, 14], places: [64, 14, 14]}
        layers:
          - max_unpool2d: {from: [x, places], kernel_size: 2}

    Shape:
        [C, H, W] to [C, H', W'] with H' = (H - 1) stride - 2 padding + kernel, or the size that output_size or
        like gives

    Errors:
        shapes-do-not-agree       there is not one index for each value
        wrong-output-size         the size that is given is not within one stride of H'
        contradicting-parameters  both output_size and like are given
        empty-output              the padding takes away the whole output
        wrong-rank                the input has other axes

    Source:
        PyTorch's MaxUnpool1d, MaxUnpool2d and MaxUnpool3d; Badrinarayanan et al. 2015, "SegNet".
    """

    arity = (2, 2)
    takes_leading_axes = True
    kernel_size = PerAxis(help="size of the pooling's window")
    stride: Any = OrNull(PerAxis(help="distance between the pooling's windows; kernel_size when null"))
    padding = PerAxis(0, minimum=0, help="cells of padding of the pooling, on both sides")
    output_size = OrNull(PerAxis(help="the output's spatial size, where the pooling left rows or columns over"))
    like = LikeEntry(help="an entry whose spatial size is taken: what the pooling read")

    def __init__(self, layer_type: LayerType, values: Mapping[str, Any]) -> None:
        super().__init__(layer_type, {**values, "stride": values["stride"] or values["kernel_size"]})

    def check(self) -> None:
        if self.output_size is not None and self.like is not None:
            raise LayerError("contradicting-parameters", "output_size and like exclude each other", parameter="like")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        if inputs[1] != inputs[0]:
            raise LayerError(
                "shapes-do-not-agree",
                f"there are {format_shape(inputs[1])} indices for the {{input}}",
                parameter="from",
                help="each value needs one: write `from: [x, POOL.indices]`",
            )
        axes = self._axis_values(inputs[0][1:])
        usual = tuple([TRANSPOSED_SIZE(values) for values in axes])
        sizes = self.output_size if self.like is None else like_sizes(self, self.like, inputs[0][1:])
        if sizes is None:
            _check_not_empty(axes, usual)
            return (inputs[0][0], *usual)
        if any(abs(size - own) >= stride for size, own, stride in zip(sizes, usual, self.stride)):
            raise LayerError(
                "wrong-output-size",
                f"no such pooling of a map of {format_shape(sizes)} gives the {{input}}",
                parameter="output_size" if self.like is None else "like",
                help=f"a size may differ from {format_shape(usual)} by less than one stride",
            )
        return (inputs[0][0], *sizes)

    def _axis_values(self, sizes: tuple[int, ...]) -> list[dict[str, int]]:
        axes = zip(sizes, self.kernel_size, self.stride, self.padding)
        return [
            {"size": size, "before": pad, "after": pad, "dilation": 1, "kernel": kernel, "stride": stride,
             "output_padding": 0}
            for size, kernel, stride, pad in axes
        ]  # fmt: skip

    def window_formula(self) -> Formula | None:
        return TRANSPOSED_SIZE if self.output_size is None and self.like is None else None

    def window_values(self, inputs: tuple[Shape, ...], output: Shape) -> list[dict[str, int]]:
        return self._axis_values(inputs[0][1:])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        windows = per_channel(map(transposed, self.kernel_size, self.stride, (1,) * len(output), self.padding))
        return (windows, windows)


def _check_not_empty(axes: list[dict[str, int]], sizes: tuple[int, ...]) -> None:
    """Raise LayerError where the padding takes away the whole output along an axis."""
    for values, size in zip(axes, sizes):
        if size < 1:
            raise LayerError(
                "empty-output",
                "padding takes away all that the {input} is put into",
                parameter="padding",
                help=f"{TRANSPOSED_SIZE.with_numbers(values)} = {size}",
            )


TYPES = {f"max_unpool{rank}d": LayerType(f"max_unpool{rank}d", MaxUnpooling, rank) for rank in RANKS}
