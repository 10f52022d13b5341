"""Receptive fields of every layer of a graph: a walk that follows the positions of an input through each tensor.

For each spatial axis of the input, a field holds what units see along it, and the place of these units in the tensor.
A layer's flow gives the input axis that each output axis reads. If no output axis reads an input axis, its positions
are mixed, and from there on every unit sees all of them. After Araujo, Norris and Sim, "Computing
Receptive Fields of Convolutional Neural Networks", Distill 2019, made exact by position.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from convcalc.analysis import passage
from convcalc.analysis.axis_field import AxisField, of_input
from convcalc.analysis.joining import positions_along
from convcalc.analysis.layout import Layout, Place, axes_of, listed
from convcalc.analysis.position_axes import Flows, position_axes
from convcalc.analysis.tracks import TooIrregular
from convcalc.analysis.unclipped import Work
from convcalc.arith.shape import Shape
from convcalc.arith.window import whole
from convcalc.layers.base import Flow
from convcalc.network.graph import Graph, Node
from convcalc.plain_tuple import PlainTuple


class Field(PlainTuple):
    """What a tensor sees of one input: along spatial axis i, its units see `axes[i]`, and are at `places[i]`.

    An axis is None where its boxes are not known.
    """

    places: tuple[Place, ...]
    axes: tuple[AxisField | None, ...]

    @property
    def in_order(self) -> bool:
        """Whether the units of every spatial axis are in the order of the image, along one tensor axis."""
        return set(map(type, self.places)) <= {int}

    def spatial_axis(self, axis: int) -> int | None:
        """The spatial axis whose units are in order along a tensor axis."""
        return self.places.index(axis) if axis in self.places else None

    @property
    def places_are_known(self) -> bool:
        """Whether the place of every axis is known: None is one only for an axis whose boxes are known."""
        return all(place is not None or axis is not None for place, axis in zip(self.places, self.axes))

    @property
    def aligned(self) -> bool | None:
        """Whether all paths agree in stride and centre; None where that is not known."""
        known = [axis.aligned if axis is not None else None for axis in self.axes]
        return None if None in known else all(known)


# Whether a tensor may have a field.
Accepts = Callable[[int, Field | None], bool]


class Walk:
    """The fields of every tensor, up to `last`, towards tensor `start`, an input or the output of a node.

    None where a tensor does not depend on it.
    """

    __slots__ = ("_spent", "_work", "fields", "flows", "graph", "start")

    def __init__(self, graph: Graph, flows: Flows, start: int, last: int | None = None) -> None:
        self.graph = graph
        self.flows = flows
        self.start = start
        shape = graph.shape(start)
        first = max(start - len(graph.inputs) + 1, 0)  # nodes before it cannot read it
        self.fields: list[Field | None] = [None] * (len(graph.inputs) + first)
        positions = position_axes(graph, flows, start)
        # Axes of equal length share one object, so that square images are walked once.
        self._work = Work(len(graph.nodes))
        lengths = {shape[axis]: of_input(shape[axis], self._work) for axis in positions}
        self.fields[start] = Field(tuple(positions), tuple([lengths[shape[axis]] for axis in positions]))
        self._spent = [0] * len(self.fields)  # the boxes that were looked at for each tensor
        end = len(graph.inputs) + len(graph.nodes) if last is None else last + 1
        for _ in range(len(self.fields), end):
            self._go_on()

    def _go_on(self) -> Field | None:
        """Add the field of the next tensor."""
        left, index = self._work.left, len(self.fields) - len(self.graph.inputs)
        field = _of_node(self.graph, self.graph.nodes[index], self.flows[index], self.fields)
        self.fields.append(field)
        self._spent.append(left - self._work.left)
        return field

    def with_flows(self, flows: Flows, accepts: Accepts) -> Walk | None:
        """The whole walk where some windows move; None as soon as it does not accept a field that may be another one.

        Only what depends on the moved windows is walked again, unless the bound on the boxes comes into play: it counts
        those of a whole walk.
        """
        count, work = len(self.graph.inputs), self._work
        if work.exhausted:
            return self._anew(flows, accepts)
        left, work.left = work.left, Work(len(self.graph.nodes)).left
        walk, start = object.__new__(Walk), self.start + 1
        walk.graph, walk.start, walk.flows, walk._work = self.graph, self.start, flows, work
        walk.fields, walk._spent = self.fields[:start], self._spent[:start]
        moved: set[int] = set()
        try:
            for tensor in range(start, len(self.fields)):
                index = tensor - count
                if index < 0 or (flows[index] is self.flows[index] and moved.isdisjoint(self.graph.nodes[index].reads)):
                    walk.fields.append(self.fields[tensor])
                    walk._spent.append(self._spent[tensor])
                    work.left -= self._spent[tensor]
                elif walk._go_on() is not self.fields[tensor]:
                    moved.add(tensor)
                    if work.exhausted or work.left < 0:
                        return self._anew(flows, accepts)
                    if not accepts(tensor, walk.fields[tensor]):
                        return None
            return walk
        finally:
            work.left, work.exhausted = left, False

    def _anew(self, flows: Flows, accepts: Accepts) -> Walk | None:
        """The walk with other flows, from its start."""
        walk = Walk(self.graph, flows, self.start, self.start)
        for tensor in range(len(walk.fields), len(self.fields)):
            if not accepts(tensor, walk._go_on()):
                return None
        return walk


def _of_node(graph: Graph, node: Node, flow: tuple[Flow, ...], earlier: Sequence[Field | None]) -> Field | None:
    if len(node.reads) == 1:
        field = earlier[node.reads[0]]
        beside = None if field is None or None not in field.places else joined_along(graph, node, flow, earlier)
        return _through(field, flow[0], graph.shape(node.reads[0]), node.output_shape, beside)
    branches = [field for field in moved(graph, node, flow, earlier) if field is not None]
    if not branches:
        return None
    result = branches[0]
    for other in branches[1:]:
        if other is not result:
            result = _merge(result, other, node.output_shape)
    return result


def moved(graph: Graph, node: Node, flow: tuple[Flow, ...], earlier: Sequence[Field | None]) -> list[Field | None]:
    """What each tensor that a node reads brings to its output; None where it does not depend on the input."""
    beside = joined_along(graph, node, flow, earlier)
    shapes = graph.input_shapes(node)
    return [
        _through(earlier[tensor], part, shape, node.output_shape, beside)
        for tensor, part, shape in zip(node.reads, flow, shapes)
    ]


def _through(field: Field | None, flow: Flow, shape: Shape, output: Shape, beside: int | None) -> Field | None:
    if field is None or flow is None:
        return field
    return Field(*passage.moved(field.places, field.axes, flow, shape, output, beside))


def joined_along(graph: Graph, node: Node, flow: tuple[Flow, ...], earlier: Sequence[Field | None]) -> int | None:
    """The axis along which a node joins positions; None where it joins none, UNCERTAIN where it may join some."""
    if not any(flow):
        return None
    read = [earlier[tensor] for tensor in node.reads]
    places = [field.places if field else () for field in read]
    certain = _joins_channels(read, node.output_shape)
    return positions_along(flow, places, graph.input_shapes(node), node.output_shape, certain=certain)


def _joins_channels(read: Sequence[Field | None], output: Shape) -> bool:
    """Whether a layer joins channels for sure along an axis where no tensor that it reads has positions.

    Where all positions are mixed, the axis may have been theirs. That makes no difference where all tensors see the
    same, and a vector has channels alone.
    """
    fields = [field for field in read if field is not None]
    if not all(field.places_are_known for field in fields):
        return False
    if any(place is not None for field in fields for place in field.places) or sum(size > 1 for size in output) < 2:
        return True
    return len(fields) == len(read) and all(_sees_the_same(fields[0], field) for field in fields[1:])


def _sees_the_same(one: Field, other: Field) -> bool:
    """Whether two tensors without positions see the same."""
    return all(
        mine is theirs or (mine is not None and theirs is not None and mine.clipped(0) == theirs.clipped(0))
        for mine, theirs in zip(one.axes, other.axes)
    )


def _merge(one: Field, other: Field, shape: Shape) -> Field:
    """What a merge of two branches sees: the hull of their boxes, position by position."""
    places: list[Place] = []
    axes: list[AxisField | None] = []
    done: dict[tuple[int, int], AxisField | None] = {}
    for mine, theirs, place, their_place in zip(one.axes, other.axes, one.places, other.places):
        if mine is None or theirs is None:
            joined = None
        elif place == their_place:
            # Both axes of a square image share their boxes.
            key = id(mine), id(theirs)
            if key not in done:
                done[key] = mine.joined(theirs)
            joined = done[key]
        else:
            place, joined = _joined(mine, place, theirs, their_place, shape)
        places.append(place)
        axes.append(joined)
    return _apart(Field(tuple(places), tuple(axes)), shape)


def _joined(
    mine: AxisField, place: Place, theirs: AxisField, their_place: Place, shape: Shape
) -> tuple[Place, AxisField | None]:
    """The hull of units that two branches have in different places, and its place."""
    try:
        if their_place is None or (theirs.uniform and place is not None):
            return place, mine.joined(theirs.through(whole(theirs.units), mine.units))
        if place is None or mine.uniform:
            return their_place, theirs.joined(mine.through(whole(mine.units), theirs.units))
        axes = axes_of(place)
        if len(axes) == 1 and axes == axes_of(their_place):
            (axis,) = axes
            length = shape[axis]
            return listed(axis, length), _listed(mine, place, length).joined(_listed(theirs, their_place, length))
    except TooIrregular:
        pass
    return None, None


def _listed(along: AxisField, place: Place, length: int) -> AxisField:
    """The field of each position of a tensor axis, from units that are spread along it."""
    return along.listed(place.units_along(next(iter(place.axes)), length)) if isinstance(place, Layout) else along


def _apart(field: Field, shape: Shape) -> Field:
    """The same field, but units of two spatial axes that share a tensor axis are no longer in order."""
    places = [place for place in field.places if isinstance(place, int)]
    shared = {place for place in places if places.count(place) > 1}
    if not shared:
        return field
    return Field(tuple([listed(p, shape[p]) if p in shared else p for p in field.places]), field.axes)
