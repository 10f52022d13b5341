"""A convolution, a norm or pooling that takes tokens for channels, and features for positions.

An embedding, a linear layer or attention gives [tokens, features]; convolutions, batch norms and pooling read
[channels, positions]. Without a permutation between them the shapes fit, but the kernel slides over the features, which
have no order, and has weights for each token; a norm has a mean for each token instead of each feature. The same
happens to a map whose channels are last. A convolution with a kernel of 1, which mixes tokens on purpose, is not
reported, nor a layer whose input was permuted.

Fails:
    input: [100]
    layers:
      - embedding: {num_embeddings: 1000, embedding_dim: 64}
      - conv1d: {out_channels: 128, kernel_size: 5}
      - relu

Passes:
    input: [100]
    layers:
      - embedding: {num_embeddings: 1000, embedding_dim: 64}
      - permute: {axes: [1, 0]}
      - conv1d: {out_channels: 128, kernel_size: 5}
      - relu

Source:
    Kim, Convolutional neural networks for sentence classification, EMNLP 2014, section 2: windows of words.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.adaptive_pooling import AdaptivePooling, GlobalPooling
from convcalc.layers.base import Layer, LayerError
from convcalc.layers.batch_normalisation import BatchNorm
from convcalc.layers.convolution import Convolution
from convcalc.layers.layer_normalisation import GroupNorm
from convcalc.layers.pooling import AveragePooling, MaxPooling
from convcalc.lint.axis_roles import FEATURES, MAKES_LAST, POSITIONS, Roles, is_permuted, roles_read
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network

NORMS = (BatchNorm, GroupNorm)
POOLING: tuple[type[Layer], ...] = (MaxPooling, AveragePooling, AdaptivePooling, GlobalPooling)


def check(network: Network) -> Iterator[Finding]:
    if all(len(row.output_shape) == 1 for row in network.of(*MAKES_LAST)):
        return
    for row in network.of(Convolution, *NORMS, *POOLING):
        layer, shape, roles = row.facts.layer, row.input_shapes[0], roles_read(network, row)
        if isinstance(layer, Convolution) and max(layer.kernel_size) == 1:
            continue
        features = [axis for axis, role in enumerate(roles) if role == FEATURES and shape[axis] > 1]
        if roles[0] == POSITIONS and shape[0] > 1 and features and not is_permuted(network, row):
            yield Finding(
                row,
                f"{_verb(layer)} {shape[0]:,} channels, but the features of its input {format_shape(shape)} are on axis"
                f" {features[0]}, and axis 0 has positions",
                help=_remedy(layer, shape, roles),
            )


def _verb(layer: Layer) -> str:
    if isinstance(layer, NORMS):
        return "normalises"
    return "pools" if isinstance(layer, POOLING) else "reads"


def _remedy(layer: Layer, shape: Shape, roles: Roles) -> str:
    order = sorted(range(len(shape)), key=lambda axis: roles[axis] != FEATURES)
    read = tuple(shape[axis] for axis in order)
    try:
        layer.output_shape((read,))
    except LayerError:
        return "permute its input, so that the features are the first axis"
    return f"put `permute: {{axes: {order}}}` before it: it then reads {format_shape(read)}"
