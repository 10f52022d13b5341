"""Copied into an exported source that needs it."""

import itertools
import math
from typing import Any

import keras
from keras import layers, ops

RANK = 2


@keras.saving.register_keras_serializable(package="convcalc")
class LocallyConnected2D(layers.Layer):
    """A convolution with weights of its own for each position."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        dilation_rate: int | tuple[int, ...] = 1,
        groups: int = 1,
        use_bias: bool = True,
        shared_bias: bool = False,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.filters = filters
        self.kernel_size = self.per_axis(kernel_size)
        self.strides = self.per_axis(strides)
        self.dilation_rate = self.per_axis(dilation_rate)
        self.groups = groups
        self.use_bias = use_bias
        self.shared_bias = shared_bias
        self.data_format = data_format or keras.config.image_data_format()
        self.positions: tuple[int, ...] = ()

    @staticmethod
    def per_axis(value: int | tuple[int, ...]) -> tuple[int, ...]:
        return (value,) * RANK if isinstance(value, int) else tuple(value)

    def sets(self) -> list[int]:
        """The set of weights of each position, in the order of rows."""
        return list(range(math.prod(self.positions)))

    def build(self, input_shape: tuple[Any, ...]) -> None:
        is_last = self.data_format == "channels_last"
        channels = input_shape[-1 if is_last else 1]
        sizes = input_shape[1:-1] if is_last else input_shape[2:]
        self.positions = tuple(
            (size - spread * (taps - 1) - 1) // step + 1
            for size, taps, step, spread in zip(
                sizes, self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        )
        sets = max(self.sets()) + 1
        taps = math.prod(self.kernel_size)
        shape = (sets, taps, channels // self.groups, self.filters)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        if self.use_bias:
            biases = 1 if self.shared_bias else sets
            self.bias = self.add_weight(
                shape=(biases, self.filters), initializer="zeros", name="bias"
            )
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        if self.data_format == "channels_first":
            x = ops.moveaxis(x, 1, -1)
        windows = [
            x[self.cells(tap)]
            for tap in itertools.product(*map(range, self.kernel_size))
        ]
        count, taps = math.prod(self.positions), len(windows)
        x = ops.stack(windows, axis=-2)
        x = ops.reshape(x, (-1, count, taps, self.groups, x.shape[-1] // self.groups))
        kernel = ops.take(self.kernel, self.sets(), axis=0)
        kernel = ops.reshape(kernel, (count, taps, x.shape[-1], self.groups, -1))
        y = ops.einsum("nptgc,ptcgo->npgo", x, kernel)
        y = ops.reshape(y, (-1, count, self.filters))
        if self.use_bias:
            bias = self.bias
            y += bias if self.shared_bias else ops.take(bias, self.sets(), axis=0)
        y = ops.reshape(y, (-1, *self.positions, self.filters))
        return ops.moveaxis(y, -1, 1) if self.data_format == "channels_first" else y

    def cells(self, tap: tuple[int, ...]) -> tuple[slice, ...]:
        """The cells of the input that a tap of the kernel reads."""
        axes = zip(tap, self.dilation_rate, self.positions, self.strides, strict=True)
        return (
            slice(None),
            *(
                slice(place * spread, place * spread + (size - 1) * step + 1, step)
                for place, spread, size, step in axes
            ),
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "use_bias": self.use_bias,
            "shared_bias": self.shared_bias,
            "data_format": self.data_format,
        }
