"""Networks that Keras itself builds: its parameters and the shapes of its layers."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import pytest

from tests.importers.keras.configs import imported, statistics

keras = pytest.importorskip("keras", exc_type=ImportError)
Layers = Any


def _residual(k: Layers) -> Any:
    image = keras.Input((32, 32, 3))
    x = k.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(image)
    x = k.ReLU(6.0)(k.BatchNormalization()(x))
    y = k.SeparableConv2D(8, 3, padding="same", activation="swish")(x)
    gate = k.Dense(8, activation="sigmoid")(k.GlobalAveragePooling2D(keepdims=True)(y))
    x = k.Add()([x, k.Multiply()([y, gate])])
    x = k.Concatenate()([x, k.Conv2DTranspose(4, 2, strides=2)(k.MaxPooling2D(2)(x))])
    return keras.Model(image, k.Dense(10, activation="softmax")(k.Flatten()(x)))


def _transformer(k: Layers) -> Any:
    image = keras.Input((16, 16, 3))
    x = k.Reshape((16, 32))(k.Conv2D(32, 4, strides=4)(image))
    for _ in range(2):
        y = k.LayerNormalization(epsilon=1e-6)(x)
        x = k.Add()([x, k.MultiHeadAttention(4, 8)(y, y)])
        x = k.Add()([x, k.Dense(32)(k.Dense(64, activation="gelu")(k.LayerNormalization()(x)))])
    return keras.Model(image, k.Dense(5)(k.GlobalAveragePooling1D()(x)))


def _sequence(k: Layers) -> Any:
    steps = keras.Input((4, 16, 16, 3))
    x = k.TimeDistributed(k.Conv2D(4, 3, activation="relu"))(steps)
    x = k.ConvLSTM2D(3, 3, return_sequences=True)(x)
    x = k.TimeDistributed(k.Flatten())(x)
    x = k.Bidirectional(k.GRU(5, return_sequences=True))(x)
    return keras.Model(steps, k.LSTM(3)(x))


def _operators(k: Layers) -> Any:
    image = keras.Input((8, 8, 4))
    x = keras.ops.relu(image) * 2.0 + keras.ops.mean(image, axis=[1, 2], keepdims=True)
    tokens = keras.ops.reshape(x, (-1, 64, 4))
    scores = keras.ops.matmul(tokens, keras.ops.transpose(tokens, (0, 2, 1)))
    return keras.Model(image, [scores, tokens[:, 0], keras.ops.concatenate([tokens, tokens], axis=-1)])


@pytest.mark.parametrize("build", [_residual, _transformer, _sequence, _operators])
def test_network(tmp_path: Path, build: Callable[[Layers], Any]) -> None:
    model = build(keras.layers)
    network = imported(tmp_path, json.loads(model.to_json()))
    assert network.params == sum(prod(weight.shape) for weight in model.trainable_weights)
    assert network.params + statistics(network) == model.count_params()
    found: dict[str, list[list[int]]] = {}
    for operation in network.operations:
        name = operation.place.split()[1]
        found.setdefault(name, []).extend(sorted(output.shape) for output in operation.outputs)
    for each in model.layers[1:]:
        assert sorted(each.output.shape[1:]) in found[each.name] or each.name.startswith("transpose"), each.name
