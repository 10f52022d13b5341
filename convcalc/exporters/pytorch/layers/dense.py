"""Dense layers and embeddings."""

from __future__ import annotations

from convcalc.exporters.python.code import Argument, Call, Code, given, keyword, size
from convcalc.exporters.pytorch.layers.convolution import reparametrised
from convcalc.exporters.pytorch.layers.register import Placed, Register

rules = Register()


@rules("linear")
def linear(placed: Placed) -> Code:
    layer = placed.layer
    arguments = (
        size(0, -1, placed.shape[-1]),
        given(layer.out_features, "out_features"),
        keyword("bias", layer.bias, True),
    )
    return Code(module=reparametrised(layer, Call("nn.Linear", arguments)))


@rules("euclidean_rbf")
def euclidean_rbf(placed: Placed) -> Code:
    arguments = (size(0, -1, placed.shape[-1]), given(placed.layer.out_features, "out_features"))
    return Code(module=Call("EuclideanRBF", arguments), helpers=("euclidean_rbf",))


@rules("embedding")
def embedding(placed: Placed) -> Code:
    layer = placed.layer
    arguments = (
        given(layer.num_embeddings, "num_embeddings"),
        given(layer.embedding_dim, "embedding_dim"),
        keyword("padding_idx", layer.padding_idx, None),
    )
    return Code(module=Call("nn.Embedding", arguments))


@rules("embedding_bag")
def embedding_bag(placed: Placed) -> Code:
    layer = placed.layer
    arguments: tuple[Argument, ...] = (
        given(layer.num_embeddings, "num_embeddings"),
        given(layer.embedding_dim, "embedding_dim"),
        keyword("padding_idx", layer.padding_idx, None),
        keyword("mode", layer.mode, "mean"),
    )
    return Code(module=Call("nn.EmbeddingBag", arguments))
