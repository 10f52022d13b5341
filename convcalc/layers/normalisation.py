"""Normalisation: means and variances over channels, positions or both, and weights that scale the result again."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import periodic, sliding, whole
from convcalc.layers.base import SAME, Flow, Layer, LayerError, LayerType, Link, Term, links
from convcalc.layers.parameters import Boolean, Integer, Integers, Number, OrNull
from convcalc.layers.spatial import spatial_sizes
from convcalc.layers.windows import RANKS

CHANNELS = Formula("in_channels")
NORMALIZED = Formula("normalized_elements")
OUT_UNITS = Formula("out_units")
EPS = "added to the variance"
AFFINE = "whether the result is scaled by learned weights"
BIAS = "whether a learned bias is added, where affine"


class TrackingNorm(Layer):
    """A norm of each channel, by statistics that were tracked in training, or else by the map's own.

    The receptive field is that of inference: with tracked statistics each position is independent.
    """

    takes_leading_axes = True
    eps = Number(1e-5, help=EPS)
    affine = Boolean(True, help=AFFINE)
    bias = Boolean(True, help=BIAS)
    momentum = Number(0.1, help="weight of the newest statistics in the running ones")
    track_running_stats = Boolean(True, help="whether running means and variances are kept for inference")

    def terms(self) -> tuple[Term, ...]:
        return _affine_terms(CHANNELS, affine=self.affine, bias=self.bias)

    def buffers(self) -> dict[str, Formula]:
        if not self.track_running_stats:
            return {}
        return {"running_mean": CHANNELS, "running_var": CHANNELS, "num_batches_tracked": Formula("1")}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (SAME if self.track_running_stats else _over(output, 1),)


class BatchNorm(TrackingNorm):
    """Each channel, normalised over the batch and its positions.

    Example:
        input: [64, 56, 56]
        layers:
          - batch_norm2d

    Shape:
        [C, H, W], kept; batch_norm1d reads [C] and [C, L], batch_norm3d [C, D, H, W]

    Formulas:
        weight              in_channels, where affine
        bias                in_channels, where affine and bias
        buffers             2 · in_channels running statistics and 1 counter, where track_running_stats; with as_buffers
                            weight and bias are buffers too, and there is no counter

    Errors:
        wrong-rank          the input has other axes
        contradicting-parameters  as_buffers without track_running_stats

    Source:
        PyTorch's BatchNorm1d, BatchNorm2d and BatchNorm3d; Ioffe and Szegedy 2015. as_buffers: torchvision's
        FrozenBatchNorm2d. A norm whose weight and bias are parameters that are not trained has `trainable: false`.
    """

    as_buffers = Boolean(False, help="whether weight, bias and statistics are fixed numbers, none of them a parameter")

    def check(self) -> None:
        if self.as_buffers and not self.track_running_stats:
            raise LayerError(
                "contradicting-parameters",
                "as_buffers fixes the running statistics, which track_running_stats leaves out",
                parameter="as_buffers",
                help="leave one of the two out",
            )

    def terms(self) -> tuple[Term, ...]:
        return () if self.as_buffers else super().terms()

    def buffers(self) -> dict[str, Formula]:
        if not self.as_buffers:
            return super().buffers()
        return {
            **{term.name: term.written for term in super().terms()},
            "running_mean": CHANNELS,
            "running_var": CHANNELS,
        }

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if not (self.type.rank == 1 and len(inputs[0]) == 1):
            self.type.check_rank(inputs[0])
        return inputs[0]


class InstanceNorm(TrackingNorm):
    """Each channel of each sample, normalised over its own positions.

    Example:
        input: [64, 56, 56]
        layers:
          - instance_norm2d

    Shape:
        [C, H, W], kept; instance_norm1d reads [C, L], instance_norm3d [C, D, H, W]

    Formulas:
        weight              in_channels, where affine
        bias                in_channels, where affine and bias
        buffers             2 · in_channels running statistics and 1 counter, where track_running_stats

    Errors:
        wrong-rank          the input has other axes

    Source:
        PyTorch's InstanceNorm1d, InstanceNorm2d and InstanceNorm3d; Ulyanov et al. 2016.
    """

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return inputs[0]


class GroupNorm(Layer):
    """Groups of channels, each normalised over all its channels and positions.

    Example:
        input: [64, 56, 56]
        layers:
          - group_norm: {num_groups: 32}

    Shape:
        [C, …], kept

    Formulas:
        weight              in_channels, where affine
        bias                in_channels, where affine and bias

    Errors:
        groups-do-not-divide  num_groups must divide the channels

    Source:
        PyTorch's GroupNorm; Wu and He 2018.
    """

    takes_leading_axes = True
    eps = Number(1e-5, help=EPS)
    affine = Boolean(True, help=AFFINE)
    num_groups = Integer(help="groups of channels that are normalised together")
    bias = Boolean(True, help=BIAS)

    def terms(self) -> tuple[Term, ...]:
        return _affine_terms(CHANNELS, affine=self.affine, bias=self.bias)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels = inputs[0][0]
        if channels % self.num_groups:
            raise LayerError(
                "groups-do-not-divide",
                f"num_groups {self.num_groups} does not divide the {channels} channels of the {{input}}",
                parameter="num_groups",
                help="use a divisor of the input's channels",
            )
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        size = output[0] // self.num_groups
        group = periodic(size, size, lambda _: (0, size - 1, 1))
        return ((Link(0, group), *_over(output, 1)[1:]),)


class TrailingNorm(Layer):
    """A norm of the last axes, with a weight for each of their elements."""

    bias: Any = False
    eps = Number(1e-5, help=EPS)
    affine = Boolean(True, help=AFFINE)
    normalized_shape = OrNull(Integers(help="the sizes of the trailing axes; the last axis when null"))

    def terms(self) -> tuple[Term, ...]:
        return _affine_terms(NORMALIZED, affine=self.affine, bias=self.bias)

    def sizes(self, shape: Shape) -> Shape:
        """The sizes of the axes that are normalised."""
        return shape[-1:] if self.normalized_shape is None else self.normalized_shape

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        sizes = self.sizes(shape)
        if shape[-len(sizes) :] != sizes:
            raise LayerError(
                "wrong-normalized-shape",
                f"normalized_shape {format_shape(sizes)} is not how the {{input}} ends",
                parameter="normalized_shape",
                help=f"give {format_shape(shape[-len(sizes) :])}; or permute the input first",
            )
        return shape

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {**super().values(inputs, output), "normalized_elements": prod(self.sizes(output))}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (_over(output, len(output) - len(self.sizes(output))),)


class LayerNorm(TrailingNorm):
    """All elements of the last axes together, at each place of the axes before them.

    Example:
        input: [196, 768]
        layers:
          - layer_norm

    Shape:
        any shape, kept

    Formulas:
        weight              normalized_elements, where affine
        bias                normalized_elements, where affine and bias

    Errors:
        wrong-normalized-shape  the input does not end in these sizes

    Source:
        PyTorch's LayerNorm, whose elementwise_affine is `affine` here; Ba et al. 2016.
    """

    bias = Boolean(True, help=BIAS)


class RMSNorm(TrailingNorm):
    """The last axes divided by their root mean square.

    Example:
        input: [196, 768]
        layers:
          - rms_norm

    Shape:
        any shape, kept

    Formulas:
        weight              normalized_elements, where affine

    Errors:
        wrong-normalized-shape  the input does not end in these sizes

    Source:
        PyTorch's RMSNorm, whose elementwise_affine is `affine` here; Zhang and Sennrich 2019.
    """

    eps = OrNull(Number(help="added to the mean square; null: the number type's own"))  # type: ignore[assignment]  # wider here


class ChannelNorm(Layer):
    """All channels together, at each position of an image.

    Example:
        input: [96, 56, 56]
        layers:
          - layer_norm2d

    Shape:
        [C, H, W], kept

    Formulas:
        weight              in_channels, where affine
        bias                in_channels, where affine and bias

    Errors:
        wrong-rank          the input is no image

    Source:
        torchvision's LayerNorm2d; Liu et al. 2022, "A ConvNet for the 2020s".
    """

    takes_leading_axes = True
    eps = Number(1e-5, help=EPS)
    affine = Boolean(True, help=AFFINE)
    bias = Boolean(True, help=BIAS)

    def terms(self) -> tuple[Term, ...]:
        return _affine_terms(CHANNELS, affine=self.affine, bias=self.bias)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((Link(0, whole(output[0])), *links(len(output))[1:]),)


class MapNorm(Layer):
    """A norm of maps with at least one axis of positions."""

    takes_leading_axes = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        spatial_sizes(self, inputs[0])
        return inputs[0]


class LocalResponseNorm(MapNorm):
    """Each element divided by a power of the energy of the neighbouring channels at its position.

    Example:
        input: [96, 55, 55]
        layers:
          - local_response_norm: {size: 5}

    Shape:
        [C, …], kept

    Errors:
        wrong-rank          the input is a vector

    Source:
        PyTorch's LocalResponseNorm; Krizhevsky et al. 2012.
    """

    size = Integer(help="how many neighbouring channels count")
    alpha = Number(1e-4, help="factor of their mean square")
    beta = Number(0.75, help="exponent")
    k = Number(1.0, help="added before the exponent")

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((Link(0, sliding(self.size, 1, 1, self.size // 2)), *links(len(output))[1:]),)


class GlobalResponseNorm(MapNorm):
    """Each channel scaled by its norm over the whole map, compared with the mean of all channels' norms.

    Example:
        input: [96, 56, 56]
        layers:
          - global_response_norm

    Shape:
        [C, …], kept

    Formulas:
        gamma               in_channels
        beta                in_channels

    Errors:
        wrong-rank          the input is a vector

    Source:
        Woo et al. 2023, "ConvNeXt V2".
    """

    eps = Number(1e-6, help="added to the mean of the norms")

    def terms(self) -> tuple[Term, ...]:
        return (
            Term.fixed("gamma", CHANNELS, OUT_UNITS),
            Term.fixed("beta", CHANNELS, OUT_UNITS, is_bias=True),
        )

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (_over(output, 0),)


def _affine_terms(count: Formula, *, affine: bool, bias: bool) -> tuple[Term, ...]:
    """The learned weights that scale the result, and the learned biases, as many of each as `count` gives."""
    if not affine:
        return ()
    weight = Term.fixed("weight", count, OUT_UNITS)
    return (weight, Term.fixed("bias", count, OUT_UNITS, is_bias=True)) if bias else (weight,)


def _over(shape: Shape, first: int) -> tuple[Link, ...]:
    """One to one before the axis `first`; from there on every position reads the whole of each axis."""
    return tuple(Link(axis, whole(size) if axis >= first else None) for axis, size in enumerate(shape))


TYPES = {
    **{f"batch_norm{rank}d": LayerType(f"batch_norm{rank}d", BatchNorm, rank) for rank in RANKS},
    **{
        f"instance_norm{rank}d": LayerType(
            f"instance_norm{rank}d", InstanceNorm, rank, affine=False, track_running_stats=False
        )
        for rank in RANKS
    },
    "group_norm": LayerType("group_norm", GroupNorm),
    "layer_norm": LayerType("layer_norm", LayerNorm),
    "layer_norm2d": LayerType("layer_norm2d", ChannelNorm, 2, eps=1e-6),
    "rms_norm": LayerType("rms_norm", RMSNorm),
    "local_response_norm": LayerType("local_response_norm", LocalResponseNorm),
    "global_response_norm": LayerType("global_response_norm", GlobalResponseNorm),
}
