"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import initializers, layers


@keras.saving.register_keras_serializable(package="convcalc")
class LayerScale(layers.Layer):
    """Multiplies each channel by a learned factor."""

    def __init__(self, init_value: float, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.init_value = init_value
        self.axis = axis

    def build(self, input_shape: tuple[Any, ...]) -> None:
        shape = [1] * len(input_shape)
        shape[self.axis] = input_shape[self.axis]
        constant = initializers.Constant(self.init_value)
        self.gamma = self.add_weight(
            shape=shape[1:], initializer=constant, name="gamma"
        )
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x * self.gamma

    def get_config(self) -> dict[str, Any]:
        own = {"init_value": self.init_value, "axis": self.axis}
        return {**super().get_config(), **own}
