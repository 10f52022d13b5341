"""Brute force for tensors whose axes are folded, split, cut and joined: every pixel is marked at once.

`Marks` is [height, width, *shape] for a tensor of `shape`: true where a pixel changes a position. The axis of the
channels has length 1, for a unit is all channels at its position. Each function says what one layer does, straight
from its definition.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.oracles.boolean_probe import Booleans, Sources

Marks = Booleans
IMAGE = 2  # the axes of the image before those of the tensor


def image(height: int, width: int) -> Marks:
    """The input itself, [1, height, width]."""
    return np.eye(height * width, dtype=np.bool_).reshape(height, width, 1, height, width)


def reshaped(marks: Marks, shape: Sequence[int]) -> Marks:
    return marks.reshape(*marks.shape[:IMAGE], *shape)


def permuted(marks: Marks, axes: Sequence[int]) -> Marks:
    return marks.transpose(*range(IMAGE), *(IMAGE + axis for axis in axes))


def reading(marks: Marks, axis: int, sources: Sources) -> Marks:
    """What output positions see that read these lists of positions along an axis."""
    reads = [marks.take(np.array(read, dtype=np.intp), IMAGE + axis).any(IMAGE + axis) for read in sources]
    return np.stack(reads, IMAGE + axis)


def any_of(marks: Marks, axis: int) -> Marks:
    """One position along an axis, which sees what any of them sees."""
    found: Marks = np.logical_or.reduce(marks, IMAGE + axis, keepdims=True)
    return found


def without(marks: Marks, axis: int) -> Marks:
    """The same without an axis of length 1."""
    return marks.squeeze(IMAGE + axis)


def mixed(marks: Marks, axis: int) -> Marks:
    """Every position along an axis sees what any of them sees."""
    return np.broadcast_to(any_of(marks, axis), marks.shape)


def concatenated(parts: Sequence[Marks], axis: int) -> Marks:
    return np.concatenate(parts, IMAGE + axis)


def blind(like: Marks, axis: int, length: int) -> Marks:
    """As many positions along an axis that see nothing, as of learned tokens."""
    shape = [*like.shape]
    shape[IMAGE + axis] = length
    return np.zeros(shape, np.bool_)


def seen_by(marks: Marks, position: Sequence[int]) -> Booleans:
    """The pixels, [height, width], that a position sees."""
    return reshaped(marks, [-1])[..., int(np.ravel_multi_index(tuple(position), marks.shape[IMAGE:]))]


def box(seen: Booleans) -> list[tuple[int, int] | None]:
    """The first and last row and column of the pixels [height, width] that a position sees."""
    found = [np.flatnonzero(seen.any(1 - axis)) for axis in range(IMAGE)]
    return [(int(places[0]), int(places[-1])) if places.size else None for places in found]
