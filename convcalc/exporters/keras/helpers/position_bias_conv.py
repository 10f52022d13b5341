"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="convcalc")
class PositionBiasConv2D(layers.Conv2D):
    """A convolution with a bias for each channel of each position."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        use_bias: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, use_bias=False, **options)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        super().build(input_shape)
        shape = self.compute_output_shape(input_shape)[1:]
        self.position_bias = self.add_weight(
            shape=shape, initializer="zeros", name="position_bias"
        )

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return super().call(x) + self.position_bias
