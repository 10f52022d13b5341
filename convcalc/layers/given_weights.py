"""Convolutions whose weights, or some of them, come from another layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape, spatial_names
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term
from convcalc.layers.convolution import Convolution
from convcalc.layers.convolution_parameters import Sharing
from convcalc.layers.parameters import Boolean, Integer, Padding, PerAxis
from convcalc.layers.weights import WeightedLayer
from convcalc.layers.windows import RANKS, WindowLayer, mixing, per_channel

_PADDING = "cells of zeros around the input: a number, one per axis, [before, after] pairs, same, valid"


class DynamicConvolution(Layer):
    """A convolution of its first input with weights that its second input gives; a third gives biases.

    Example:
        input: {map: [16, 28, 28], weights: [8, 16, 3, 3]}
        layers:
          - dynamic_conv2d: {from: [map, weights], padding: 1}

    Shape:
        [C, H, W] with weights [out_channels, C / groups, kernel, kernel], and biases [out_channels], to
        [out_channels, H', W'] as of a convolution with such a kernel

    Formulas:
        macs                out_units · (in_channels / groups) · kernel; what makes the weights is another layer

    Errors:
        wrong-rank                the weights have not one axis more than the map
        shapes-do-not-agree       the weights are for other channels, or the biases are not one for each kernel
        groups-do-not-divide      groups must divide the channels on both sides
        kernel-larger-than-input  the dilated kernel does not fit the padded input

    Source:
        PyTorch's conv1d, conv2d and conv3d, with one set of weights for each sample: Jia et al. 2016, "Dynamic Filter
        Networks"; Ha et al. 2016, "HyperNetworks"; the modulated convolution of Karras et al. 2020 (StyleGAN2).
    """

    arity = (2, 3)
    takes_leading_axes = True
    example_inputs: ClassVar[Mapping[int, str]] = {
        1: "{map: [16, 28], weights: [8, 16, 3]}",
        2: "{map: [16, 28, 28], weights: [8, 16, 3, 3]}",
        3: "{map: [16, 28, 28, 28], weights: [8, 16, 3, 3, 3]}",
    }
    is_weighted = True
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(0, help=_PADDING)
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel")
    groups = Integer(1, help="groups of channels that are convolved apart")

    def _convolution(self, weights: Shape) -> Convolution:
        """The convolution that has a kernel of this shape."""
        settings = {name: getattr(self, name) for name in ("stride", "padding", "dilation", "groups")}
        rank = self.type.rank
        kind = LayerType(f"conv{rank}d", Convolution, rank)
        layer = kind.build({"out_channels": weights[0], "kernel_size": weights[2:], "bias": False, **settings})
        assert isinstance(layer, Convolution)
        return layer

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        image, weights, *biases = inputs
        self.type.check_rank(image)
        if len(weights) != len(image) + 1:
            kernel = ", ".join(f"kernel {name}" for name in spatial_names(self.type.rank))
            raise LayerError(
                "wrong-rank",
                f"{self.type.name} reads weights [out_channels, in_channels / groups, {kernel}],"
                f" not {format_shape(weights)}",
                parameter="from",
                help="unflatten or reshape them first",
            )
        output = self._convolution(weights).output_shape((image,))
        if weights[1] * self.groups != image[0]:
            raise self._disagreement(
                f"weights {format_shape(weights)} are for {weights[1] * self.groups} channels", image
            )
        if biases and biases[0] != weights[:1]:
            raise self._disagreement(f"biases {format_shape(biases[0])} are not one for each kernel of", weights)
        return output

    def _disagreement(self, what: str, shape: Shape) -> LayerError:
        return LayerError(
            "shapes-do-not-agree",
            f"{what}, not those of {format_shape(shape)}"
            if what.endswith("channels")
            else f"{what} {format_shape(shape)}",
            parameter="from",
        )

    def multiply_accumulates(self) -> dict[str, Formula]:
        kernel = " * ".join(f"kernel_{name}" for name in spatial_names(self.type.rank))
        return {"convolution": Formula(f"out_units * (in_channels / groups) * {kernel}")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return self._convolution(inputs[1]).values(inputs, output)

    def window_formula(self) -> Formula | None:
        return None

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        image, weights, *biases = inputs
        after = (None,) * self.type.rank
        given: list[Flow] = [(Link(0), *after) for _ in (weights, *biases)]
        return (*self._convolution(weights).flow((image,), output), *given)


class CondConvolution(WindowLayer, WeightedLayer):
    """A convolution whose weights are a mixture of experts: each sample's routing says how much of each.

    The first input is the map, the second the routing, a number for each expert: a global pooling, a linear layer and a
    sigmoid make it.

    Example:
        input: {map: [16, 28, 28], routing: [4]}
        layers:
          - cond_conv2d: {from: [map, routing], num_experts: 4, out_channels: 32, kernel_size: 3, padding: 1}

    Shape:
        [C, H, W] and [num_experts] to [out_channels, H', W'], as of a convolution

    Formulas:
        shared weights      num_experts · out_channels · (in_channels / groups) · kernel
        unshared weights    num_experts · out_units · (in_channels / groups) · kernel
        fully connected     num_experts · in_units · out_units
        biases              num_experts · out_channels where shared, num_experts · out_units where not
        macs                the mixing, each parameter once, and the convolution

    Errors:
        kernel-larger-than-input  the dilated kernel does not fit the padded input
        groups-do-not-divide      groups must divide the channels on both sides
        shapes-do-not-agree       the routing is not one number for each expert

    Source:
        Yang et al. 2019, "CondConv"; timm's CondConv2d, whose routing is a layer of its own.
    """

    arity = (2, 2)
    example_inputs: ClassVar[Mapping[int, str]] = {
        1: "{map: [16, 28], routing: [4]}",
        2: "{map: [16, 28, 28], routing: [4]}",
        3: "{map: [16, 28, 28, 28], routing: [4]}",
    }
    sharing: Any = Sharing("full")
    connection_table: Any = None
    num_experts = Integer(help="how many sets of weights are mixed")
    out_channels = Integer(help="channels (maps) of the output")
    kernel_size = PerAxis(help="size of the kernel, in cells of the input")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(0, help=_PADDING)
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel")
    groups = Integer(1, help="groups of channels that are convolved apart; the input's channels make it depthwise")
    bias = Boolean(True, help="whether each expert has a bias for each output channel")

    def config(self) -> dict[str, Any]:
        return Layer.config(self)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        self.check_channels(inputs[0])
        if inputs[1] != (self.num_experts,):
            raise LayerError(
                "shapes-do-not-agree",
                f"the routing is {format_shape(inputs[1])}, not one number for each of {self.num_experts} experts",
                parameter="num_experts",
                help="global pooling, flatten, a linear layer of num_experts features and a sigmoid give it",
            )
        return (self.out_channels, *self.positions(inputs[0][1:]))

    def terms(self) -> tuple[Term, ...]:
        return tuple([self._of_experts(term) for term in super().terms()])

    def _of_experts(self, term: Term) -> Term:
        """As many of a convolution's parameters as there are experts, each of them used once, in the mixing."""

        def times(formula: Formula) -> Formula:
            return Formula(f"num_experts * {formula.text}")

        shared = times(term.shared)
        return Term(
            term.name, shared, shared, times(term.unshared), times(term.fully_connected), shared, is_bias=term.is_bias
        )

    def multiply_accumulates(self) -> dict[str, Formula]:
        mixing = {f"mixing of {term.name}": term.shared for term in self.terms()}
        return {**mixing, **super().multiply_accumulates()}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {**super().values(inputs, output), "num_experts": self.num_experts}

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        return {}  # timm keeps them as rows of a matrix, which no other layer has

    def weights_on_input(self, inputs: tuple[Shape, ...], output: Shape) -> int | None:
        of_one = super().weights_on_input(inputs, output)
        return None if of_one is None else self.num_experts * of_one

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return mixing(self.windows(inputs[0][1:])), (None,) * len(output)


class Involution(WindowLayer):
    """A kernel of its own for each position, which the second input gives and the channels of a group share.

    Example:
        input: {map: [64, 56, 56], kernel: [196, 56, 56]}
        layers:
          - involution: {from: [map, kernel], kernel_size: 7, groups: 4, padding: 3}

    Shape:
        [C, H, W] and [groups · kernel, H', W'] to [C, H', W'] with
        H' = floor((H + before + after - dilation (kernel - 1) - 1) / stride) + 1

    Formulas:
        macs                out_units · kernel; what makes the kernel is another layer

    Errors:
        kernel-larger-than-input  the dilated kernel does not fit the padded input
        groups-do-not-divide      groups must divide the channels
        shapes-do-not-agree       the second input is not [groups · kernel, H', W']

    Source:
        Li et al. 2021, "Involution: Inverting the Inherence of Convolution for Visual Recognition", and its code.
    """

    arity = (2, 2)
    kernel_size = PerAxis(help="size of the kernel, in cells of the input")
    stride = PerAxis(1, help="distance between neighbouring windows")
    padding = Padding(0, help=_PADDING)
    dilation = PerAxis(1, help="distance between neighbouring taps of the kernel")
    groups = Integer(1, help="groups of channels; those of one share a kernel")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        image, kernel = inputs
        self.type.check_rank(image)
        if image[0] % self.groups:
            raise LayerError(
                "groups-do-not-divide",
                f"groups {self.groups} does not divide the {image[0]} channels of the {{input}}",
                parameter="groups",
                help="use a divisor of the input's channels",
            )
        positions = self.positions(image[1:])
        wanted = (self.groups * elements(self.kernel_size), *positions)
        if kernel != wanted:
            raise LayerError(
                "shapes-do-not-agree",
                f"the kernels are {format_shape(kernel)}, not {format_shape(wanted)}",
                parameter="from",
                help="one for each group and each position of the output, its cells along the channels",
            )
        return (image[0], *positions)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"involution": Formula("out_units * kernel_height * kernel_width")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        height, width = self.kernel_size
        return {**super().values(inputs, output), "kernel_height": height, "kernel_width": width}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return per_channel(self.windows(inputs[0][1:])), (None, Link(1), Link(2))


TYPES = {
    **{f"dynamic_conv{rank}d": LayerType(f"dynamic_conv{rank}d", DynamicConvolution, rank) for rank in RANKS},
    **{f"cond_conv{rank}d": LayerType(f"cond_conv{rank}d", CondConvolution, rank) for rank in RANKS},
    "involution": LayerType("involution", Involution, 2),
}
