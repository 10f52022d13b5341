"""Copied into an exported source that needs it."""

import itertools
import math

from convcalc.exporters.pytorch.helpers.unshared_conv import UnsharedConv2d


class TiledConv2d(UnsharedConv2d):
    """A convolution whose weights repeat after a tile of positions."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        tile: tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        self.tile = tile
        sets = math.prod(tile)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            sets,
            stride,
            dilation,
            groups,
            bias * sets,
        )

    def sets(self, positions: tuple[int, ...]) -> list[int]:
        found = []
        for place in itertools.product(*map(range, positions)):
            number = 0
            for index, size in zip(place, self.tile, strict=True):
                number = number * size + index % size
            found.append(number)
        return found
