"""Where the elements of a rearranged tensor come from, as indices of the flat list of its elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from convcalc.arith.shape import Shape
from convcalc.importers.onnx.errors import Unmatched


def places(shape: Shape, wanted: Shape) -> Iterator[int]:
    """The elements of a tensor that is broadcast to a shape.

    >>> list(places((2, 1), (2, 3)))
    [0, 0, 0, 1, 1, 1]
    """
    padded = (1,) * (len(wanted) - len(shape)) + shape
    steps = [prod(padded[axis + 1 :]) if size > 1 else 0 for axis, size in enumerate(padded)]
    for index in product(*map(range, wanted)) if 0 not in wanted else ():
        yield sum(map(int.__mul__, index, steps))


def sliced(shape: Shape, chosen: Sequence[Sequence[int]]) -> Iterator[int]:
    """The elements of a tensor at the chosen places of each axis.

    >>> list(sliced((2, 3), [[1], [0, 2]]))
    [3, 5]
    """
    steps = [prod(shape[axis + 1 :]) for axis in range(len(shape))]
    for index in product(*chosen) if all(chosen) else ():
        yield sum(map(int.__mul__, index, steps))


def joined(shapes: Sequence[Shape], axis: int) -> tuple[Shape, Iterator[tuple[int, int]]]:
    """The shape of tensors joined along an axis, and for each place the number of a tensor and its element."""
    first = shapes[0]
    for shape in shapes:
        if len(shape) != len(first) or shape[:axis] + shape[axis + 1 :] != first[:axis] + first[axis + 1 :]:
            raise Unmatched("the shapes of constants cannot be joined")
    blocks = [prod(shape[axis:]) for shape in shapes]

    def order() -> Iterator[tuple[int, int]]:
        for row in range(prod(first[:axis])):
            for number, block in enumerate(blocks):
                yield from ((number, row * block + at) for at in range(block))

    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :]), order()
