"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="convcalc")
class GlobalResponseNorm(layers.Layer):
    """Scales each channel by its norm over the map, compared with the mean of all."""

    def __init__(self, epsilon: float = 1e-6, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.epsilon = epsilon
        self.axis = axis

    def build(self, input_shape: tuple[Any, ...]) -> None:
        shape = [1] * len(input_shape)
        shape[self.axis] = input_shape[self.axis]
        self.gamma = self.add_weight(shape=shape[1:], initializer="zeros", name="gamma")
        self.beta = self.add_weight(shape=shape[1:], initializer="zeros", name="beta")
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        rank = len(x.shape)
        axes = [place for place in range(1, rank) if place != self.axis % rank]
        norm = ops.sqrt(ops.sum(ops.square(x), axis=axes, keepdims=True))
        mean = ops.mean(norm, axis=self.axis, keepdims=True)
        return self.gamma * (x * norm / (mean + self.epsilon)) + self.beta + x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon, "axis": self.axis}
