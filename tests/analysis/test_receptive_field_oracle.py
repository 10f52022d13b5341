"""Receptive fields against brute force: every unit of every node of random graphs."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings

import convcalc
from tests.helpers import field_map
from tests.oracles.boolean_probe import (
    Adaptive,
    Axis,
    Cut,
    Interpolate,
    Node,
    Pad,
    Pointwise,
    Shuffle,
    Sources,
    Transposed,
    Unshuffle,
    WholeMap,
    Window,
    hull,
    positions_seen,
    positions_seen_by_slabs,
)
from tests.strategies.graphs import HIDDEN, Graph, graphs
from tests.strategies.rearranged import rearranged

thorough = settings(max_examples=200, deadline=None)


# --- The oracle itself, on cases small enough to check by eye. ---

BY_HAND: list[tuple[Axis, int, Sources]] = [
    (Window(3), 5, [[0, 1, 2], [1, 2, 3], [2, 3, 4]]),
    (Window(3, stride=2, before=1, after=1), 5, [[0, 1], [1, 2, 3], [3, 4]]),
    (Window(2, before=2), 3, [[], [0], [0, 1], [1, 2]]),
    (Window(2, after=1, dilation=2), 4, [[0, 2], [1, 3], [2]]),
    (Window(1, stride=3), 6, [[0], [3]]),
    (Window(2, stride=2), 5, [[0, 1], [2, 3]]),
    (Window(2, stride=2, ceil=True), 5, [[0, 1], [2, 3], [4]]),
    # A third window would start in the trailing padding.
    (Window(2, stride=3, before=1, after=1, ceil=True), 5, [[0], [2, 3]]),
    (Transposed(2, stride=2), 2, [[0], [0], [1], [1]]),
    (Transposed(3, stride=2, before=1, after=1), 3, [[0], [0, 1], [1], [1, 2], [2]]),
    (Transposed(3, stride=2, before=1, after=1, output_padding=1), 2, [[0], [0, 1], [1], [1]]),
    (Transposed(1, stride=2, output_padding=1), 2, [[0], [], [1], []]),
    (Transposed(2, dilation=2), 2, [[0], [1], [0], [1]]),
    (Interpolate("nearest", scale=2), 2, [[0], [0], [1], [1]]),
    (Interpolate("nearest", size=3), 5, [[0], [1], [3]]),
    (Interpolate("linear", scale=2), 3, [[0], [0, 1], [0, 1], [1, 2], [1, 2], [2]]),
    # By 3, every third position falls on a source: its neighbours weigh nothing.
    (Interpolate("linear", scale=3), 2, [[0], [0], [0, 1], [0, 1], [1], [1]]),
    (Interpolate("linear", size=3, align_corners=True), 2, [[0], [0, 1], [1]]),
    (Interpolate("cubic", size=1), 4, [[0, 1, 2, 3]]),
    (Interpolate("cubic", size=5, align_corners=True), 3, [[0], [0, 1, 2], [1], [0, 1, 2], [2]]),
    (Adaptive(3), 5, [[0, 1], [1, 2, 3], [3, 4]]),
    (Adaptive(4), 2, [[0], [0], [1], [1]]),
    (Adaptive(1), 3, [[0, 1, 2]]),
    (WholeMap(), 2, [[0, 1], [0, 1]]),
    (Shuffle(2), 2, [[0], [0], [1], [1]]),
    (Unshuffle(2), 4, [[0, 1], [2, 3]]),
    (Cut(1, 6, 2), 6, [[1], [3], [5]]),
    (Pad(1, 2), 2, [[], [0], [1], [], []]),
    (Pad(2, 1, "reflect"), 3, [[2], [1], [0], [1], [2], [1]]),
    (Pad(2, 1, "replicate"), 2, [[0], [0], [0], [1], [1]]),
]


@pytest.mark.parametrize(("layer", "length", "sources"), BY_HAND, ids=repr)
def test_the_probe_reads_what_the_definition_says(layer: Axis, length: int, sources: Sources) -> None:
    assert layer.sources(length) == sources


def test_the_probe_composes_and_merges() -> None:
    """Two layers in a row, a union of branches and a broadcast gate, small enough to follow by hand."""
    nodes = [
        Node("holes", ("input",), (Window(2, before=1, after=1, dilation=2),)),
        Node("pairs", ("holes",), (Window(2, stride=2),)),
        Node("sum", ("holes", "input"), (Pointwise(),)),
        Node("gate", ("pairs",), (Adaptive(1),)),
        Node("gated", ("input", "gate"), (Pointwise(),)),
    ]
    assert positions_seen(nodes, [4]) == {
        "holes": [[[1], [0, 2], [1, 3], [2]]],
        "pairs": [[[0, 1, 2], [1, 2, 3]]],
        "sum": [[[0, 1], [0, 1, 2], [1, 2, 3], [2, 3]]],
        "gate": [[[0, 1, 2, 3]]],
        "gated": [[[0, 1, 2, 3]] * 4],
    }


@settings(max_examples=50, deadline=None)
@given(graphs(rank=2))
def test_slabs_and_single_pixels_agree(graph: Graph) -> None:
    assert positions_seen_by_slabs(graph.nodes, graph.size) == positions_seen(graph.nodes, graph.size)


# --- convcalc against the oracle. ---


def _check_every_unit(graph: Graph) -> None:
    report = convcalc.analyse(convcalc.loads(graph.text))
    for name, axes in positions_seen(graph.nodes, graph.size).items():
        if name.startswith(HIDDEN):
            continue
        expected = [[hull(unit) for unit in units] for units in axes]
        found = field_map(report, name)["clipped"]
        # A layer that mixes all positions of an axis leaves one unit, whatever the size of the axis.
        found = [units * (len(wanted) if len(units) == 1 else 1) for units, wanted in zip(found, expected)]
        assert found == expected, name


@thorough
@given(graphs())
def test_every_unit_of_a_sequence(graph: Graph) -> None:
    _check_every_unit(graph)


@thorough
@given(graphs(over_padding=True))
def test_every_unit_where_some_see_padding_alone(graph: Graph) -> None:
    _check_every_unit(graph)


@thorough
@given(graphs(rank=2))
def test_every_unit_of_an_image(graph: Graph) -> None:
    """The oracle marks single pixels of the image; its boxes are per axis only because they turn out so."""
    _check_every_unit(graph)


@thorough
@given(rearranged())
def test_every_unit_of_rearranged_positions(graph: Graph) -> None:
    _check_every_unit(graph)


@thorough
@given(rearranged(rank=2))
def test_every_unit_of_a_rearranged_image(graph: Graph) -> None:
    _check_every_unit(graph)


def _extents(units: list[Any]) -> list[int]:
    return [box[1] - box[0] + 1 for box in units if box is not None]


@thorough
@given(graphs())
def test_a_row_sums_up_its_map(graph: Graph) -> None:
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    for row in report.to_dict()["layers"]:
        if row["type"] == "parameter":
            continue
        field, boxes = row["receptive_field"], field_map(report, row["name"])
        for figure, counted in (("size", "unclipped"), ("clipped", "clipped")):
            extents = _extents(boxes[counted][0])
            # A map may be blind altogether; what its figures say then is another test's matter.
            assert not extents or field[figure] == [max(extents)], (row["name"], figure)


@thorough
@given(graphs(over_padding=True))
def test_clipping_only_takes_away(graph: Graph) -> None:
    # A mirrored or repeated border reads pixels that lie elsewhere than the position that it stands for.
    axes = [axis for node in graph.nodes for axis in node.axes]
    assume(all(axis.mode == "constant" for axis in axes if isinstance(axis, Pad)))
    assume(all(axis.border == "constant" for axis in axes if isinstance(axis, Window)))
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    for node in graph.nodes:
        boxes = field_map(report, node.name)
        for clipped, unclipped in zip(boxes["clipped"][0], boxes["unclipped"][0], strict=True):
            if clipped is not None:
                assert unclipped[0] <= clipped[0] <= clipped[1] <= unclipped[1], node.name


def _windows_only(graph: Graph) -> set[str]:
    """The nodes above which there are only convolutions, poolings, pointwise layers and merges of these.

    Only such a map continues past its edge by its own rule: a position outside it reads a pixel outside the
    image. After a crop, the position before the first is padding to the next layer and yet inside the image.
    """
    found = {"input"}
    for node in graph.nodes:
        if found.issuperset(node.inputs) and all(isinstance(axis, Window | Pointwise) for axis in node.axes):
            found.add(node.name)
    return found - {"input"}


@thorough
@given(graphs())
def test_windows_wholly_inside_the_image_are_not_clipped(graph: Graph) -> None:
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    for name in _windows_only(graph):
        boxes = field_map(report, name)
        for clipped, unclipped in zip(boxes["clipped"][0], boxes["unclipped"][0], strict=True):
            if unclipped[0] >= 0 and unclipped[1] < graph.size[0]:
                assert clipped == unclipped, name


@thorough
@given(graphs())
def test_windows_start_at_minus_the_padding_and_move_by_the_stride(graph: Graph) -> None:
    report: Any = convcalc.analyse(convcalc.loads(graph.text))
    rows = {row["name"]: row["receptive_field"] for row in report.to_dict()["layers"]}
    for name in _windows_only(graph):
        field, (units,) = rows[name], field_map(report, name)["unclipped"]
        assert field["padding"] == [-units[0][0]], name
        if field["aligned"]:
            stride = Fraction(field["stride"][0])
            for before, after in pairwise(units):
                assert [after[0] - before[0], after[1] - before[1]] == [stride, stride], name
