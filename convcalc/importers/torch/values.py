"""The values of a network that is being translated, and where the batch axis of each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from convcalc.arith.shape import Shape
from convcalc.importers.network import Tensor

LIVE, LEARNED, FIXED = "live", "learned", "fixed"


@dataclass(slots=True, frozen=True)
class Value:
    """A tensor of the source.

    `shape` is that of the source; `batch` is the axis of it that is the batch, None where no axis is. `origin` says
    what it depends on: LIVE on an input of the network, LEARNED on parameters, FIXED on numbers alone. `tensor` is the
    parameter or buffer that it is itself.
    """

    name: str
    shape: Shape
    batch: int | None = None
    origin: str = LIVE
    tensor: Tensor | None = None
    dtype: str = "float32"

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def sample(self) -> Shape:
        """The shape of one sample; a single number is a vector of one."""
        return without(self.shape, self.batch) or (1,)

    def axis(self, axis: int) -> int:
        """The axis of the sample that an axis of the source is. Not for the batch axis itself."""
        axis %= max(self.rank, 1)
        return axis - (self.batch is not None and axis > self.batch)

    def is_batch(self, axis: int) -> bool:
        return self.batch is not None and axis % max(self.rank, 1) == self.batch


def without(shape: Sequence[int], axis: int | None) -> Shape:
    return tuple(size for index, size in enumerate(shape) if index != axis)


def batch_after_reshape(value: Value, shape: Shape) -> int | None:
    """The axis that is the batch after a reshape; None where it is merged with another, or was nowhere before."""
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    if value.batch is None:
        if value.origin != LIVE or len(ones) <= sum(size == 1 for size in value.shape):
            return None
        return ones[0]
    before = prod(value.shape[: value.batch])
    return next((axis for axis in ones if prod(shape[:axis]) == before), None)
