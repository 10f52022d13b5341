"""Dense layers and embeddings."""

from __future__ import annotations

from convcalc.exporters.keras.layers.convolution import frozen
from convcalc.exporters.keras.layers.register import Placed, Register, layer
from convcalc.exporters.python.code import Call, Code, given, keyword
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("linear")
def linear(placed: Placed) -> Code:
    own = placed.layer
    made = [name for name in ("weight_norm", "spectral_norm", "fixed_weights") if getattr(own, name, False)]
    if made:
        raise Unsupported(f"Keras has no dense layer with {made[0]}")
    return layer("Dense", given(own.out_features, "out_features"), keyword("use_bias", own.bias, True, "bias"),
                 *frozen(placed))  # fmt: skip


@rules("embedding")
def embedding(placed: Placed) -> Code:
    own = placed.layer
    if own.padding_idx is not None:
        raise Unsupported("Keras has no index whose vector stays zero (padding_idx)")
    arguments = (given(own.num_embeddings, "num_embeddings"), given(own.embedding_dim, "embedding_dim"))
    return Code("{0}", Call("layers.Embedding", (*arguments, *frozen(placed))))
