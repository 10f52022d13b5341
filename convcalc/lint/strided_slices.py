"""What slices with a step take of a map, all of them together: often several take turns, as even and odd rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from convcalc.arith.shape import Shape
from convcalc.layers.slicing import Slice
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

# More places are not examined one by one.
MAX_PLACES = 1 << 16


class Rest(NamedTuple):
    """What slices leave of a tensor: `unread` of the positions of a part of these `sizes`; `row` is the last slice."""

    row: Row
    tensor: int
    sizes: Shape
    unread: int


class _View(NamedTuple):
    """A slice, or a slice of a slice: the places that it takes along each axis of the tensor that is cut."""

    row: Row
    places: tuple[range, ...]


def rests(network: Network) -> Iterator[Rest]:
    """What slices with a step leave of each tensor that only slices read.

    A single slice takes every other position on purpose; several are written to take all.
    """
    slices = network.of(Slice)
    if all(row.config["step"] == 1 for row in slices):
        return
    cut: dict[int, list[Row]] = {}
    for row in slices:
        source = network.reads(row)[0]
        if source is None or not isinstance(source.facts.layer, Slice):
            cut.setdefault(network.node(row).reads[0], []).append(row)
    for tensor, rows in cut.items():
        if not _is_read_elsewhere(network, tensor, rows):
            whole = tuple(map(range, rows[0].input_shapes[0]))
            views = [view for row in rows for view in _views(network, row, whole)]
            has_steps = any(places.step > 1 for view in views for places in view.places)
            sizes, unread = _left(views, whole) if has_steps and len(views) > 1 else ((), 0)
            if unread:
                yield Rest(max((view.row for view in views), key=lambda row: row.index), tensor, sizes, unread)


def _is_read_elsewhere(network: Network, tensor: int, rows: list[Row]) -> bool:
    """Whether other layers read a tensor, or the tensor that it was made from without a parameter."""
    first = len(network.graph.inputs)
    if tensor < first:
        return any(tensor in network.node(row).reads for row in network.rows if row not in rows)
    source: Row | None = network.rows[tensor - first]
    readers = rows
    while source is not None:
        if source in network.outputs or any(row not in readers for row in network.readers(source)):
            return True
        if source.facts.layer.has_parameters or len(network.reads(source)) != 1:
            return False
        readers = [source]
        source = network.reads(source)[0]
    return False


def _views(network: Network, row: Row, places: tuple[range, ...]) -> Iterator[_View]:
    """What a slice takes of these places, or the slices behind it where only these read it."""
    layer, size = row.facts.layer, row.input_shapes[0]
    assert isinstance(layer, Slice)
    axis = layer.axis % len(size)
    kept = layer.places(size[axis])
    taken = (*places[:axis], places[axis][kept.start : kept.stop : kept.step], *places[axis + 1 :])
    readers = network.readers(row)
    if not readers or row in network.outputs or any(not isinstance(each.facts.layer, Slice) for each in readers):
        yield _View(row, taken)
    else:
        for reader in readers:
            yield from _views(network, reader, taken)


def _left(views: Sequence[_View], whole: Sequence[range]) -> tuple[Shape, int]:
    """The sizes of the part that the views are cut from, along the axes that they cut, and the positions they leave."""
    axes = [_part(places, of) for *places, of in zip(*(view.places for view in views), whole)]
    cut = [axis for axis, hull in enumerate(axes) if any(view.places[axis] != hull for view in views)]
    sizes = tuple([len(axes[axis]) for axis in cut])
    if sum(sizes) * len(views) > MAX_PLACES:
        return sizes, 0
    # Places of an axis that the same views take are counted together.
    classes = [Counter(tuple([place in view.places[axis] for view in views]) for place in axes[axis]) for axis in cut]
    unread = 0
    for combination in product(*(each.items() for each in classes)):
        if not any(map(all, zip(*(taken for taken, _ in combination)))):
            unread += prod(count for _, count in combination)
    return sizes, unread


def _part(places: Sequence[range], whole: range) -> range:
    """From the first place that is taken to the step behind the last; the rest is cut off on purpose."""
    return whole[min(each[0] for each in places) : max(each[-1] + each.step for each in places)]
