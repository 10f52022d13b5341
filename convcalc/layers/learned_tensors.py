"""Learned tensors: a token put before the others, a table of positions, factors, or a tensor by itself."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import PARAMETER, Flow, Layer, LayerType, Link, Term, axis_from
from convcalc.layers.parameters import Integer, Integers, Number
from convcalc.layers.sequences import check_tokens

OUT_UNITS = Formula("out_units")


class ClassToken(Layer):
    """One learned token before all others, the same for every image.

    Example:
        input: [196, 768]
        layers:
          - class_token

    Shape:
        [T, D] to [T + 1, D]

    Formulas:
        class_token         in_features

    Errors:
        wrong-rank          the input is no sequence of tokens

    Source:
        Dosovitskiy et al. 2020 (ViT); class_token of torchvision's VisionTransformer.
    """

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        check_tokens(self, inputs[0])
        tokens, features = inputs[0]
        return (tokens + 1, features)

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("class_token", Formula("in_features"), Formula("in_features")),)

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {"in_units": elements(inputs[0]), "out_units": elements(output), "in_features": inputs[0][1]}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((Link(0, start=1), Link(1)),)


class PositionalEmbedding(Layer):
    """A learned table of the input's shape, added to it: it tells positions apart.

    Example:
        input: [197, 768]
        layers:
          - positional_embedding

    Shape:
        any shape, kept

    Formulas:
        pos_embedding       in_units

    Errors:
        none of its own

    Source:
        Dosovitskiy et al. 2020 (ViT); pos_embedding of torchvision's VisionTransformer.
    """

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("pos_embedding", Formula("in_units"), OUT_UNITS),)


class LearnedTensor(Layer):
    """A learned tensor by itself: queries of a decoder, a template. It reads nothing.

    Example:
        input: [49, 256]
        layers:
          - parameter: {shape: [100, 256]}

    Shape:
        `shape`, whatever comes before it

    Formulas:
        parameter           out_units

    Errors:
        too-many-inputs     `from` is given

    Source:
        PyTorch's Parameter.
    """

    arity = (0, 0)
    shape = Integers(help="its sizes")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed(PARAMETER, OUT_UNITS, OUT_UNITS),)

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {"out_units": elements(output)}

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        return {PARAMETER: self.shape}


class LayerScale(Layer):
    """Each channel times a learned factor, which starts near zero.

    Example:
        input: [96, 56, 56]
        layers:
          - layer_scale

    Shape:
        any shape, kept

    Formulas:
        layer_scale         channels: the size of `axis`

    Errors:
        wrong-axis          the input has no such axis

    Source:
        Touvron et al. 2021 (CaiT); layer_scale of torchvision's ConvNeXt.
    """

    axis = Integer(0, minimum=None, help="the axis of the channels")
    init_value = Number(1e-6, help="what each factor starts from")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        axis_from(self.axis, len(inputs[0]))
        return inputs[0]

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("layer_scale", Formula("channels"), OUT_UNITS),)

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {**super().values(inputs, output), "channels": output[self.axis]}


TYPES = {
    "class_token": LayerType("class_token", ClassToken),
    "positional_embedding": LayerType("positional_embedding", PositionalEmbedding),
    "parameter": LayerType("parameter", LearnedTensor),
    "layer_scale": LayerType("layer_scale", LayerScale),
}
