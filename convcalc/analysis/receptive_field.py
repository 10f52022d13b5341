"""Receptive fields of every layer of a graph: a walk that carries the meaning of each tensor's axes.

Every tensor axis either carries the positions of one spatial axis of the input, or several that were folded together
(their order is lost), or none (channels). A layer's flow says where each output axis takes its positions from; an
input axis that no output axis takes up is mixed, and from there on every unit sees all of it. After Araujo, Norris and
Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019, made exact by position.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

from convcalc.analysis.axis_field import AxisField, Work, of_input
from convcalc.analysis.tracks import TooIrregular
from convcalc.arith.shape import Shape
from convcalc.arith.window import Window, whole
from convcalc.layers.base import Link, Unknown, Unordered
from convcalc.network.graph import Graph, Node

Carriers = tuple["int | frozenset[int] | None", ...]


class Axis(Protocol):
    """What is carried along one spatial axis: boxes of the input, or anything else that moves as they do."""

    units: int

    @property
    def uniform(self) -> bool: ...
    def through(self, window: Window, units: int) -> Self: ...
    def placed(self, start: int, units: int) -> Self: ...
    def whole(self) -> Self: ...


A = TypeVar("A", bound=Axis)


class Field:
    """What a tensor sees of one input.

    `carriers[a]` is the spatial axis of the input whose positions tensor axis `a` carries, a set of them where they
    were folded together, or None. `axes[i]` are the boxes along spatial axis i; None where they are not known.
    """

    __slots__ = ("carriers", "axes")

    def __init__(self, carriers: Carriers, axes: tuple[AxisField | None, ...]) -> None:
        self.carriers = carriers
        self.axes = axes

    def in_order(self, axis: int) -> bool:
        """Whether positions of a spatial axis still lie in order along some tensor axis."""
        return axis in self.carriers

    @property
    def aligned(self) -> bool | None:
        """Whether all paths agree in stride and centre; None where that is not known."""
        known = [axis.aligned if axis is not None else None for axis in self.axes]
        return None if None in known else all(known)


def fields(graph: Graph, flows: Sequence[tuple[object, ...]], name: str) -> list[Field | None]:
    """The field of every node towards the input `name`; None where a node does not depend on it."""
    return fields_from(graph, flows, list(graph.inputs).index(name))[len(graph.inputs) :]


def fields_from(
    graph: Graph, flows: Sequence[tuple[object, ...]], start: int, last: int | None = None
) -> list[Field | None]:
    """The field of every tensor, up to `last`, towards tensor `start`, an input or what a node writes.

    None where there is none.
    """
    shape = graph.shape(start)
    first = max(start - len(graph.inputs) + 1, 0)  # nodes before it cannot read it
    found: list[Field | None] = [None] * (len(graph.inputs) + first)
    positions = _position_axes(graph, flows, start, shape)
    carriers: list[int | frozenset[int] | None] = [None] * len(shape)
    for index, axis in enumerate(positions):
        carriers[axis] = index
    # Axes of equal length share one object, so that square images are walked once.
    work = Work(len(graph.nodes))
    lengths = {shape[axis]: of_input(shape[axis], work) for axis in positions}
    found[start] = Field(tuple(carriers), tuple(lengths[shape[axis]] for axis in positions))
    end = None if last is None else last - len(graph.inputs) + 1
    for node, flow in zip(graph.nodes[first:end], flows[first:end]):
        found.append(_of_node(graph, node, flow, found))
    return found


def _position_axes(graph: Graph, flows: Sequence[tuple[object, ...]], tensor: int, shape: Shape) -> list[int]:
    """The axes of an input that are positions: all but the channels.

    A matrix is [channels, length] or [tokens, features]; the first layer that treats its axes differently tells.
    """
    if len(shape) == 2:
        same = {tensor}
        for index, (node, flow) in enumerate(zip(graph.nodes, flows)):
            for read, part in zip(node.reads, flow):
                if read in same:
                    if part is None:
                        same.add(graph.tensor_of(index))
                        continue
                    assert isinstance(part, tuple)
                    taken = {link.axis for link in part if isinstance(link, Link)}
                    if len(taken) == 1:
                        return sorted(taken)
    return list(range(1, len(shape)))


def _of_node(graph: Graph, node: Node, flow: tuple[object, ...], found: list[Field | None]) -> Field | None:
    moved: list[Field] = []
    for tensor, part in zip(node.reads, flow):
        field = found[tensor]
        if field is not None:
            moved.append(through_layer(field, part, graph.shape(tensor), node.output_shape))
    if not moved:
        return None
    result = moved[0]
    for other in moved[1:]:
        if other is not result:
            result = _merge(result, other)
    return result


def through_layer(field: Field, flow: object, shape: Shape, output: Shape) -> Field:
    """A field seen through one layer, from a tensor of `shape` to one of shape `output`."""
    if flow is None:
        return field
    return Field(*move(field.carriers, field.axes, flow, shape, output))  # type: ignore[arg-type]


def move(
    before: Carriers, seen: Sequence[A | None], flow: tuple[Link | Unordered | None, ...], shape: Shape, output: Shape
) -> tuple[Carriers, tuple[A | None, ...]]:
    """The carriers, and what is carried along each spatial axis, on the other side of one layer."""
    axes = list(seen)
    carriers: list[int | frozenset[int] | None] = []
    done: dict[tuple[int, int, int, int], A | None] = {}
    taken: set[int] = set()
    for size, part in zip(output, flow):
        if part is None:
            carriers.append(None)
        elif type(part) is Link:
            taken.add(part.axis)
            carrier = before[part.axis]
            carriers.append(carrier)
            if type(carrier) is int:
                along = seen[carrier]
                if along is not None and (part.window is not None or part.start or along.units != size):
                    key = (id(along), id(part.window), size, part.start)
                    if key not in done:
                        done[key] = _through(along, part, size)
                    axes[carrier] = done[key]
            elif carrier is not None:
                for axis in carrier:  # type: ignore[union-attr]  # a set: no integer, no None
                    axes[axis] = _of_lost(seen[axis], part, size, size != shape[part.axis])
        else:
            assert isinstance(part, Unordered)
            taken.update(part.axes)
            carriers.append(_union(before[axis] for axis in part.axes))
            if type(part) is Unknown:
                axes = [None] * len(axes)
    for axis, carrier in enumerate(before):
        if carrier is not None and axis not in taken:
            kept = _all_of(carriers)
            for index in (carrier,) if isinstance(carrier, int) else carrier:
                along = seen[index]
                # Positions of which a part is still carried elsewhere are mixed only in part: no closed form is known.
                axes[index] = None if along is None or index in kept else along.whole()
    return tuple(carriers), tuple(axes)


def _through(field: A, link: Link, units: int) -> A | None:
    try:
        if link.window is not None:
            return field.through(link.window, units)
        return field.placed(link.start, units)
    except TooIrregular:
        return None


def _of_lost(field: A | None, link: Link, units: int, concatenated: bool) -> A | None:
    """Positions out of order: passed on, concatenated, or read by a window over all of them; no other is known."""
    if field is None:
        return None
    try:
        if link.window is not None:
            # Where all see the same, neither their order nor which of them are read makes a difference.
            known = link.window.shift == 0 or field.uniform
            return field.through(whole(field.units), field.units) if known else None
        return field.placed(link.start, units) if concatenated else field
    except TooIrregular:
        return None


def _union(carriers: object) -> frozenset[int] | None:
    members = _all_of(carriers)
    return frozenset(members) if members else None


def _all_of(carriers: object) -> set[int]:
    members: set[int] = set()
    for carrier in carriers:  # type: ignore[attr-defined]  # any iterable of carriers
        if isinstance(carrier, int):
            members.add(carrier)
        elif carrier is not None:
            members |= carrier
    return members


def _merge(one: Field, other: Field) -> Field:
    """What a merge of two branches sees: the hull of their boxes, position by position."""
    carriers: list[int | frozenset[int] | None] = []
    for mine, theirs in zip(one.carriers, other.carriers):
        if mine == theirs or theirs is None:
            carriers.append(mine)
        elif mine is None:
            carriers.append(theirs)
        else:
            carriers.append(_union((mine, theirs)))
    axes: list[AxisField | None] = []
    done: dict[tuple[int, int], AxisField | None] = {}
    for axis, (mine_axis, their_axis) in enumerate(zip(one.axes, other.axes)):
        key = (id(mine_axis), id(their_axis))
        if key not in done:
            done[key] = _join(one, other, axis)
        axes.append(done[key])
    return Field(tuple(carriers), tuple(axes))


def _join(one: Field, other: Field, axis: int) -> AxisField | None:
    mine, theirs = one.axes[axis], other.axes[axis]
    if mine is None or theirs is None:
        return None
    if mine is theirs:
        return mine
    try:
        if mine.units == theirs.units:
            return mine.joined(theirs)
        # A branch that has lost the axis altogether is one unit that every position of the other sees.
        if theirs.units == 1 and not _carries(other, axis):
            return mine.joined(theirs.through(whole(1), mine.units))
        if mine.units == 1 and not _carries(one, axis):
            return mine.through(whole(1), theirs.units).joined(theirs)
        return None
    except TooIrregular:
        return None


def _carries(field: Field, axis: int) -> bool:
    return axis in _all_of(field.carriers)
