"""Copied into an exported source that needs it."""

import itertools

from convcalc.exporters.pytorch.helpers.locally_connected import LocallyConnected2d


class RegionalConv2d(LocallyConnected2d):
    """A convolution with weights of its own for each region of a grid."""

    def sets(self, positions: tuple[int, ...]) -> list[int]:
        found = []
        for place in itertools.product(*map(range, positions)):
            number = 0
            for index, size, count in zip(place, positions, self.grid, strict=True):
                number = number * count + index * count // size
            found.append(number)
        return found
