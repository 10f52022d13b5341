"""Merges that are not aligned: what is said of their branches, and that what is suggested does align them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.analysis.alignment import Merge, misaligned
from convcalc.analysis.receptive_field import Field, Walk
from tests.analysis.test_small_graphs import GRAPHS, translate
from tests.helpers import network

EXAMPLES = Path(__file__).parent.parent / "data" / "examples"

SAME = """
- conv2d: {name: stem, out_channels: 4, kernel_size: 3, padding: same}
- conv2d: {name: main, out_channels: 4, kernel_size: 3, stride: 2, padding: MAIN}
- conv2d: {name: short, from: stem, out_channels: 4, kernel_size: 1, stride: 2, padding: same}
- add: {name: sum, from: [main, short]}
- conv2d: {name: main2, out_channels: 4, kernel_size: 3, stride: 2, padding: MAIN2}
- conv2d: {name: short2, from: sum, out_channels: 4, kernel_size: 1, stride: 2, padding: same}
- add: {name: sum2, from: [main2, short2]}
"""
MENDED = "[[1, 0], [1, 0]]"


def same(main: str = "same", main2: str = "same") -> str:
    return network(SAME.replace("MAIN2", main2).replace("MAIN", main), "[3, 32, 32]")


def merges(text: str) -> list[Merge]:
    """What is not aligned up to the last layer."""
    graph = convcalc.loads(text)
    flows = [row.facts.flow for row in convcalc.analyse(graph).rows]
    return misaligned(Walk(graph, flows, 0), graph.tensor_of(len(graph.nodes) - 1))


def branches(merge: Merge) -> list[tuple[Any, ...]]:
    return [(branch.name, branch.stride, branch.centre) for branch in merge.branches]


def changes(merge: Merge) -> list[tuple[Any, ...]]:
    return [(change.layer, change.before, change.after) for change in merge.changes]


def test_figure_4_has_branches_of_different_strides() -> None:
    """Left 5 wide, stride 2, padding 2: centre 0. Right two of 3 without padding: samples 0 to 4."""
    (merge,) = merges(translate(GRAPHS["distill_fig4_misaligned"]).text)
    assert branches(merge) == [("left", (2,), (0,)), ("right2", (1,), (2,))]
    assert (merge.layer, merge.changes, merge.inherited_by) == ("add", [], 0)


def test_figure_5_is_aligned() -> None:
    assert merges(translate(GRAPHS["distill_fig5_aligned"]).text) == []


def test_uneven_padding_is_moved_to_the_other_side() -> None:
    """Padding (2, 0) against (0, 2) on windows of 3: centres -1 and 1, two pixels apart."""
    (merge,) = merges(translate(GRAPHS["misaligned_pads"]).text)
    assert branches(merge) == [("a", (1,), (-1,)), ("b", (1,), (1,))]
    assert changes(merge) == [("b", ((0, 2),), ((2, 0),))]


def test_half_a_pixel_cannot_be_mended() -> None:
    """A window of 2 lies between two pixels, and its neighbour on one."""
    text = network(
        """
        - conv1d: {name: even, out_channels: 1, kernel_size: 2, padding: same}
        - add: {name: sum, from: [even, input]}
        """,
        "[1, 8]",
    )
    (merge,) = merges(text)
    assert branches(merge) == [("even", (1,), (Fraction(1, 2),)), ("input", (1,), (0,))]
    assert merge.changes == []


def test_same_padding_pads_behind_where_the_stride_does_not_divide() -> None:
    """Of an even length, 3x3 with stride 2 pads (0, 1), and 1x1 none: centres 1 and 0, as in TensorFlow's ResNets."""
    first, second = merges(same())
    assert branches(first) == [("main", (2, 2), (1, 1)), ("short", (2, 2), (0, 0))]
    assert changes(first) == [("main", ((0, 1), (0, 1)), ((1, 0), (1, 0)))]
    # The second is looked at with the first one mended.
    assert branches(second) == [("main2", (4, 4), (2, 2)), ("short2", (4, 4), (0, 0))]
    assert changes(second) == [("main2", ((0, 1), (0, 1)), ((1, 0), (1, 0)))]


def test_what_is_suggested_aligns() -> None:
    before, after = (convcalc.analyse(convcalc.loads(text)) for text in (same(), same(MENDED, MENDED)))
    assert [row.output_shape for row in after.rows] == [row.output_shape for row in before.rows]
    assert [row.receptive_field.to_dict()["aligned"] for row in before.rows] == [True] * 3 + [False] * 4  # type: ignore[union-attr]
    assert all(row.receptive_field.to_dict()["aligned"] for row in after.rows)  # type: ignore[union-attr]
    assert merges(same(MENDED, MENDED)) == []
    assert [merge.layer for merge in merges(same(MENDED))] == ["sum2"]


def test_the_centre_of_most_branches_is_kept() -> None:
    text = network(
        """
        - conv1d: {name: a, out_channels: 1, kernel_size: 3, padding: [[0, 2]]}
        - conv1d: {name: b, from: input, out_channels: 1, kernel_size: 3, padding: [[2, 0]]}
        - conv1d: {name: c, from: input, out_channels: 1, kernel_size: 5, padding: [[1, 3]]}
        - concat: {name: all, from: [a, b, c]}
        """,
        "[1, 9]",
    )
    (merge,) = merges(text)
    assert [centre for _, _, centre in branches(merge)] == [(1,), (-1,), (1,)]
    assert changes(merge) == [("b", ((2, 0),), ((0, 2),))]


def test_no_other_merge_is_put_out_of_line() -> None:
    """Branch b could give way to a, but it agrees with c, which another merge adds to it."""
    text = network(
        """
        - conv1d: {name: a, out_channels: 1, kernel_size: 1}
        - conv1d: {name: b, from: input, out_channels: 1, kernel_size: 3, padding: [[0, 2]]}
        - conv1d: {name: c, from: input, out_channels: 1, kernel_size: 3, padding: [[0, 2]]}
        - add: {name: agree, from: [b, c]}
        - add: {name: sum, from: [a, b]}
        """,
        "[1, 9]",
    )
    (merge,) = merges(text)
    assert (merge.layer, merge.changes) == ("sum", [])


@pytest.mark.parametrize("pooling", ["conv1d: {name: a, out_channels: 1, ", "max_pool1d: {name: a, "])
def test_no_window_is_left_on_padding_alone(pooling: str) -> None:
    """The window would have to start three before the first pixel: all of it padding."""
    text = network(
        f"""
        - {pooling}kernel_size: 3, stride: 1, padding: 1}}
        - pad: {{name: far, from: input, padding: [[3, 0]]}}
        - slice: {{name: cut, from: far, axis: 1, start: 0, stop: 9}}
        - add: {{name: sum, from: [a, cut]}}
        """,
        "[1, 9]",
    )
    (merge,) = merges(text)
    assert [centre for _, _, centre in branches(merge)] == [(0,), (-3,)]
    assert merge.changes == []


def test_the_u_net_loses_alignment_at_its_deepest_skip() -> None:
    """A transposed convolution of 2 with stride 2 gives pairs of units one box: their centres go in steps of two."""
    graph = convcalc.load(EXAMPLES / "unet.yaml")
    flows = [row.facts.flow for row in convcalc.analyse(graph).rows]
    (merge,) = misaligned(Walk(graph, flows, 0), graph.tensor_of(len(graph.nodes) - 1))
    assert (merge.layer, merge.changes, merge.inherited_by) == ("up_1.concat_1", [], 3)
    assert [branch.steady for branch in merge.branches] == [True, False]


def test_the_resnets_are_aligned() -> None:
    report = convcalc.analyse("resnet50")
    assert report.rows[-1].receptive_fields["input"].aligned  # type: ignore[union-attr]
    assert misaligned(report.analysis.walks["input"], len(report.rows)) == []


@pytest.mark.parametrize("moved", ["stem", "main", "short", "main2"])
def test_a_walk_with_moved_windows_is_that_of_the_changed_network(moved: str) -> None:
    graph = convcalc.loads(same())
    flows = [row.facts.flow for row in convcalc.analyse(graph).rows]
    node = next(node for node in graph.nodes if node.name == moved)
    changed = node.layer.changed(padding=((0, 2), (2, 0)))
    shapes = graph.input_shapes(node)
    others = [
        changed.flow(shapes, node.output_shape) if each is node else flow for each, flow in zip(graph.nodes, flows)
    ]
    walk = Walk(graph, flows, 0).with_flows(others, lambda tensor, field: True)
    assert walk is not None
    assert list(map(boxes, walk.fields)) == list(map(boxes, Walk(graph, others, 0).fields))
    assert list(map(boxes, walk.fields)) != list(map(boxes, Walk(graph, flows, 0).fields))


def test_a_walk_ends_at_a_field_that_is_not_accepted() -> None:
    graph = convcalc.loads(same())
    flows = [row.facts.flow for row in convcalc.analyse(graph).rows]
    asked: list[int] = []
    others = [(flow[0],) if node.name == "main" else flow for node, flow in zip(graph.nodes, flows)]

    def accepts(tensor: int, field: Field | None) -> bool:
        asked.append(tensor)
        return False

    assert Walk(graph, flows, 0).with_flows(others, accepts) is None
    assert asked == [2]


def boxes(field: Field | None) -> list[Any]:
    return (
        []
        if field is None
        else [(axis.boxes.listed(), axis.all_clipped(), axis.aligned) for axis in field.axes if axis]
    )
