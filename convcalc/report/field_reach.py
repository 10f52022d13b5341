"""The reverse of a receptive field: the units of a layer that one pixel can change.

Boxes are not enough, because a dilated kernel skips pixels inside its box. Therefore the pixel is marked, and the marks
move forward through the layers. The marked units of a tensor are a union of products; a product has one set of units
for each axis. A layer maps a product to a product, and a merge makes the union. One set per axis for all branches would
be wrong: a branch may miss the pixel along a single axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from convcalc.analysis import passage
from convcalc.analysis.layout import Layout, Place, axes_of, listed
from convcalc.analysis.position_axes import Flows
from convcalc.analysis.receptive_field import Field, joined_along
from convcalc.analysis.tracks import Box, TooIrregular
from convcalc.arith.shape import Shape
from convcalc.arith.window import ZERO, Window, whole
from convcalc.layers.base import Flow
from convcalc.network.graph import Graph, Node

# Limits: the products of one tensor, and the units along an axis.
MAX_PRODUCTS = 256
MAX_UNITS = 1 << 20


class UnitSet:
    """The marked units along one axis: unit u is marked if bit u of `bits` is set.

    With `is_listed` the units are positions of a list that share a tensor axis with other spatial axes. A position is
    marked only where all of these axes mark it. Until they are combined, no window may read several positions.
    """

    __slots__ = ("units", "bits", "is_listed")

    def __init__(self, units: int, bits: int, *, is_listed: bool = False) -> None:
        self.units = units
        self.bits = bits
        self.is_listed = is_listed

    @property
    def uniform(self) -> bool:
        """Whether all units are marked, or none."""
        return self.bits in (0, (1 << self.units) - 1)

    def through(self, window: Window, units: int) -> UnitSet:
        """The marks on the `units` that read the marked units through a window. Raises TooIrregular."""
        if not window.period or (self.is_listed and window.longest > 1):
            raise TooIrregular
        marked = f"{self.bits:b}"[::-1]  # unit u is character u
        if window.shift == 0 and window.period == 1:
            return UnitSet(units, (1 << units) - 1 if self._reads_mark(marked, window, 0) else 0)
        near = self._near(window, units)
        found = "".join("1" if self._reads_mark(marked, window, unit) else "0" for unit in near)
        return UnitSet(units, int(found[::-1] or "0", 2) << near.start)

    def placed(self, start: int, units: int) -> UnitSet:
        """The marks on an axis of `units` on which these units begin at `start`."""
        return UnitSet(units, self.bits << start)

    def listed(self, units: Sequence[int]) -> UnitSet:
        """The marks on positions; each position has one of these units."""
        marks = "".join("1" if self.bits >> unit & 1 else "0" for unit in reversed(units))
        return UnitSet(len(units), int(marks, 2), is_listed=True)

    def whole(self) -> UnitSet:
        """The mark on a single unit that reads all of these."""
        return UnitSet(1, int(self.bits > 0))

    def hull(self) -> Box:
        """The first and the last marked unit; there is one."""
        return (self.bits & -self.bits).bit_length() - 1, self.bits.bit_length() - 1

    def _reads_mark(self, marked: str, window: Window, unit: int) -> bool:
        """Whether a unit reads a marked one."""
        copies = window.copies(unit, self.units)
        if copies is not None:
            return any(marked[cell : cell + 1] == "1" for cell in copies)
        taps = window.inside(unit, self.units)
        return taps is not None and "1" in marked[taps[0] : taps[1] + 1 : taps[2]]

    def _near(self, window: Window, units: int) -> range:
        """The units whose windows may have a mark; with a border that mirrors pixels these are all units."""
        taps = [taps for taps in window.taps if taps]
        if window.border != ZERO or window.shift == 0 or not self.bits or not taps:
            return range(units)
        low, high = self.hull()
        first = (low - max(last for _, last, _ in taps)) // window.shift
        last = (high - min(first for first, _, _ in taps)) // window.shift
        return range(max(first * window.period, 0), min((last + 1) * window.period, units))


Product = tuple[UnitSet, ...]
MarkedUnits = dict[int, list[Product]]  # by tensor


def reached_units(
    graph: Graph, flows: Flows, fields: Sequence[Field | None], start: int, target: int, pixel: Sequence[int]
) -> list[Product]:
    """The units of tensor `target` that a pixel of tensor `start` can change: the union of these products.

    `fields` are the fields of all tensors towards `start`. Raises TooIrregular.
    """
    source = fields[start]
    assert source is not None  # a tensor depends on itself
    extents = [axis.units for axis in source.axes if axis is not None]
    if max(extents) > MAX_UNITS:
        raise TooIrregular
    found = {start: [tuple(UnitSet(extent, 1 << index) for extent, index in zip(extents, pixel))]}
    count = len(graph.inputs)
    for tensor in range(max(start + 1, count), target + 1):
        node, field = graph.nodes[tensor - count], fields[tensor]
        if field is None:
            continue
        if any(axis is not None and axis.units > MAX_UNITS for axis in field.axes):
            raise TooIrregular
        found[tensor] = _through_node(graph, node, flows[tensor - count], fields, found, field)
    return found[target]


def _through_node(
    graph: Graph, node: Node, flow: tuple[Flow, ...], fields: Sequence[Field | None], marked: MarkedUnits, field: Field
) -> list[Product]:
    """The marked units of a node's output; `marked` has the marked units of the tensors that it reads."""
    union: list[Product] = []
    beside = joined_along(graph, node, flow, fields)
    for read, part in zip(node.reads, flow):
        before = fields[read]
        for product in marked.get(read, ()):
            assert before is not None  # it depends on the pixel
            places = before.places
            moved: tuple[UnitSet | None, ...] = product
            if part is not None:
                places, moved = passage.moved(places, product, part, graph.shape(read), node.output_shape, beside)
            _add(union, _fit(moved, places, field, node.output_shape))
    return union


def _fit(moved: Sequence[UnitSet | None], places: Sequence[Place], field: Field, shape: Shape) -> Product:
    """The marks of one branch on the units of a merge."""
    fitted: list[UnitSet] = []
    for marks, place, wanted, axis in zip(moved, places, field.places, field.axes):
        if marks is None or axis is None:
            raise TooIrregular
        if place != wanted:
            if place is None or marks.uniform:  # the marks are the same at every position
                marks = marks.through(whole(marks.units), axis.units)
            elif isinstance(place, Layout) and wanted in _lists(shape):
                marks = marks.listed(place.units_along(min(place.axes), axis.units))
            else:
                raise TooIrregular
        fitted.append(marks)
    return _combine(fitted, field.places, shape)


def _lists(shape: Shape) -> list[Layout]:
    """The places of units that are listed along one tensor axis."""
    return [listed(axis, length) for axis, length in enumerate(shape)]


def _combine(marks: Sequence[UnitSet], places: Sequence[Place], shape: Shape) -> Product:
    """The marks of each axis; of spatial axes that share one tensor axis, the marks that all of them have."""
    combined = list(marks)
    for place in _lists(shape):
        sharing = [index for index, other in enumerate(places) if axes_of(other) == place.axes]
        if all(places[index] == place for index in sharing):
            bits = reduce(int.__and__, [marks[index].bits for index in sharing], -1)
            for index in sharing:
                combined[index] = UnitSet(marks[index].units, bits)
        elif any(places[index] == place and not marks[index].uniform for index in sharing):
            raise TooIrregular
    return tuple(combined)


def distinct_axes(field: Field, shape: Shape) -> list[int]:
    """The spatial axes whose units are counted separately: of axes listed along one tensor axis, only the first."""
    lists = _lists(shape)
    return [index for index, place in enumerate(field.places) if not (place in lists and place in field.places[:index])]


def _add(union: list[Product], product: Product) -> None:
    """Add a product to a union; where it forms one product with another, join the two."""
    if not all(marks.bits for marks in product):
        return
    for other in union:
        joined = _join(other, product)
        if joined is not None:
            union.remove(other)
            _add(union, joined)
            return
    union.append(product)
    if len(union) > MAX_PRODUCTS:
        raise TooIrregular


def _join(one: Product, other: Product) -> Product | None:
    """The union of two products where that is a product: they differ along one axis, or one contains the other."""
    both = [mine.bits | theirs.bits for mine, theirs in zip(one, other)]
    grown = [sum(marks.bits != bits for marks, bits in zip(product, both)) for product in (one, other)]
    differ = sum(mine.bits != theirs.bits for mine, theirs in zip(one, other))
    if differ > 1 and all(grown):
        return None
    return tuple(UnitSet(marks.units, bits) for marks, bits in zip(one, both))


def hulls(products: Sequence[Product]) -> list[Box]:
    """The first and the last unit along each axis; empty where the pixel reaches none."""
    return [UnitSet(0, reduce(int.__or__, (marks.bits for marks in axis))).hull() for axis in zip(*products)]


def count(products: Sequence[Product], axis: int = 0) -> int:
    """How many units are in the union."""
    if not products:
        return 0
    along = [product[axis].bits for product in products]
    if axis == len(products[0]) - 1:
        return reduce(int.__or__, along).bit_count()
    if len(products) == 1:
        return along[0].bit_count() * count(products, axis + 1)
    alike: dict[tuple[int, ...], int] = {}
    for unit in range(reduce(int.__or__, along).bit_length()):
        members = tuple(index for index, bits in enumerate(along) if bits >> unit & 1)
        alike[members] = alike.get(members, 0) + 1
    return sum(units * count([products[index] for index in members], axis + 1) for members, units in alike.items())
