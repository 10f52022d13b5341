"""The values between layers, each with the order of its axes, and the operations that compute them.

A layer of Keras reads and gives axes in an order of its own: channels last, mostly. Those of an operation are channels
first. A value knows which axis of ours each axis of Keras is, so that a translation can use the axes of Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from convcalc.arith.shape import Shape

Order = tuple[int, ...]
LAST, FIRST = "channels_last", "channels_first"


class BrokenLayer(Exception):
    """A layer that does not fit what it reads, or whose configuration makes no sense.

    `is_placed` where the message names the layer already.
    """

    is_placed = False


class NoCounterpart(Exception):
    """A layer that the language does not have."""


class Value(NamedTuple):
    """A value: its name and shape as in the operations, and for each axis of Keras, without the batch, its axis here.

    `origin` is the value of an open order that this one comes from, unchanged: an input, a reshaped vector.
    """

    name: str
    shape: Shape
    order: Order
    origin: str = ""

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def sizes(self) -> Shape:
        """The sizes in the order of Keras, without the batch."""
        return tuple(self.shape[axis] for axis in self.order)

    def axis(self, axis: int) -> int:
        """The axis here of an axis of Keras, counted with the batch."""
        rank = self.rank + 1
        if isinstance(axis, bool) or not isinstance(axis, int) or not -rank < axis < rank or axis == 0:
            raise BrokenLayer(f"axis {axis} is not one of the {rank} axes of what it reads, behind the batch")
        return self.order[axis % rank - 1]


def channels_first(rank: int, data_format: str = LAST) -> Order:
    """The order of a map of that rank whose channels come first here."""
    return (*range(1, rank), 0) if data_format == LAST and rank > 1 else tuple(range(rank))


def straight(rank: int) -> Order:
    """The order of Keras itself."""
    return tuple(range(rank))


def default_order(rank: int) -> Order:
    """The usual order of a value: tokens, or a map whose channels are last."""
    return channels_first(rank) if rank > 2 else straight(rank)


def placed(sizes: Sequence[int], order: Order) -> Shape:
    """Sizes of Keras in the order here."""
    shape = [0] * len(order)
    for size, axis in zip(sizes, order):
        shape[axis] = size
    return tuple(shape)
