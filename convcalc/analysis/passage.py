"""Moves the units of each spatial axis through one layer: to their place in its output, with what they see there.

A unit sees a box of the input, or anything else that moves in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Protocol, Self, TypeVar

from convcalc import bounds
from convcalc.analysis.grid import without_grid
from convcalc.analysis.joining import UNCERTAIN
from convcalc.analysis.layout import (
    Digit,
    Layout,
    Place,
    Regrouping,
    axes_of,
    listed,
    mixed,
    mixed_in_place,
    regrouped,
    simplest,
)
from convcalc.analysis.tracks import TooIrregular
from convcalc.arith.shape import Shape
from convcalc.arith.window import Window, whole
from convcalc.layers.base import Dropped, Link, Part, Single, Unknown, Unordered


class Axis(Protocol):
    """What the units along one spatial axis see, one each."""

    units: int

    @property
    def uniform(self) -> bool: ...
    def through(self, window: Window, units: int) -> Self: ...
    def placed(self, start: int, units: int) -> Self: ...
    def listed(self, units: Sequence[int]) -> Self: ...
    def whole(self) -> Self: ...


A = TypeVar("A", bound=Axis)


class Passage:
    """A layer and one tensor that it reads, of `shape`; its output has the shape `output`.

    `beside` is the output axis along which the layer puts other positions beside those of this tensor, if there is one;
    UNCERTAIN where there may be one.
    """

    __slots__ = ("flow", "links", "dropped", "groups", "unknown", "shape", "output", "beside")

    def __init__(self, flow: Sequence[Part], shape: Shape, output: Shape, beside: int | None) -> None:
        self.flow = flow
        self.shape = shape
        self.output = output
        self.beside = beside
        self.links: dict[int, int] = {}  # by input axis, the output axis that reads it
        self.unknown: set[int] = set()  # input axes whose positions are read in an unknown order
        self.dropped: dict[int, int] = {}  # the position that is read of an input axis that is gone
        groups: dict[tuple[int, ...], list[int]] = {}
        for axis, part in enumerate(flow):
            if type(part) is Link:
                self.links[part.axis] = axis
            elif type(part) is Dropped:
                self.dropped[part.axis] = part.place
            elif isinstance(part, Unordered):
                if type(part) is Unknown:
                    self.unknown.update(part.axes)
                groups.setdefault(part.axes, []).append(axis)
        self.groups = [Regrouping(old, tuple(new)) for old, new in groups.items()]

    def move(
        self, places: tuple[Place, ...], seen: Sequence[A | None]
    ) -> tuple[tuple[Place, ...], tuple[A | None, ...]]:
        """The places of the units of each spatial axis in the output, and what they see; None if that is not known."""
        result: list[Place] = []
        axes: list[A | None] = []
        done: dict[tuple[int, int, int, int], A | None] = {}
        links = self.links
        for place, along in zip(places, seen):
            axis = links.get(place) if type(place) is int else None
            moved: A | None = None
            if self.unknown and self._loses(place):
                place = None
            elif along is None:
                place = axis
            elif axis is None:
                place, moved = self._of_axis(place, along)
            else:
                link, size = self.flow[axis], self.output[axis]
                assert isinstance(link, Link)
                # Axes of a square image share one object, which is moved once.
                key = id(along), id(link.window), size, link.start
                if key not in done:
                    done[key] = _known(along, link, size)
                place, moved = axis, done[key]
            result.append(place)
            axes.append(moved)
        moved_places = tuple(result)
        # Most layers leave the places as they are: then all fields share them.
        return places if places == moved_places else moved_places, tuple(axes)

    def _loses(self, place: Place) -> bool:
        """Whether units of this place are read in a way that is not known."""
        return place is None or not self.unknown.isdisjoint(axes_of(place))

    def _of_axis(self, place: Place, along: A) -> tuple[Place, A | None]:
        """The units of a spatial axis that are not in order along one axis, before or after the layer."""
        try:
            if place is None:
                return self._of_unplaced(along)
            if isinstance(place, int):
                place = Layout((Digit(place, self.shape[place], 1),))
            for axis in place.axes & self.dropped.keys():
                place, along = self._mixed(place, along, {axis}, self.dropped[axis])
            if not place.digits:
                return None, along
            read = {*self.links, *(axis for group in self.groups for axis in group.old)}
            if not place.axes & read:
                return None, along.whole()
            if not place.axes <= read:
                place, along = self._mixed(place, along, place.axes - read)
            if not place.axes <= self.links.keys():
                return regrouped(place, self.groups, self.links, self.shape, self.output), along
            changed = [axis for axis in place.axes if self._changes(axis)]
            if changed:
                return self._of_layout(place, along, changed)
            return simplest(place.renamed(self.links), self.output), along
        except TooIrregular:
            return None, None

    def _of_unplaced(self, along: A) -> tuple[Place, A]:
        """The one unit of all positions: positions that the layer puts beside them do not see it."""
        if self.beside is None:
            return None, along
        if self.beside == UNCERTAIN:
            raise TooIrregular
        part, length = self.flow[self.beside], self.output[self.beside]
        if isinstance(part, Single):
            return listed(self.beside, length), along.through(whole(along.units), 1).placed(part.start, length)
        assert isinstance(part, Link)
        spread = along.through(whole(along.units), self.shape[part.axis])
        return listed(self.beside, length), through_link(spread, part, length)

    def _mixed(self, place: Layout, along: A, axes: set[int], read: int | None = None) -> tuple[Layout, A]:
        """The units that remain when the layer mixes the positions along some of their tensor axes, or reads one."""
        if along.uniform and place.axes - axes:  # then their order makes no difference
            return everywhere({axis: self.shape[axis] for axis in place.axes - axes}, along)
        place, steps = mixed(place, axes, read)
        for step in steps:
            along = along.through(step.window, step.units)
        return place, along

    def _of_layout(self, place: Layout, along: A, changed: Sequence[int]) -> tuple[Place, A]:
        """Units that are not in order, read through windows or put beside others along the axes `changed`."""
        if along.uniform and place.scrambled:  # then their order makes no difference
            place, along = everywhere({axis: self.shape[axis] for axis in place.axes}, along)
        sizes = {self.links[each]: self._link(each)[1] for each in place.axes}
        if all(map(self._reads_all, place.axes)):
            # Then all see the same, and their order makes no difference.
            if all(self._link(each)[1] == self.shape[each] for each in place.axes):
                return place.renamed(self.links), along.through(whole(along.units), along.units)
            return everywhere(sizes, along)
        attended = {each for each in changed if self._reads_all(each)}
        if attended:
            return self._of_attended(place, along, attended, [each for each in changed if each not in attended])
        results = [through_link(self._positions(place, along, each), *self._link(each)) for each in changed]
        if len(place.axes) > 1:
            if not all(result.uniform for result in results):
                raise TooIrregular
            return everywhere(sizes, results[0])
        axis = self.links[changed[0]]
        return listed(axis, sizes[axis]), results[0]

    def _of_attended(self, place: Layout, along: A, attended: set[int], changed: Sequence[int]) -> tuple[Place, A]:
        """Units that read all positions along the axes `attended`, each from its place along the other axes."""
        if all(self._link(axis)[1] == self.shape[axis] for axis in attended):
            units, windows = mixed_in_place(place, attended)
            for window in windows:
                along = along.through(window, units)
        else:
            place, along = self._mixed(place, along, attended)
        if changed:
            return self._of_layout(place, along, changed)
        return simplest(place.renamed(self.links), self.output), along

    def _positions(self, place: Layout, along: A, axis: int) -> A:
        """What each position of a tensor axis sees."""
        length = self.shape[axis]
        if along.uniform:
            return along.through(whole(along.units), length)
        return along.listed(place.units_along(axis, length))

    def _link(self, axis: int) -> tuple[Link, int]:
        """The link to an input axis, and the size of the output axis that has it."""
        read_by = self.links[axis]
        link = self.flow[read_by]
        assert isinstance(link, Link)
        return link, self.output[read_by]

    def _changes(self, axis: int) -> bool:
        link, size = self._link(axis)
        return size != self.shape[axis] or not (link.window is None or link.window.is_identity)

    def _reads_all(self, axis: int) -> bool:
        link, size = self._link(axis)
        return link.window is not None and link.window.reads_all(size, self.shape[axis])


def moved(
    places: tuple[Place, ...],
    seen: tuple[A | None, ...],
    flow: Sequence[Part],
    shape: Shape,
    output: Shape,
    beside: int | None,
) -> tuple[tuple[Place, ...], tuple[A | None, ...]]:
    """The units of each spatial axis moved through a layer: their places in its output, and what they see."""
    for passage in _passages(flow, shape, output, beside):
        places, seen = passage.move(places, seen)
    return places, seen


# By the identity of a flow, the shapes and `beside`: equal layers share their flow. The value keeps the flow alive.
_PASSAGES: dict[tuple[int, Shape, Shape, int | None], tuple[Sequence[Part], list[Passage]]] = {}


def _passages(flow: Sequence[Part], shape: Shape, output: Shape, beside: int | None) -> list[Passage]:
    """The steps through a layer: one, or two where it has a grid of windows."""
    key = id(flow), shape, output, beside
    found = _PASSAGES.get(key)
    if found is None:
        steps = [Passage(part, before, after, beside) for part, before, after in without_grid(flow, shape, output)]
        found = bounds.emptied(_PASSAGES)[key] = flow, steps
    return found[1]


def everywhere(sizes: Mapping[int, int], along: A) -> tuple[Layout, A]:
    """Units that all see the same, as many as the positions along tensor axes of these sizes."""
    digits = [Digit(axis, size, 1) for axis, size in sorted(sizes.items())]
    return Layout(tuple(digits), ordered=False), along.through(whole(along.units), prod(sizes.values()))


def _known(along: A, link: Link, size: int) -> A | None:
    try:
        return through_link(along, link, size)
    except TooIrregular:
        return None


def through_link(along: A, link: Link, size: int) -> A:
    """What `size` output positions see through a link to positions in order. Raises TooIrregular."""
    window = link.window
    if along.units == size and (window is None or window.is_identity):
        return along
    return along.through(window, size) if window is not None else along.placed(link.start, size)
