"""Which axes of an input are positions, by the layers that read it."""

from __future__ import annotations

import pytest

from tests.helpers import analysed, network


def size(layers: str, input: str) -> list[int | None]:
    """The field of the last layer."""
    field = analysed(network(layers, input)).rows[-1].receptive_fields["input"]
    assert field is not None
    return field.size


EMBEDDING = "embedding: {num_embeddings: 9, embedding_dim: 4}"
CAUSAL = "multihead_attention: {num_heads: 2, causal: true}"


@pytest.mark.parametrize(
    ("input", "layers", "expected"),
    [
        ("[7]", [EMBEDDING], [1]),
        ("[7]", ["slice: {axis: 0, start: 2}", "unsqueeze: {axis: 0}", EMBEDDING], [1]),
        ("[7]", ["dropout", EMBEDDING, "linear: {out_features: 8}"], [1]),
        ("[7]", [EMBEDDING, "multihead_attention: {num_heads: 2}"], [7]),
        ("[7]", [EMBEDDING, CAUSAL], [7]),
        ("[7]", [EMBEDDING, CAUSAL, CAUSAL], [13]),
        ("[7]", [EMBEDDING, "permute: {axes: [1, 0]}", "conv1d: {out_channels: 4, kernel_size: 3}"], [3]),
        ("[7]", ["embedding_bag: {num_embeddings: 9, embedding_dim: 4}"], [7]),
        ("[5, 7]", [EMBEDDING], [1, 1]),
        ("[5, 7]", [EMBEDDING, "multihead_attention: {num_heads: 2}"], [1, 7]),
        ("[7]", ["linear: {out_features: 4}"], []),
        ("[7, 4]", ["linear: {out_features: 8}"], [1]),
        ("[4, 7]", ["conv1d: {out_channels: 4, kernel_size: 3}"], [3]),
    ],
)
def test_the_layers_that_read_an_input_say_what_its_axes_are(
    input: str, layers: list[str], expected: list[int]
) -> None:
    assert size("\n".join(f"- {layer}" for layer in layers), input) == expected
