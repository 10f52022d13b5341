"""Shapes: tuples of positive integers, without a batch axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from math import prod

Shape = tuple[int, ...]

SPATIAL_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
# What a position along each spatial axis is called.
POSITIONS = {1: ("position",), 2: ("row", "column"), 3: ("slice", "row", "column")}


def elements(shape: Shape) -> int:
    """How many numbers a tensor of this shape holds.

    >>> elements((3, 4))
    12
    """
    return prod(shape)


def format_shape(shape: Iterable[int]) -> str:
    """The shape as people write it.

    >>> format_shape((3, 227, 227))
    '3x227x227'
    """
    return "x".join(str(size) for size in shape)


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The common shape of element-wise operands, aligned at the last axis as PyTorch and NumPy do it.

    Raises ValueError when two sizes of an axis differ and neither is 1.

    >>> broadcast([(16, 1, 1), (16, 8, 8)])
    (16, 8, 8)
    """
    result: list[int] = []
    for sizes in zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        distinct = {size for size in sizes if size != 1}
        if len(distinct) > 1:
            raise ValueError("shapes do not broadcast")
        result.append(distinct.pop() if distinct else 1)
    return tuple(reversed(result))


def named_sizes(shape: Shape, prefix: str) -> dict[str, int]:
    """The sizes of a shape by the names that expressions have for them.

    >>> named_sizes((3, 32, 16), "in")
    {'in_channels': 3, 'in_features': 16, 'in_height': 32, 'in_width': 16}
    """
    names = {f"{prefix}_channels": shape[0], f"{prefix}_features": shape[-1]}
    spatial = shape[1:]
    if len(spatial) in SPATIAL_NAMES:
        names.update((f"{prefix}_{name}", size) for name, size in zip(SPATIAL_NAMES[len(spatial)], spatial))
    return names


def spatial_names(rank: int) -> tuple[str, ...]:
    """The names of the axes after the channels: height and width for an image."""
    return SPATIAL_NAMES.get(rank) or tuple(f"axis{axis}" for axis in range(1, rank + 1))
