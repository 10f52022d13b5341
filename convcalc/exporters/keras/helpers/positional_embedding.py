"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="convcalc")
class PositionalEmbedding(layers.Layer):
    """Adds a learned tensor of the shape of the input."""

    def build(self, input_shape: tuple[Any, ...]) -> None:
        shape = input_shape[1:]
        self.position = self.add_weight(
            shape=shape, initializer="zeros", name="position"
        )
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x + self.position
