"""Interpolation: a map resampled to another size."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import Window, adaptive, interpolation, repeated
from convcalc.layers.base import SAME, Flow, Layer, LayerError, LayerType
from convcalc.layers.parameters import Boolean, Choice, LikeEntry, Number, Parameter, PerAxis
from convcalc.layers.spatial import SpatialAxes, exactly_one, like_sizes, spatial_sizes
from convcalc.layers.windows import per_channel

if TYPE_CHECKING:
    from fractions import Fraction

# The neighbours, before and after floor(position), that a mode weighs.
TAPS = {
    "nearest": (0, 0), "nearest-exact": (0, 0), "linear": (0, 1), "bilinear": (0, 1), "trilinear": (0, 1),
    "bicubic": (1, 2),
}  # fmt: skip
# How many times as large an output may be that is copied, whatever the factor was: PyTorch, UpSampleKernel.cpp.
COPIES = {"nearest": (1, 2), "linear": (1,), "bilinear": (1,), "trilinear": (1,)}
# The modes that take align_corners, and the number of axes that they need.
SMOOTH_RANKS = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


class Factors(Parameter[tuple[float, ...]]):
    """A number for every spatial axis, or a list with one per axis."""

    def __init__(self, default: Any, *, help: str) -> None:
        super().__init__(default, help=help)
        self.item = Number(minimum=0, help=help)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.item.name = name

    def convert(self, value: Any, rank: int) -> tuple[float, ...]:
        items = value if isinstance(value, (list, tuple)) else (value,) * rank
        if len(items) != rank:
            raise self.refuse(value, expected=f"one number or a list of {rank}")
        return tuple([self.item.convert(item, rank) for item in items])

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.schema(rank)
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": rank, "maxItems": rank}]}


class Upsample(Layer):
    """Another size for the same map, larger or smaller, its values interpolated.

    Example:
        input: [64, 28, 28]
        layers:
          - upsample: {scale_factor: 2, mode: nearest}

    Shape:
        [C, H, W] to [C, floor(H scale_factor), floor(W scale_factor)], or to the sizes that are given

    Errors:
        missing-parameter         none of scale_factor, size and like is given
        contradicting-parameters  more than one of them; or align_corners with a mode that has none
        wrong-rank                the mode is for maps of other axes
        empty-output              the scale factor leaves nothing

    Source:
        PyTorch's Upsample and interpolate.
    """

    takes_leading_axes = True
    scale_factor = SpatialAxes(Factors(None, help="output size by input size: a number or one per axis"))
    size = SpatialAxes(PerAxis(None, help="the output's spatial size: a number or one per axis"))
    like = LikeEntry(None, help="an entry whose spatial size is taken")
    mode = Choice((*TAPS, "area"), "nearest", help="how values are interpolated")
    align_corners = Boolean(None, help="whether the centres of the corner cells stay corners")

    def check(self) -> None:
        exactly_one(self, "scale_factor", "size", "like")
        if self.align_corners is not None and self.mode not in SMOOTH_RANKS:
            raise LayerError(
                "contradicting-parameters",
                f"mode {self.mode} has no align_corners",
                parameter="align_corners",
                help=f"it goes with {', '.join(SMOOTH_RANKS)}",
            )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        sizes = spatial_sizes(self, inputs[0])
        self._check_mode(len(sizes))
        result = self._sizes(sizes)
        if min(result) < 1:
            raise LayerError(
                "empty-output",
                "scale_factor leaves nothing of the {input}",
                parameter="scale_factor",
                help=f"the output would be {format_shape(result)}",
            )
        return (inputs[0][0], *result)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        if output == inputs[0] and self.mode == "bicubic":
            return (SAME,)  # copied, whatever the factor was, as long as every axis keeps its size
        rank = len(output) - 1
        given = self.scale_factor
        factors = [None] * rank if given is None else Upsample.scale_factor.settle(given, rank)
        return (per_channel(map(self._window, inputs[0][1:], output[1:], factors)),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        factor = self.scale_factor
        factors = factor if isinstance(factor, (list, tuple)) else [factor]
        return "scale_factor is 1" if set(factors) == {1} else ""

    def _check_mode(self, rank: int) -> None:
        if rank > 3 or SMOOTH_RANKS.get(self.mode, rank) != rank:
            fitting = [mode for mode in (*TAPS, "area") if SMOOTH_RANKS.get(mode, rank) == rank <= 3]
            raise LayerError(
                "wrong-rank",
                f"mode {self.mode} does not interpolate the {rank} spatial axes of the {{input}}",
                parameter="mode",
                help=f"{', '.join(fitting)} would" if fitting else "",
            )

    def _sizes(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if self.like is not None:
            return like_sizes(self, self.like, sizes)
        if self.size is not None:
            wanted: tuple[int, ...] = Upsample.size.settle(self.size, len(sizes))
            return wanted
        factors: tuple[float, ...] = Upsample.scale_factor.settle(self.scale_factor, len(sizes))
        try:
            # In floating point, as PyTorch computes it: 100 * 0.29 gives 28.
            return tuple([floor(size * factor) for size, factor in zip(sizes, factors)])
        except OverflowError:
            raise LayerError(
                "too-large", "scale_factor is too large for the {input}", parameter="scale_factor"
            ) from None

    def _window(self, size: int, output_size: int, factor: float | None) -> Window:
        if self.mode == "area":
            return adaptive(size, output_size)
        times, rest = divmod(output_size, size)
        if rest == 0 and times in COPIES.get(self.mode, ()):
            return repeated(times)
        from fractions import Fraction  # only interpolation needs it, and it is slow to import

        if self.align_corners:
            step = Fraction(size - 1, output_size - 1) if output_size > 1 else Fraction(0)
            return interpolation(step, Fraction(0), *TAPS[self.mode])
        step = Fraction(size, output_size) if factor is None else 1 / _ratio(factor)
        origin = {"nearest": Fraction(0), "nearest-exact": step / 2}.get(self.mode, (step - 1) / 2)
        return interpolation(step, origin, *TAPS[self.mode])


def _ratio(factor: float) -> Fraction:
    """The ratio that a factor means: 7 / 3 in binary is 7/3 again. PyTorch computes in single precision."""
    from fractions import Fraction

    exact = Fraction(factor)
    return exact.limit_denominator(10_000) if factor >= 1 else 1 / (1 / exact).limit_denominator(10_000)


TYPES = {"upsample": LayerType("upsample", Upsample)}
