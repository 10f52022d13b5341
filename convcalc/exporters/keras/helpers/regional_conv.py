"""Copied into an exported source that needs it, behind LocallyConnected2D."""

import itertools
from typing import Any

import keras

from convcalc.exporters.keras.helpers.locally_connected import LocallyConnected2D


@keras.saving.register_keras_serializable(package="convcalc")
class RegionalConv2D(LocallyConnected2D):
    """A convolution with weights of its own for each region of a grid."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        grid: tuple[int, ...],
        **options: Any,
    ) -> None:
        super().__init__(filters, kernel_size, **options)
        self.grid = tuple(grid)

    def sets(self) -> list[int]:
        found = []
        for position in itertools.product(*map(range, self.positions)):
            number = 0
            axes = zip(position, self.positions, self.grid, strict=True)
            for place, size, cells in axes:
                number = number * cells + place * cells // size
            found.append(number)
        return found

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grid": self.grid}
