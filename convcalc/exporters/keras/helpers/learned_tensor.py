"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="convcalc")
class LearnedTensor(layers.Layer):
    """A learned tensor, the same for each sample of what it reads."""

    def __init__(self, shape: tuple[int, ...], **options: Any) -> None:
        super().__init__(**options)
        self.shape = tuple(shape)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        self.tensor = self.add_weight(
            shape=self.shape, initializer="zeros", name="tensor"
        )
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return ops.broadcast_to(self.tensor, (ops.shape(x)[0], *self.shape))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "shape": self.shape}
