"""Dense layers, where every output reads every feature of the last axis, and look-up tables."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Term, links
from convcalc.layers.convolution_parameters import (
    check_weights,
    fixed_weights_parameter,
    scaled_axis,
    spectral_norm_parameter,
    weight_norm_parameter,
)
from convcalc.layers.parameters import Boolean, Integer, OrNull

FEATURES = Formula("in_features * out_features")
ALL_TO_ALL = Formula("in_units * out_units")
OUT_UNITS = Formula("out_units")


class Dense(Layer):
    """A layer that maps the last axis to `out_features`."""

    is_weighted = True
    out_features = Integer(help="size of the output's last axis")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (*inputs[0][:-1], self.out_features)

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {
            **super().values(inputs, output),
            "in_features": inputs[0][-1],
            "out_features": self.out_features,
            "positions": elements(output[:-1]),
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        last = len(output) - 1
        return (tuple(links(last + 1, skip=(last,))),)


class Linear(Dense):
    """A weighted sum of all features for each output; on an input with other axes it slides over them.

    Example:
        input: [256]
        layers:
          - linear: {out_features: 120}

    Shape:
        […, in_features] to […, out_features]

    Formulas:
        shared weights      in_features · out_features
        unshared weights    positions · in_features · out_features
        fully connected     in_units · out_units
        biases              out_features where shared, out_units where not
        weight_norm         out_features scales more; out_units where not shared. With {axis: 1}, in_features, with
                            {axis: null} one; as many for each position where not shared
        spectral_norm       buffers: out_features, and in_features
        fixed_weights       the weights are a buffer, and no parameters
        macs                positions · in_features · out_features

    Errors:
        missing-parameter   out_features is not given
        contradicting-parameters  two ways to make the weights

    Source:
        PyTorch's Linear. On pixels it is a 1x1 convolution, and counts as that does. The norms of weights are those of
        torch.nn.utils.parametrizations.
    """

    bias = Boolean(True, help="whether each output feature has a bias")
    weight_norm = weight_norm_parameter()
    spectral_norm = spectral_norm_parameter()
    fixed_weights = fixed_weights_parameter()

    def check(self) -> None:
        check_weights(self)

    def terms(self) -> tuple[Term, ...]:
        apart, shared = Formula("positions * in_features * out_features"), Formula("out_features")
        terms = []
        if not self.fixed_weights:
            terms.append(Term("weight", FEATURES, FEATURES, apart, ALL_TO_ALL, apart))
        if self.weight_norm:
            terms.append(self._scale())
        if self.bias:
            terms.append(Term("bias", shared, shared, OUT_UNITS, OUT_UNITS, OUT_UNITS, is_bias=True))
        return tuple(terms)

    def _scale(self) -> Term:
        """The lengths that weight_norm learns."""
        axis = scaled_axis(self.weight_norm)
        count = "1" if axis is None else ("out_features", "in_features")[axis]
        apart = OUT_UNITS if axis == 0 else Formula(f"positions * {count}")
        return Term("scale", Formula(count), Formula(count), apart, apart, Formula("0"))

    def buffers(self) -> dict[str, Formula]:
        if self.fixed_weights:
            return {"weight": FEATURES}
        return {"u": Formula("out_features"), "v": Formula("in_features")} if self.spectral_norm else {}

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        if self.fixed_weights or self.weight_norm or self.spectral_norm:
            return {}  # PyTorch learns the weights in another form, or not
        return {"weight": (self.out_features, inputs[0][-1]), **({"bias": (self.out_features,)} if self.bias else {})}

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"linear": Formula("positions * in_features * out_features")}


class EuclideanRBF(Dense):
    """The squared distance of the input to one fixed vector for each output: LeNet-5's last layer.

    Example:
        input: [84]
        layers:
          - euclidean_rbf: {out_features: 10}

    Shape:
        [in_features] to [out_features]

    Formulas:
        weights             in_features · out_features, frozen: drawn by hand, not trained
        macs                in_units · out_units

    Errors:
        wrong-rank          the input is no vector

    Source:
        LeCun et al. 1998, section II.B.
    """

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs[0]) != 1:
            raise LayerError(
                "wrong-rank",
                f"{self.type.name} reads a vector, not the {{input}}",
                help="flatten it first",
            )
        return super().output_shape(inputs)

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("weight", FEATURES, ALL_TO_ALL, frozen=True),)

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"distance": ALL_TO_ALL}


class Embedding(Layer):
    """A learned vector for every index: a look-up, which multiplies nothing.

    Example:
        input: [128]
        layers:
          - embedding: {num_embeddings: 30000, embedding_dim: 64}

    Shape:
        […] of indices to […, embedding_dim]

    Formulas:
        weights             num_embeddings · embedding_dim
        macs                none

    Errors:
        wrong-padding-index  padding_idx is outside the table

    Source:
        PyTorch's Embedding.
    """

    reads_indices = True
    num_embeddings = Integer(help="how many indices there are")
    embedding_dim = Integer(help="length of each vector")
    padding_idx = OrNull(Integer(minimum=None, help="the index whose vector is not trained"))

    def check(self) -> None:
        index = self.padding_idx
        if index is not None and not -self.num_embeddings <= index < self.num_embeddings:
            raise LayerError(
                "wrong-padding-index",
                f"padding_idx {index} is outside the {self.num_embeddings} embeddings",
                parameter="padding_idx",
                help="indices are counted from 0 (or from -1 at the end)",
            )

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (*inputs[0], self.embedding_dim)

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("weight", Formula("num_embeddings * embedding_dim"), OUT_UNITS),)

    def tensors(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        sizes = {"num_embeddings": self.num_embeddings, "embedding_dim": self.embedding_dim}
        return {**super().values(inputs, output), **sizes}

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((*map(Link, range(len(inputs[0]))), None),)


TYPES = {
    "linear": LayerType("linear", Linear),
    "euclidean_rbf": LayerType("euclidean_rbf", EuclideanRBF),
    "embedding": LayerType("embedding", Embedding),
}
