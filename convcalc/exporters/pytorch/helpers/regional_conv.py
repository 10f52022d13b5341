"""Copied into an exported source that needs it."""

import itertools
import math

from convcalc.exporters.pytorch.helpers.unshared_conv import UnsharedConv2d


class RegionalConv2d(UnsharedConv2d):
    """A convolution with weights of its own for each region of a grid."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        regions: tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        self.regions = regions
        sets = math.prod(regions)
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
            for index, size, count in zip(place, positions, self.regions, strict=True):
                number = number * count + index * count // size
            found.append(number)
        return found
