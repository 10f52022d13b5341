"""Receptive fields against brute force where positions become tokens: every position of every layer."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings

import convcalc
from convcalc.analysis.layout import Layout, Place
from convcalc.analysis.receptive_field import Field
from tests.oracles import token_probe as probe
from tests.strategies.token_graphs import Tensor, TokenGraph, token_graphs


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


@settings(max_examples=400, deadline=None)
@given(token_graphs())
def test_every_position(graph: TokenGraph) -> None:
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    for tensor in graph.tensors:
        row = report.row(tensor.name)
        seen = row.receptive_fields["input"]
        check(report.analysis.fields["input"][row.index], tensor, seen and seen.clipped)
