"""Bags of embeddings: vectors looked up by index, and reduced to one."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.layers.base import Flow, LayerError, LayerType, Term
from convcalc.layers.dense import Embedding
from convcalc.layers.parameters import Choice


class EmbeddingBag(Embedding):
    """The mean, the sum or the maximum of the learned vectors of all indices: one vector for a bag of words.

    Example:
        input: [50]
        layers:
          - embedding_bag: {num_embeddings: 95811, embedding_dim: 64}

    Shape:
        [N] of indices to [embedding_dim]

    Formulas:
        weights             num_embeddings · embedding_dim
        macs                none

    Errors:
        wrong-rank           the input is no row of indices
        wrong-padding-index  padding_idx is outside the table

    Source:
        PyTorch's EmbeddingBag, without offsets: a bag of one length for each sample.
    """

    mode = Choice(("mean", "sum", "max"), "mean", help="how the vectors become one")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs[0]) != 1:
            raise LayerError(
                "wrong-rank",
                f"{self.type.name} reads a row of indices, [N], not the {{input}}",
                help="flatten it first",
            )
        return (self.embedding_dim,)

    def terms(self) -> tuple[Term, ...]:
        return (Term.fixed("weight", Formula("num_embeddings * embedding_dim"), Formula("in_units * embedding_dim")),)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return ((None,),)


TYPES = {"embedding_bag": LayerType("embedding_bag", EmbeddingBag)}
