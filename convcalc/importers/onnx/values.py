"""The values of an ONNX graph: constants, and what depends on an input.

ONNX has a batch axis, and may have the channels last; the language has neither. A live value keeps both forms: its
shape in ONNX, its own shape in the language, and where each axis of the one is in the other. So an axis that moves
costs nothing until an operation needs the new order, and the batch axis may be anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from convcalc.arith.shape import Shape
from convcalc.importers.onnx.model import FLOAT, INTEGERS, Node, Numbers

BATCH = -1  # in place of an axis of the language


class Merged(NamedTuple):
    """The axis of ONNX that the batch is joined into, and how many places of that axis are before the batch."""

    axis: int
    before: int


@dataclass(slots=True, eq=False)
class Constant:
    """A value that is known before the network runs; `data` are its numbers, None where they were not read.

    `name` and `stored` are the tensor of the file whose elements it has. `is_learned` where that is an initializer of
    floats, and not a constant of the code.
    """

    shape: Shape
    dtype: int
    data: Numbers | None
    name: str
    stored: Shape
    is_learned: bool = False
    given: dict[Shape, Live] = field(default_factory=dict)

    @property
    def is_integer(self) -> bool:
        """Whether it holds whole numbers or truth values."""
        return self.dtype in INTEGERS

    @property
    def is_single(self) -> bool:
        """Whether it is one number, which is known."""
        return self.data is not None and prod(self.shape) == 1


@dataclass(slots=True, eq=False)
class Live:
    """A value that depends on an input, or an operation that gives a constant.

    `own` is its shape in the language, as the operation `name` gives it. `axes` has the axis of `own` for each axis of
    ONNX, or BATCH. `settled` is the same value with its axes in the order of ONNX; `node` moved them.
    """

    name: str
    shape: Shape
    own: Shape
    axes: tuple[int, ...]
    dtype: int = FLOAT
    merged: Merged | None = None
    settled: Live | None = None
    node: Node | None = None

    @property
    def batch(self) -> int | None:
        """The axis of ONNX that is the batch."""
        return self.axes.index(BATCH) if BATCH in self.axes else None

    @property
    def is_settled(self) -> bool:
        """Whether its axes are in the order of ONNX."""
        order = [axis for axis in self.axes if axis != BATCH]
        return order == sorted(order)

    @property
    def is_channels_last(self) -> bool:
        """Whether the channels, first in the language, are last in ONNX."""
        rank = len(self.own)
        return rank > 1 and self.axes == (BATCH, *range(1, rank), 0)


Value = Constant | Live


def numbered(rank: int, batch: int | None) -> tuple[int, ...]:
    """The axes of a settled value of that many axes.

    >>> numbered(3, 1)
    (0, -1, 1)
    """
    if batch is None:
        return tuple(range(rank))
    return tuple(BATCH if axis == batch else axis - (axis > batch) for axis in range(rank))
