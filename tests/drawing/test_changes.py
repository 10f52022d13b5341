"""The drawing of a difference: each layer of both networks once, in the colour of its status."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.drawing.graph.changes import changed_diagram
from convcalc.drawing.graph.diagram import Diagram
from convcalc.drawing.graph.layout import layout
from convcalc.drawing.graph.picture import graph_svg
from convcalc.report.changes import ADDED, AFFECTED, CHANGED, REMOVED
from tests.drawing.pictures import parsed
from tests.drawing.test_graph import assert_readable
from tests.helpers import analysed, network

OLD = """
- conv2d: {name: a, out_channels: 8, kernel_size: 3, padding: 1}
- batch_norm2d: {name: norm}
- relu: {name: act}
- conv2d: {name: b, out_channels: 8, kernel_size: 1}
"""
NEW = """
- conv2d: {name: a, out_channels: 8, kernel_size: 5, padding: 2}
- relu: {name: act}
- conv2d: {name: b, out_channels: 8, kernel_size: 1}
- relu: {name: more}
"""


def drawn(old: str, new: str) -> Diagram:
    return changed_diagram(convcalc.difference(analysed(network(old)), analysed(network(new))))


def status_of(graph: Diagram) -> dict[str, str]:
    return {box.name: box.kind for box in graph.boxes}


def named_edges(graph: Diagram) -> set[tuple[str, str]]:
    return {(graph.boxes[edge.source].name, graph.boxes[edge.target].name) for edge in graph.edges}


def test_each_box_has_its_status() -> None:
    graph = drawn(OLD, NEW)
    assert status_of(graph) == {
        "input": "input", "a": CHANGED, "norm": REMOVED, "act": AFFECTED, "b": AFFECTED, "more": ADDED,
    }  # fmt: skip
    assert graph.boxes[1].lines == ("~ a", "conv2d 5×5, 8", "224 params → 608 params")
    assert graph.boxes[2].lines[0] == "− norm"


def test_a_removed_layer_keeps_the_edges_that_it_had() -> None:
    assert named_edges(drawn(OLD, NEW)) == {
        ("input", "a"), ("a", "norm"), ("norm", "act"), ("a", "act"), ("act", "b"), ("b", "more"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [("resnet18", "resnet34"), ("alexnet", "alexnet@torchvision"), ("unet", "lenet"), ("yolov8n", "yolov8s")],
)
def test_any_two_networks_are_drawn_readably(old: str, new: str) -> None:
    difference = convcalc.difference(old, new)
    graph = changed_diagram(difference)
    assert_readable(graph, layout(graph))
    parsed(graph_svg(graph, "difference"))


def test_blocks_of_one_status_are_one_box() -> None:
    graph = changed_diagram(convcalc.difference("resnet18", "resnet34"))
    assert status_of(graph)["layer3.4"] == ADDED
    assert sum(kind == ADDED for kind in status_of(graph).values()) == 8
    assert len(graph.boxes) < 30


def test_a_moved_layer_makes_no_circle() -> None:
    first, second = "- relu: {name: a}\n- tanh: {name: b}\n", "- tanh: {name: b}\n- relu: {name: a}\n"
    graph = drawn(first, second)
    assert all(edge.source < edge.target for edge in graph.edges)
    assert_readable(graph, layout(graph))
