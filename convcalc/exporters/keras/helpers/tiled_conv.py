"""Copied into an exported source that needs it, behind LocallyConnected2D."""

import itertools
from typing import Any

import keras

from convcalc.exporters.keras.helpers.locally_connected import LocallyConnected2D


@keras.saving.register_keras_serializable(package="convcalc")
class TiledConv2D(LocallyConnected2D):
    """A convolution whose weights repeat after a whole number of tiles."""

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
            for place, cells in zip(position, self.grid, strict=True):
                number = number * cells + place % cells
            found.append(number)
        return found

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grid": self.grid}
