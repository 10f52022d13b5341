"""Copied into an exported source that needs it."""

import itertools

from convcalc.exporters.pytorch.helpers.locally_connected import LocallyConnected2d


class TiledConv2d(LocallyConnected2d):
    """A convolution whose weights repeat after a tile of positions."""

    def sets(self, positions: tuple[int, ...]) -> list[int]:
        found = []
        for place in itertools.product(*map(range, positions)):
            number = 0
            for index, size in zip(place, self.grid, strict=True):
                number = number * size + index % size
            found.append(number)
        return found
