"""Padding in Keras: in the window itself where that pads as the spec does, else in a layer before it."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from convcalc.exporters.python.code import Call, given
from convcalc.layers.parameters import Pads

VALID, SAME, LAYER = "valid", "same", "layer"


def is_nothing(pads: Pads) -> bool:
    """Whether no cell is added or cut."""
    return not any(map(any, pads))


def padding_of(size: int, out: int, kernel: int, stride: int, dilation: int, pad: tuple[int, int]) -> set[str]:
    """What gives the output of one axis in Keras: no padding, `same`, or neither.

    >>> padding_of(8, 8, 3, 1, 1, (1, 1)), padding_of(8, 4, 3, 2, 1, (1, 1)), padding_of(8, 6, 3, 1, 1, (0, 0))
    ({'same'}, set(), {'valid'})
    """
    extent = (kernel - 1) * dilation + 1
    found = set()
    if not any(pad) and out == (size - extent) // stride + 1:
        found.add(VALID)
    missing = max((out - 1) * stride + extent - size, 0)
    if out == ceil(size / stride) and missing // 2 == pad[0]:
        found.add(SAME)
    return found


def of_axes(found: Iterable[set[str]]) -> set[str]:
    """What gives the output of all axes: no padding, `same`, or a layer before the window."""
    return set.intersection(*found) or {LAYER}


def of_uses(uses: list[tuple[set[str], bool]]) -> list[str]:
    """One kind for all uses of an entry where that can be. Each use has its kinds, and whether it is padded at all."""
    for kind in (VALID, SAME):
        if all(kind in kinds for kinds, _ in uses):
            return [kind] * len(uses)
    others = SAME if all(SAME in kinds for kinds, is_padded in uses if is_padded) else LAYER
    return [others if is_padded or VALID not in kinds else VALID for kinds, is_padded in uses]


def needed(size: int, out: int, kernel: int, stride: int, dilation: int, pad: tuple[int, int]) -> tuple[int, int]:
    """The cells that a window without padding needs before and after an axis for an output of that size."""
    after = (out - 1) * stride + (kernel - 1) * dilation + 1 - size - pad[0]
    return pad[0], max(after, 0) if after > pad[1] else pad[1]


def zero_padding(pads: Pads) -> Call:
    """The layer that adds zeros around a map."""
    return Call(f"layers.ZeroPadding{len(pads)}D", (given(_written(pads), "padding"),))


def cropping(cuts: Pads) -> Call:
    """The layer that cuts cells at the ends of a map."""
    return Call(f"layers.Cropping{len(cuts)}D", (given(_written(cuts), "cropping"),))


def _written(pads: Pads) -> object:
    """One number where all sides are equal; a pair for each axis else."""
    if len({cells for pair in pads for cells in pair}) == 1:
        return pads[0][0]
    if len(pads) == 1:
        return tuple(pads[0])
    if all(before == after for before, after in pads):
        return tuple(before for before, _ in pads)
    return tuple(tuple(pair) for pair in pads)
