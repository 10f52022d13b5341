"""Layer and group normalisation: several channels, or the last axes, by the mean and variance of all their elements."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import periodic, whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term, links
from convcalc.layers.normalisation import AFFINE, BIAS, CHANNELS, EPS, affine_terms, whole_from
from convcalc.layers.parameters import Boolean, Integer, Integers, Number, OrNull

NORMALIZED = Formula("normalized_elements")


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
        return affine_terms(CHANNELS, affine=self.affine, bias=self.bias)

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
        return ((Link(0, group), *whole_from(output, 1)[1:]),)


class TrailingNorm(Layer):
    """A norm of the last axes, with a weight for each of their elements."""

    bias: Any = False
    eps = Number(1e-5, help=EPS)
    affine = Boolean(True, help=AFFINE)
    normalized_shape = OrNull(Integers(help="the sizes of the trailing axes; the last axis when null"))

    def terms(self) -> tuple[Term, ...]:
        return affine_terms(NORMALIZED, affine=self.affine, bias=self.bias)

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
        return (whole_from(output, len(output) - len(self.sizes(output))),)


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
        return affine_terms(CHANNELS, affine=self.affine, bias=self.bias)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.type.check_rank(inputs[0])
        return inputs[0]

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (tuple(links(len(output), through={0: whole(output[0])})),)


TYPES = {
    "group_norm": LayerType("group_norm", GroupNorm),
    "layer_norm": LayerType("layer_norm", LayerNorm),
    "layer_norm2d": LayerType("layer_norm2d", ChannelNorm, 2, eps=1e-6),
    "rms_norm": LayerType("rms_norm", RMSNorm),
}
