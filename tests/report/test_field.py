"""The boxes of a layer's units and the units of a pixel: figures by hand, and every pixel of random graphs."""

from __future__ import annotations

import functools
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.report.derivation import derive
from convcalc.report.field import LayerField
from tests.helpers import analysed, network
from tests.oracles.boolean_probe import Node, hull, pixels_seen, run
from tests.strategies.graphs import Graph, graphs

PADDED = """
- conv2d: {name: a, out_channels: 4, kernel_size: [3, 5], padding: [1, 2]}
- max_pool2d: {name: b, kernel_size: 2}
- conv2d: {name: c, out_channels: 4, kernel_size: 3, padding: 1}
"""


def field_of(report: Any, layer: str, source: str | None = None) -> LayerField:
    return LayerField(report, layer, source)


# --- Units. ---

UNITS = [
    # conv1 is 5x5: unit u sees u to u + 4; pool1 takes two of these; conv2 five of the pooled ones.
    ("lenet", "conv1", (0, 23), [[0, 4], [23, 27]], [[0, 4], [23, 27]]),
    ("lenet", "pool1", (3, 0), [[6, 11], [0, 5]], [[6, 11], [0, 5]]),
    ("lenet", "conv2", (1, 7), [[2, 15], [14, 27]], [[2, 15], [14, 27]]),
    ("lenet", "pool2", (2, 2), [[8, 23], [8, 23]], [[8, 23], [8, 23]]),
    ("lenet", "fc1", (0, 0), [[0, 27], [0, 27]], [[0, 27], [0, 27]]),
    # conv1 of ResNet: 7x7, stride 2, padding 3.
    ("resnet50", "conv1", (0, 111), [[0, 3], [219, 223]], [[-3, 3], [219, 225]]),
    ("resnet50", "maxpool", (0, 55), [[0, 5], [215, 223]], [[-5, 5], [215, 225]]),
]


@pytest.mark.parametrize(("target", "layer", "index", "clipped", "unclipped"), UNITS)
def test_a_unit(
    target: str, layer: str, index: tuple[int, int], clipped: list[list[int]], unclipped: list[list[int]]
) -> None:
    field = field_of(convcalc.analyse(target), layer)
    field.select_unit(index)
    asked = {"index": list(index), "clipped": clipped, "unclipped": unclipped}
    assert field.to_dict()["unit"] == asked


def test_the_map_is_that_of_the_single_units() -> None:
    report = analysed(network(PADDED))
    for layer in ("a", "b", "c"):
        field = field_of(report, layer)
        clipped, unclipped = field.to_dict()["clipped"], field.to_dict()["unclipped"]
        for index in product(*map(range, field.units)):
            field.select_unit(index)
            unit = field.to_dict()["unit"]
            assert unit["clipped"] == [boxes[at] for boxes, at in zip(clipped, index)]
            assert unit["unclipped"] == [boxes[at] for boxes, at in zip(unclipped, index)]


def test_the_map_of_one_axis() -> None:
    found = field_of(
        analysed(network("- conv1d: {name: a, out_channels: 1, kernel_size: 2, padding: 2}", "[1, 2]")), "a"
    )
    assert found.to_dict() == {
        "layer": "a",
        "input": "input",
        "clipped": [[None, [0, 0], [0, 1], [1, 1], None]],
        "unclipped": [[[-2, -1], [-1, 0], [0, 1], [1, 2], [2, 3]]],
    }


def test_three_axes() -> None:
    layers = "- conv3d: {name: a, out_channels: 1, kernel_size: [3, 1, 2], padding: [1, 0, 0]}"
    field = field_of(analysed(network(layers, "[1, 4, 3, 5]")), "a")
    field.select_unit((3, 2, 1))
    asked = field.to_dict()["unit"]
    assert (asked["clipped"], asked["unclipped"]) == ([[2, 3], [2, 2], [1, 2]], [[2, 4], [2, 2], [1, 2]])


def test_the_central_unit_is_shown_unless_another_is_asked_for() -> None:
    assert field_of(convcalc.analyse("lenet"), "conv1").shown_unit.index == (12, 12)


# --- Towards an inner layer. ---

INNER = [
    ("conv2", "pool1", (0, 7), [[0, 4], [7, 11]]),
    ("pool2", "conv2", (1, 2), [[2, 3], [4, 5]]),
    ("pool2", "conv1", (0, 0), [[0, 11], [0, 11]]),
    ("pool2", "pool2", (1, 2), [[1, 1], [2, 2]]),
    ("fc1", "pool2", (0, 0), [[0, 3], [0, 3]]),
]


@pytest.mark.parametrize(("layer", "source", "index", "box"), INNER)
def test_from_an_inner_layer(layer: str, source: str, index: tuple[int, int], box: list[list[int]]) -> None:
    field = field_of(convcalc.analyse("lenet"), layer, source)
    field.select_unit(index)
    found = field.to_dict()
    assert (found["input"], found["unit"]["clipped"]) == (source, box)


def _units_seen_from(graph: Graph, inner: str) -> dict[str, Any]:
    """For each node after `inner`, [*positions of inner, *units]: marks that start there, all else unmarked."""
    sizes = {
        "input": graph.size,
        **{name: seen.shape[1:] for name, seen in pixels_seen(graph.nodes, graph.size).items()},
    }
    (length,) = sizes[inner]
    maps = {name: np.zeros((length, *size), dtype=np.bool_) for name, size in sizes.items()}
    maps[inner] = np.eye(length, dtype=np.bool_)
    names = [node.name for node in graph.nodes]
    for node in graph.nodes[names.index(inner) + 1 :]:
        merged = functools.reduce(np.logical_or, [maps[name] for name in node.inputs])
        maps |= run([Node(node.name, ("input",), node.axes)], merged)
    return maps


@settings(max_examples=150, deadline=None)
@given(graphs(over_padding=True), st.data())
def test_every_unit_from_an_inner_layer(graph: Graph, data: st.DataObject) -> None:
    report = convcalc.analyse(convcalc.loads(graph.text))
    inner = data.draw(st.sampled_from(graph.nodes)).name
    maps, reading = _units_seen_from(graph, inner), {inner}
    for node in graph.nodes:
        if reading.isdisjoint(node.inputs):
            continue
        reading.add(node.name)
        expected = [hull(np.flatnonzero(unit).tolist()) for unit in maps[node.name].T]
        assert field_of(report, node.name, inner).to_dict()["clipped"] == [expected], node.name


def test_of_several_inputs_the_first_that_is_read() -> None:
    text = network(
        """
        - conv2d: {name: a, from: left, out_channels: 4, kernel_size: 3}
        - conv2d: {name: b, from: right, out_channels: 4, kernel_size: 1}
        - add: {name: both, from: [a, b]}
        """,
        "{left: [1, 6, 6], right: [1, 4, 4]}",
    )
    report = analysed(text)
    assert [field_of(report, layer).source for layer in ("a", "b", "both")] == ["left", "right", "left"]
    assert field_of(report, "both", "right").extents == (4, 4)


def test_explain_says_where_alignment_is_lost() -> None:
    text = network(
        """
        - conv2d: {name: a, out_channels: 3, kernel_size: 3, stride: 2, padding: same}
        - max_pool2d: {name: b, from: input, kernel_size: 1, stride: 2}
        - add: {name: sum, from: [a, b]}
        - relu: {name: end}
        """
    )
    report = analysed(text)
    notes = {name: [note for step in derive(report, name).steps for note in step.notes] for name in ("sum", "end")}
    assert notes["sum"][-1] == (
        "not aligned: sum joins a (stride 2, centre 1) and b (stride 2, centre 0);"
        " padding [[1, 0], [1, 0]] instead of [[0, 1], [0, 1]] on a would align them and keep every size"
    )
    assert not any("aligned:" in note for note in notes["end"])


# --- The units of a pixel. ---

PIXELS = [
    # 5x5 without padding: pixel p changes units p - 4 to p.
    ("lenet", "conv1", (0, 27), [[0, 0], [23, 23]], 1),
    ("lenet", "conv1", (10, 2), [[6, 10], [0, 2]], 15),
    ("lenet", "conv2", (3, 20), [[0, 1], [4, 7]], 8),
    ("lenet", "fc1", (5, 5), [[0, 0], [0, 0]], 1),
    # The rows that 11x11 windows of stride 4 have in common with row 226: the last alone.
    ("alexnet", "conv1", (226, 0), [[54, 54], [0, 0]], 1),
]


@pytest.mark.parametrize(("target", "layer", "index", "units", "count"), PIXELS)
def test_a_pixel(target: str, layer: str, index: tuple[int, int], units: list[list[int]], count: int) -> None:
    field = field_of(convcalc.analyse(target), layer)
    field.select_pixel(index)
    assert field.to_dict()["pixel"] == {"index": list(index), "units": units, "count": count}


def test_gaps_of_dilation_are_not_counted() -> None:
    field = field_of(analysed(network("- conv2d: {name: a, out_channels: 1, kernel_size: 3, dilation: 2}")), "a")
    field.select_pixel((4, 4))
    assert field.to_dict()["pixel"] == {"index": [4, 4], "units": [[0, 2], [0, 2]], "count": 4}


def test_a_pixel_that_nobody_reads() -> None:
    field = field_of(analysed(network("- conv2d: {name: a, out_channels: 1, kernel_size: 1, stride: 2}")), "a")
    field.select_pixel((0, 3))
    assert field.to_dict()["pixel"] == {"index": [0, 3], "units": None, "count": 0}


def test_a_branch_that_misses_a_pixel_along_one_axis_misses_it() -> None:
    """Row 1 is skipped by the stride, column 0 is not: only the other branch is changed, in one unit."""
    text = network(
        """
        - conv2d: {name: coarse, out_channels: 3, kernel_size: 1, stride: 2}
        - upsample: {name: up, scale_factor: 2}
        - add: {name: sum, from: [up, input]}
        """
    )
    field = field_of(analysed(text), "sum")
    field.select_pixel((1, 0))
    assert field.to_dict()["pixel"] == {"index": [1, 0], "units": [[1, 1], [0, 0]], "count": 1}
    field.select_pixel((0, 0))
    assert field.to_dict()["pixel"] == {"index": [0, 0], "units": [[0, 1], [0, 1]], "count": 4}


def _check_every_pixel(graph: Graph, data: st.DataObject) -> None:
    report = convcalc.analyse(convcalc.loads(graph.text))
    seen = pixels_seen(graph.nodes, graph.size)
    pixels = data.draw(st.lists(st.tuples(*(st.integers(0, n - 1) for n in graph.size)), min_size=1, max_size=4))
    for node in graph.nodes:
        field = field_of(report, node.name)
        for pixel in pixels:
            field.select_pixel(pixel)
            units = np.argwhere(seen[node.name][pixel])
            hull = [[int(low), int(high)] for low, high in zip(units.min(0), units.max(0))] if len(units) else None
            expected = {"index": list(pixel), "units": hull, "count": len(units)}
            assert field.to_dict()["pixel"] == expected, (node.name, pixel)


@settings(max_examples=150, deadline=None)
@given(graphs(over_padding=True), st.data())
def test_every_pixel_of_a_sequence(graph: Graph, data: st.DataObject) -> None:
    _check_every_pixel(graph, data)


@settings(max_examples=150, deadline=None)
@given(graphs(rank=2), st.data())
def test_every_pixel_of_an_image(graph: Graph, data: st.DataObject) -> None:
    _check_every_pixel(graph, data)


# --- Errors. ---


def test_a_map_too_large_for_marks_is_refused_at_once() -> None:
    text = network("- conv1d: {name: a, out_channels: 1, kernel_size: 3}", "[1, 1000000000000]")
    field = field_of(analysed(text), "a")
    field.select_unit((999999999997,))
    assert field.selected()["unit"]["clipped"] == [[999999999997, 999999999999]]
    with pytest.raises(convcalc.UsageError, match="too many or too irregular"):
        field.select_pixel((999999999999,))


@pytest.mark.parametrize(
    ("layer", "source", "message"),
    [
        ("conv_1", None, "did you mean conv1"),
        ("conv1", "pool2", "`conv1` does not depend on `pool2`"),
        ("conv2", "pol1", "did you mean pool1"),
        ("fc2", "fc1", "is a vector of 120"),
    ],
)
def test_errors(layer: str, source: str | None, message: str) -> None:
    with pytest.raises(convcalc.UsageError, match=message):
        field_of(convcalc.analyse("lenet"), layer, source)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ((24, 0), "there is no unit 24,0 in `conv1`; it has rows 0 to 23, columns 0 to 23"),
        ((0, -1), "there is no unit 0,-1 in `conv1`"),
        ((3,), "a unit of `conv1` is 2 numbers, not 3"),
    ],
)
def test_there_is_no_such_unit(index: tuple[int, ...], message: str) -> None:
    with pytest.raises(convcalc.UsageError, match=message):
        field_of(convcalc.analyse("lenet"), "conv1").select_unit(index)


def test_there_is_no_such_pixel() -> None:
    with pytest.raises(convcalc.UsageError, match="there is no pixel 28,0 in `input`; it has rows 0 to 27"):
        field_of(convcalc.analyse("lenet"), "conv1").select_pixel((28, 0))
