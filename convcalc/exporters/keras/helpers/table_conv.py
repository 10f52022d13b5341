"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers, ops

RANK = 2


@keras.saving.register_keras_serializable(package="convcalc")
class TableConv2D(layers.Layer):
    """A convolution in which each output channel reads some of the input channels."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        table: tuple[tuple[int, ...], ...],
        strides: int | tuple[int, ...] = 1,
        dilation_rate: int | tuple[int, ...] = 1,
        use_bias: bool = True,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.filters = filters
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size,) * RANK
        self.kernel_size = tuple(kernel_size)
        self.table = table
        self.strides = strides
        self.dilation_rate = dilation_rate
        self.use_bias = use_bias
        self.data_format = data_format or keras.config.image_data_format()

    def build(self, input_shape: tuple[Any, ...]) -> None:
        shape = (*self.kernel_size, sum(map(len, self.table)))
        self.kernel = self.add_weight(shape=shape, name="kernel")
        if self.use_bias:
            shape = (self.filters,)
            self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        axis = -1 if self.data_format == "channels_last" else 1
        maps, first = [], 0
        for row in self.table:
            kernel = self.kernel[..., first : first + len(row), None]
            first += len(row)
            read = ops.take(x, list(row), axis=axis)
            maps.append(
                ops.conv(
                    read,
                    kernel,
                    strides=self.strides,
                    data_format=self.data_format,
                    dilation_rate=self.dilation_rate,
                )
            )
        y = ops.concatenate(maps, axis=axis)
        if not self.use_bias:
            return y
        ones = (1,) * RANK
        is_last = self.data_format == "channels_last"
        return y + ops.reshape(self.bias, (1, *ones, -1) if is_last else (1, -1, *ones))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "table": self.table,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "use_bias": self.use_bias,
            "data_format": self.data_format,
        }
