"""The reverse of a receptive field: which units of a layer one pixel can change.

Boxes do not tell: a dilated kernel skips pixels inside its box. So the pixel is marked and the marks are carried
forward. What a layer makes of a product of marks along each axis is a product again, and a merge unites products; a
list of products, not one set for each axis, keeps a branch that misses the pixel along one axis out of all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from convcalc.analysis.alignment import Flows
from convcalc.analysis.receptive_field import Carriers, Field, move
from convcalc.analysis.tracks import Box, TooIrregular
from convcalc.arith.window import ZERO, Window, whole
from convcalc.network.graph import Graph

# Beyond these, what a pixel changes is not told: products of one tensor, and units along an axis.
MAX_PRODUCTS = 256
MAX_UNITS = 1 << 20


class UnitSet:
    """Which of the units along one axis are marked: bit u of `bits` stands for unit u."""

    __slots__ = ("units", "bits")

    def __init__(self, units: int, bits: int) -> None:
        self.units = units
        self.bits = bits

    @property
    def uniform(self) -> bool:
        """Whether all units are marked, or none."""
        return self.bits in (0, (1 << self.units) - 1)

    def through(self, window: Window, units: int) -> UnitSet:
        """The marks on `units` that read these through a window. Raises TooIrregular."""
        if not window.period:
            raise TooIrregular
        marked = f"{self.bits:b}"[::-1]  # character u stands for unit u
        if window.shift == 0 and window.period == 1:
            return UnitSet(units, (1 << units) - 1 if self._meets(marked, window, 0) else 0)
        near = self._near(window, units)
        found = "".join("1" if self._meets(marked, window, unit) else "0" for unit in near)
        return UnitSet(units, int(found[::-1] or "0", 2) << near.start)

    def placed(self, start: int, units: int) -> UnitSet:
        return UnitSet(units, self.bits << start)

    def whole(self) -> UnitSet:
        return UnitSet(1, int(self.bits > 0))

    def hull(self) -> Box:
        """The first and the last marked unit; there is one."""
        return (self.bits & -self.bits).bit_length() - 1, self.bits.bit_length() - 1

    def _meets(self, marked: str, window: Window, unit: int) -> bool:
        """Whether a unit reads one that is marked."""
        taps = window.inside(unit, self.units)
        return taps is not None and "1" in marked[taps[0] : taps[1] + 1 : taps[2]]

    def _near(self, window: Window, units: int) -> range:
        """The units whose windows may hold a mark; a border that mirrors pixels brings any of them near."""
        taps = [taps for taps in window.taps if taps]
        if window.border != ZERO or window.shift == 0 or not self.bits or not taps:
            return range(units)
        low, high = self.hull()
        first = (low - max(last for _, last, _ in taps)) // window.shift
        last = (high - min(first for first, _, _ in taps)) // window.shift
        return range(max(first * window.period, 0), min((last + 1) * window.period, units))


Product = tuple[UnitSet, ...]


def reached(
    graph: Graph, flows: Flows, fields: Sequence[Field | None], start: int, target: int, pixel: Sequence[int]
) -> list[Product]:
    """The units of tensor `target` that a pixel of tensor `start` can change: the union of these products.

    `fields` are those of all tensors towards `start`. Raises TooIrregular.
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
        union: list[Product] = []
        for read, part in zip(node.reads, flows[tensor - count]):
            for product in found.get(read, ()):
                moved: tuple[UnitSet | None, ...] = product
                if part is not None:
                    moved = move(_carriers(fields[read]), product, part, graph.shape(read), node.output_shape)[1]
                _add(union, _fitted(moved, field))
        found[tensor] = union
    return found[target]


def _carriers(field: Field | None) -> Carriers:
    assert field is not None  # what was reached depends on the pixel
    return field.carriers


def _fitted(moved: Sequence[UnitSet | None], field: Field) -> Product:
    """The marks on the units of `field`: one that lost its positions is seen by every position of the others."""
    fitted: list[UnitSet] = []
    for marks, axis in zip(moved, field.axes):
        if marks is not None and axis is not None and marks.units == 1:
            marks = marks.through(whole(1), axis.units)
        if marks is None or axis is None or marks.units != axis.units:
            raise TooIrregular
        fitted.append(marks)
    return tuple(fitted)


def _add(union: list[Product], product: Product) -> None:
    """Add a product to a union, joined with another where the two together are a product again."""
    if not all(marks.bits for marks in product):
        return
    for other in union:
        joined = _joined(other, product)
        if joined is not None:
            union.remove(other)
            _add(union, joined)
            return
    union.append(product)
    if len(union) > MAX_PRODUCTS:
        raise TooIrregular


def _joined(one: Product, other: Product) -> Product | None:
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
    """How many units the union holds."""
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
