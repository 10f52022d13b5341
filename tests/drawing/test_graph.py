"""The layered graph: boxes apart, edges from box to box, frames around their own, figures of the engine."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc import shipped
from convcalc.drawing.graph.diagram import Box, Diagram, Edge
from convcalc.drawing.graph.fold import MOST_BOXES, depth_of, diagram
from convcalc.drawing.graph.layers import layered
from convcalc.drawing.graph.layout import Layout, Rect, layout
from convcalc.drawing.graph.picture import graph_svg
from convcalc.report import figures
from tests.drawing.pictures import assert_texts_inside, parsed, texts
from tests.golden import assert_golden
from tests.helpers import network

GOLDENS = Path(__file__).parent / "goldens"


def touches(rect: Rect, point: tuple[float, float]) -> bool:
    """Whether a point is on the border of a box."""
    x, y = point
    inside = rect.x - 0.1 <= x <= rect.right + 0.1 and rect.y - 0.1 <= y <= rect.bottom + 0.1
    edges = (x - rect.x, x - rect.right, y - rect.y, y - rect.bottom)
    return inside and min(map(abs, edges)) < 0.1


def assert_readable(graph: Diagram, placed: Layout) -> None:
    rects = [box.rect for box in placed.boxes]
    assert not any(one.overlaps(other) for one, other in combinations(rects, 2))
    for edge, route in zip(graph.edges, placed.routes, strict=True):
        assert touches(rects[edge.source], route.points[0])
        assert touches(rects[edge.target], route.points[-1])
        for x, y in route.points[1:-1]:
            inside = [n for n, rect in enumerate(rects) if rect.x < x < rect.right and rect.y < y < rect.bottom]
            assert not inside, (edge, [graph.boxes[n].name for n in inside])
    for frame, rect in placed.frames:
        for number, box in enumerate(rects):
            assert rect.overlaps(box) == (frame.first <= number <= frame.last)
    for rect in rects:
        assert rect.x > 0
        assert rect.y > 0
        assert rect.right < placed.width
        assert rect.bottom < placed.height


@pytest.mark.parametrize("name", list(shipped.files()))
def test_a_shipped_network_is_drawn_readably(name: str) -> None:
    report = convcalc.analyse(name)
    for depth in (None, 1):
        graph = diagram(report, depth)
        assert_readable(graph, layout(graph))
        assert sum(len(box.rows) for box in graph.boxes) == len(report.rows)
    picture = graph_svg(diagram(report), name)
    assert_texts_inside(picture)
    assert picture == graph_svg(diagram(convcalc.analyse(name)), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["googlenet", "densenet121", "hrnet", "yolo11", "inception_v4", "retinanet"])
def test_a_network_with_all_blocks_opened_is_drawn_readably(name: str) -> None:
    report = convcalc.analyse(name)
    graph = diagram(report, depth_of(report))
    assert_readable(graph, layout(graph))


@st.composite
def graphs(draw: st.DrawFn) -> Diagram:
    """A random graph: each box reads some of those before it."""
    count = draw(st.integers(1, 14))
    boxes = [Box(f"b{n}", "plain", ("x" * draw(st.integers(1, 30)),)) for n in range(count)]
    edges = [
        Edge(source, target, draw(st.sampled_from(["", "64×8×8"])))
        for target in range(1, count)
        for source in draw(st.sets(st.integers(0, target - 1), max_size=3))
    ]
    return Diagram(boxes, edges, [])


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_any_graph_is_drawn_readably(graph: Diagram) -> None:
    assert_readable(graph, layout(graph))
    parsed(graph_svg(graph, "random"))


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_each_edge_leads_down_through_every_layer(graph: Diagram) -> None:
    found = layered(len(graph.boxes), [(edge.source, edge.target) for edge in graph.edges])
    assert sorted(member for layer in found.layers for member in layer) == list(range(len(found.layer_of)))
    for chain in found.chains:
        assert chain is not None
        heights = [found.layer_of[member] for member in chain]
        assert heights == list(range(heights[0], heights[0] + len(chain)))


def test_a_chain_is_straight() -> None:
    report = convcalc.analyse("vgg16")
    placed = layout(diagram(report))
    assert len({round(box.rect.middle[0], 3) for box in placed.boxes}) == 1


def test_two_branches_do_not_cross() -> None:
    boxes = [Box(name, "plain", (name,)) for name in "abcdef"]
    edges = [Edge(0, 2), Edge(1, 3), Edge(2, 5), Edge(3, 4)]
    placed = layout(Diagram(boxes, edges, []))
    order = [[placed.boxes[n].rect.x for n in pair] for pair in ((0, 1), (2, 3), (5, 4))]
    assert len({left < right for left, right in order}) == 1


def test_equal_blocks_in_a_chain_are_one_box() -> None:
    names = [box.name for box in diagram(convcalc.analyse("resnet50"), 2).boxes]
    assert [name for name in names if name.startswith("layer3")] == ["layer3.0", "layer3.1"]
    shown = texts(graph_svg(diagram(convcalc.analyse("resnet50"), 2), "resnet50"))
    assert "1 … 5 ×5" in shown


def test_blocks_that_are_read_from_elsewhere_stay_apart() -> None:
    block = """
blocks:
  unit:
    layers: [conv2d: {out_channels: 4, kernel_size: 3, padding: 1}, relu]
layers:
  - unit: {name: a}
  - unit: {name: b}
  - unit: {name: c}
  - add: {from: [a, c]}
"""
    graph = diagram(convcalc.analyse(convcalc.loads("input: [4, 8, 8]\n" + block)), 1)
    assert [box.name for box in graph.boxes if box.rows] == ["a", "b", "add_1"]  # b and c are one
    assert len(graph.boxes[1].rows) == 2  # `a` alone, for the addition reads it


def test_the_default_depth_shows_what_a_reader_can_take_in() -> None:
    for name in ("resnet152", "densenet201", "gpt2", "efficientnet_b7"):
        report = convcalc.analyse(name)
        assert 5 < sum(bool(box.rows) for box in diagram(report).boxes) <= MOST_BOXES


def test_the_figures_are_those_of_the_engine() -> None:
    report = convcalc.analyse("alexnet")
    shown = texts(graph_svg(diagram(report, heat=figures.BY_NAME["params"]), "alexnet"))
    row = max(report.rows, key=lambda row: row.params or 0)
    assert report.totals.params is not None
    assert row.params is not None
    share = f"{row.params / report.totals.params:.1%}"
    assert [text for text in shown if text.endswith(share) and text.startswith(f"{row.params / 1e6:.1f} M params")]
    assert "×".join(map(str, row.output_shape)) in shown


def test_a_thousand_layers_are_drawn() -> None:
    layers = "\n".join("- conv2d: {out_channels: 4, kernel_size: 3, padding: 1}\n- relu" for _ in range(500))
    graph = diagram(convcalc.analyse(convcalc.loads(network(layers, "[4, 8, 8]"))))
    placed = layout(graph)
    assert len(placed.boxes) == 1002
    parsed(graph_svg(graph, "long"))


def test_an_edge_past_too_many_layers_is_a_reference() -> None:
    entries = []
    for number in range(160):
        entries.append(f"- conv2d: {{name: c{number}, out_channels: 1, kernel_size: 1}}")
        entries.append(f"- concat: {{name: a{number}, from: [{', '.join(f'c{n}' for n in range(number + 1))}, input]}}")
    graph = diagram(convcalc.analyse(convcalc.loads(network("\n".join(entries), "[1, 2, 2]"))))
    placed = layout(graph)
    assert any(not route.points for route in placed.routes)
    picture = graph_svg(graph, "dense")
    assert any(text.endswith(" more") for text in texts(picture))


HOSTILE = ["<script>alert(1)</script>", "a'\"&b", "‮evil", "😀" * 40, "x" * 10_000]


@pytest.mark.parametrize("name", HOSTILE, ids=["script", "quotes", "direction", "emoji", "long"])
def test_a_hostile_name_changes_nothing(name: str) -> None:
    boxes = [Box(name, "block", (name, "2 layers"), f"tip of {name}"), Box("next", "conv", ("next",))]
    picture = graph_svg(Diagram(boxes, [Edge(0, 1, name)], []), name)
    assert "<script" not in picture
    assert "‮" not in picture
    assert len(picture) < 60_000
    assert layout(Diagram(boxes, [Edge(0, 1)], [])).boxes[0].rect.width < 330
    parsed(picture)


@pytest.mark.parametrize(
    "target", ["lenet", "alexnet", "resnet18", "googlenet", "unet", "hrnet", "yolov8n", "capsnet", "t5", "conv_tasnet"]
)
def test_the_drawing_is_that_of_the_golden(target: str) -> None:
    assert_golden(GOLDENS / f"{target}.svg", graph_svg(diagram(convcalc.analyse(target)), target))


UNKNOWN = """
custom:
  mystery: {output_shape: =in_shape}
blocks:
  unit:
    layers: [conv2d: {name: conv, out_channels: 4, kernel_size: 1}, mystery]
layers:
  - unit: {name: u}
  - conv2d: {name: last, out_channels: 4, kernel_size: 1}
  - mystery: {name: m}
"""


def test_a_sum_of_which_a_part_is_known_is_a_lower_bound() -> None:
    report = convcalc.analyse(convcalc.loads("input: [4, 8, 8]\n" + UNKNOWN))
    shown = {box.name: box.lines for box in diagram(report, 1).boxes}
    assert shown["u"] == ("u", "2 layers, at least 20 params")
    with_heat = {box.name: box for box in diagram(report, 1, figures.BY_NAME["params"]).boxes if box.rows}
    assert with_heat["u"].lines[-1] == "at least 20 params"
    assert with_heat["last"].lines[-1] == "20 params"  # a share of an unknown total is not known
    assert with_heat["m"].lines[-1] == "params not known"
    assert all(box.heat is None for box in with_heat.values())
