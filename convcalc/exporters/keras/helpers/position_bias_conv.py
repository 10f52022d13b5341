"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers, ops

RANK = 2


@keras.saving.register_keras_serializable(package="convcalc")
class PositionBiasConv2D(layers.Layer):
    """A convolution with a bias for each channel of each position."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        dilation_rate: int | tuple[int, ...] = 1,
        groups: int = 1,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.filters = filters
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size,) * RANK
        self.kernel_size = tuple(kernel_size)
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.groups = groups
        self.data_format = data_format or keras.config.image_data_format()

    def build(self, input_shape: tuple[Any, ...]) -> None:
        channels = input_shape[-1 if self.data_format == "channels_last" else 1]
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        positions = self.convolved(keras.KerasTensor(input_shape)).shape[1:]
        self.bias = self.add_weight(shape=positions, initializer="zeros", name="bias")
        self.built = True

    def convolved(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return ops.conv(
            x,
            self.kernel,
            strides=self.strides,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return self.convolved(x) + self.bias

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "data_format": self.data_format,
        }
