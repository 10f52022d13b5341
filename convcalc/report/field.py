"""The pixels of an input or of another layer that one layer's units see, and the units that a pixel changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.analysis.alignment import Merge, misaligned
from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.receptive_field import Field, Walk
from convcalc.analysis.tracks import Box, TooIrregular
from convcalc.arith.shape import POSITIONS, format_shape
from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.report.field_reach import count, distinct_axes, hulls, reached_units
from convcalc.report.gaps import reason_without_window, rows_upstream
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.report import Report

Index = tuple[int, ...]
Boxes = tuple["Box | None", ...]


class Unit:
    """One unit of the layer's map and its box, a pair of first and last pixel for each axis.

    A box is None if the unit sees only padding; `unclipped` is None if the boxes outside the image are not known.
    """

    __slots__ = ("index", "clipped", "unclipped")

    def __init__(self, index: Index, axes: Sequence[AxisField]) -> None:
        self.index = index
        self.clipped: Boxes = tuple(axis.clipped(unit) for axis, unit in zip(axes, index))
        known = all(axis.tracks for axis in axes)
        self.unclipped: Boxes | None = tuple(axis.unclipped(unit) for axis, unit in zip(axes, index)) if known else None

    def to_dict(self) -> dict[str, Any]:
        unclipped = None if self.unclipped is None else list(map(_pair, self.unclipped))
        return {"index": list(self.index), "clipped": list(map(_pair, self.clipped)), "unclipped": unclipped}


@dataclass(frozen=True, slots=True)
class Pixel:
    """One pixel and the units that it can change: the first and last along each axis, and their number.

    `units` is empty if it changes none. The range of `units` may have more than `count` units, because dilation and
    strides leave gaps.
    """

    index: Index
    units: tuple[Box, ...]
    count: int

    def to_dict(self) -> dict[str, Any]:
        units = list(map(_pair, self.units)) if self.count else None
        return {"index": list(self.index), "units": units, "count": self.count}


class LayerField:
    """The receptive fields of one layer's units, towards the tensor named `source`.

    `unit` or `pixel` is the selected one; `extents` are the sizes of the source, `units` those of the layer's map.
    """

    def __init__(self, report: Report, layer: str, source: str | None = None) -> None:
        self.report = report
        self.row = report.row(layer)
        self._tensor = report.graph.tensor_of(self.row.index)
        self._start = self._source(source)
        self._flows = [row.facts.flow for row in report.rows]
        self._fields = Walk(report.graph, self._flows, self._start, max(self._start, self._tensor)).fields
        self.source = report.graph.tensor_name(self._start)
        self.axes = self._axes(self._fields[self._tensor])
        self.units = tuple(axis.units for axis in self.axes)
        self.extents = tuple(axis.extent for axis in self.axes)
        self.unit: Unit | None = None
        self.pixel: Pixel | None = None

    def _source(self, name: str | None) -> int:
        """The tensor of that name; without one the first input that the layer depends on."""
        graph = self.report.graph
        if name is None:
            fields = self.report.analysis.fields
            seen = [tensor for tensor, found in enumerate(fields.values()) if found[self.row.index] is not None]
            return seen[0] if seen else 0
        names = [*graph.inputs, *(node.name for node in graph.nodes)]
        if name not in names:
            raise UsageError(f"there is no input or layer `{name}`", nearest(name, names))
        return names.index(name)

    def _axes(self, field: Field | None) -> list[AxisField]:
        if field is None:
            raise UsageError(f"`{self.row.name}` does not depend on `{self.source}`", "name a layer that it depends on")
        if not field.axes:
            shape = format_shape(self.report.graph.shape(self._start))
            raise UsageError(f"`{self.source}` is a vector of {shape}: it has no positions")
        known = [axis for axis in field.axes if axis is not None and axis.exact]
        if len(known) < len(field.axes):
            inputs = len(self.report.graph.inputs)
            between = [row for row in rows_upstream(self.report, [self.row.index]) if row.index > self._start - inputs]
            reason = reason_without_window(between)
            problem = f"are not known: {reason}" if reason else "are too irregular to be listed"
            raise UsageError(f"the boxes of `{self.row.name}` {problem}")
        self.figures = ReceptiveField(field)
        return known

    @property
    def source_shape(self) -> tuple[int, ...]:
        return self.report.graph.shape(self._start)

    @property
    def positions(self) -> tuple[str, ...]:
        """The words for the positions along each axis."""
        rank = len(self.axes)
        if rank not in POSITIONS:
            return tuple(f"axis {axis}" for axis in range(1, rank + 1))
        return tuple(f"{word}s" for word in POSITIONS[rank])

    @property
    def shown_unit(self) -> Unit:
        """The selected unit, or the central one."""
        return self.unit or Unit(tuple(units // 2 for units in self.units), self.axes)

    # -- one unit, one pixel -----------------------------------------------------------------------------------------

    def select_unit(self, index: Index) -> None:
        """Select a unit. Raises UsageError when there is no such unit."""
        self._check(index, self.units, "unit", self.row.name)
        self.unit = Unit(index, self.axes)

    def select_pixel(self, index: Index) -> None:
        """Select a pixel. Raises UsageError when there is no such pixel."""
        self._check(index, self.extents, "pixel", self.source)
        try:
            found = reached_units(self.report.graph, self._flows, self._fields, self._start, self._tensor, index)
        except TooIrregular:
            raise UsageError(f"the units of `{self.row.name}` are too many or too irregular to be listed") from None
        field = self._fields[self._tensor]
        assert field is not None  # its boxes are known
        axes = distinct_axes(field, self.row.output_shape)
        self.pixel = Pixel(
            index, tuple(hulls(found)), count([tuple(product[axis] for axis in axes) for product in found])
        )

    def _check(self, index: Index, sizes: Index, what: str, of: str) -> None:
        help = ", ".join(f"{word} 0 to {size - 1}" for word, size in zip(self.positions, sizes))
        given = ",".join(map(str, index))
        if len(index) != len(sizes):
            numbers = "one number" if len(sizes) == 1 else f"{len(sizes)} numbers"
            raise UsageError(f"a {what} of `{of}` is {numbers}, not {given}", f"{of} has {help}")
        if not all(0 <= place < size for place, size in zip(index, sizes)):
            raise UsageError(f"there is no {what} {given} in `{of}`", f"it has {help}")

    def merges(self) -> list[Merge]:
        """The merges, up to the layer, where alignment is lost; none where the layer is aligned."""
        if self.figures.aligned:
            return []
        return misaligned(Walk(self.report.graph, self._flows, self._start), self._tensor)

    @property
    def has_branches(self) -> bool:
        """Whether the layer, or one before it, reads several tensors."""
        return any(len(row.inputs) > 1 for row in rows_upstream(self.report, [self.row.index]))

    # -- all units -----------------------------------------------------------------------------------------------------

    def clipped(self, axis: AxisField) -> Iterator[list[int] | None]:
        """The box of each unit along an axis, one at a time."""
        return (_pair(axis.clipped(unit)) for unit in range(axis.units))

    def unclipped(self, axis: AxisField) -> Iterator[list[int] | None] | None:
        """The boxes not cut at the border, one at a time; None where they are not known."""
        return (_pair(axis.unclipped(unit)) for unit in range(axis.units)) if axis.tracks else None

    def selected(self) -> dict[str, Any]:
        """The selected unit and pixel, as plain values."""
        selected = {"unit": self.unit, "pixel": self.pixel}
        return {name: value.to_dict() for name, value in selected.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """The data of `field --format json`."""
        unclipped = [self.unclipped(axis) for axis in self.axes]
        return {
            "layer": self.row.name,
            "input": self.source,
            **self.report.graph.changed,
            "clipped": [list(self.clipped(axis)) for axis in self.axes],
            "unclipped": [boxes and list(boxes) for boxes in unclipped],
            **self.selected(),
        }


def _pair(box: Box | None) -> list[int] | None:
    return None if box is None else list(box)
