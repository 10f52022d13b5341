"""Receptive fields against brute force where positions become tokens: every position of every layer."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.analysis.layout import Place
from convcalc.analysis.receptive_field import Field
from convcalc.errors import UsageError
from convcalc.report.field import LayerField
from convcalc.report.field_reach import distinct_axes
from tests.oracles import token_probe as probe
from tests.strategies.token_graphs import Tensor, TokenGraph, token_graphs, word_graphs
from tests.strategies.token_rearranging import REARRANGING

thorough = settings(max_examples=200, deadline=None)


def unit_at(place: Place, position: tuple[int, ...]) -> int | None:
    """The unit of a spatial axis at a position of the tensor; None where its order is not known."""
    if place is None:
        return 0
    if isinstance(place, int):
        return position[place]
    if place.scrambled:
        return None
    unit = 0
    for axis, size, inner in place.digits:
        unit = unit * size + position[axis] // inner % size
    return unit


def check(field: Field | None, tensor: Tensor, clipped: list[int | None] | None) -> int:
    """Compare all that is known with what the probe saw; how many axes are not known."""
    if field is None:
        assert not tensor.marks.any()
        return 0
    unknown = 0
    positions = list(product(*map(range, tensor.lengths)))
    boxes = [probe.box(probe.seen_by(tensor.marks, position)) for position in positions]
    for spatial, (axis, place) in enumerate(zip(field.axes, field.places)):
        assert clipped is not None
        if axis is None or not axis.exact:
            assert clipped[spatial] is None
            unknown += 1
            continue
        extents = [box[spatial] for box in boxes]
        assert clipped[spatial] == max((box[1] - box[0] + 1 for box in extents if box), default=0), (spatial, place)
        for position, box in zip(positions, extents):
            unit = unit_at(place, position)
            assert unit is None or axis.clipped(unit) == box, (spatial, place, position)
    return unknown


def unknown(graph: TokenGraph) -> int:
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    count = 0
    for tensor in graph.tensors:
        row = report.row(tensor.name)
        seen = row.receptive_fields["input"]
        count += check(report.analysis.fields["input"][row.index], tensor, seen and seen.clipped)
    return count


@thorough
@given(token_graphs())
def test_every_position(graph: TokenGraph) -> None:
    unknown(graph)


@thorough
@given(token_graphs(splits=False))
def test_all_is_known_where_no_axis_is_split(graph: TokenGraph) -> None:
    assert unknown(graph) == 0


@thorough
@given(word_graphs())
def test_every_position_of_a_text(graph: TokenGraph) -> None:
    assert unknown(graph) == 0


@thorough
@given(token_graphs(more=REARRANGING))
def test_every_position_where_axes_are_rearranged(graph: TokenGraph) -> None:
    unknown(graph)


def changed(report: Any, layer: str, pixel: tuple[int, int]) -> int | None:
    """How many units of a layer a pixel can change; None where that is not known."""
    try:
        field = LayerField(report, layer, "input")
        field.select_pixel(pixel)
    except UsageError:
        return None
    assert field.pixel is not None
    return field.pixel.count


@thorough
@given(token_graphs(), st.data())
def test_the_positions_that_a_pixel_changes(graph: TokenGraph, data: st.DataObject) -> None:
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    pixel = data.draw(st.tuples(*(st.integers(0, size - 1) for size in report.inputs["input"][1:])))
    for tensor in graph.tensors:
        row = report.row(tensor.name)
        field = report.analysis.fields["input"][row.index]
        if field is None or None in field.axes:
            continue
        units = prod(field.axes[axis].units for axis in distinct_axes(field, row.output_shape))
        count = changed(report, tensor.name, pixel)
        if count is not None and units == prod(tensor.lengths):  # else some positions are not told apart
            assert count == tensor.marks[pixel].sum(), tensor
