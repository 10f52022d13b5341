"""Copied into an exported source that needs it."""

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="convcalc")
class LocalResponseNorm(layers.Layer):
    """Divides each value by the energy of the neighbouring channels."""

    def __init__(
        self,
        size: int,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: float = 1.0,
        axis: int = -1,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k
        self.axis = axis

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        energy = ops.moveaxis(ops.square(x), self.axis, -1)
        channels = energy.shape[-1]
        before = self.size // 2
        widths = [(0, 0)] * (len(x.shape) - 1) + [(before, self.size - 1 - before)]
        energy = ops.pad(energy, widths)
        total = sum(energy[..., start : start + channels] for start in range(self.size))
        scale = self.k + self.alpha / self.size * ops.moveaxis(total, -1, self.axis)
        return x / scale**self.beta

    def get_config(self) -> dict[str, Any]:
        names = ("size", "alpha", "beta", "k", "axis")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
