"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="convcalc")
class ClassToken(layers.Layer):
    """Puts a learned token before the others."""

    def build(self, input_shape: tuple[Any, ...]) -> None:
        shape = (1, 1, input_shape[-1])
        self.token = self.add_weight(shape=shape, initializer="zeros", name="token")
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        token = ops.broadcast_to(self.token, (ops.shape(x)[0], 1, x.shape[-1]))
        return ops.concatenate([token, x], axis=1)
