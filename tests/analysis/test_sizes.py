"""Networks at other sizes: what is built is what is told, the formulas hold, and what drops is seen by brute force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.analysis.size_formula import N, SizeFormula, size_formulas
from convcalc.analysis.sizes import Fit, fits
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.layers.transposed_convolution import TransposedConvolution
from convcalc.layers.windows import WindowLayer
from convcalc.network.graph import Graph
from convcalc.text.source import Source
from tests.helpers import network
from tests.strategies.graphs import Graph as Drawn
from tests.strategies.graphs import graphs

ALONG = {"input": (1,)}


def built(text: str, sizes: range) -> list[Fit]:
    """A 1-D network at other lengths."""
    spec = parse(Source("spec.yaml", text))[0]
    return list(fits(spec, convcalc.loads(text), Overrides(), ALONG, sizes))


def formula(layers: str, length: int = 64) -> str:
    graph = convcalc.loads(network(layers, f"[2, {length}]"))
    return str(size_formulas(graph, ALONG)[graph.nodes[-1].name][1])


FORMULAS = [
    ("- conv1d: {out_channels: 1, kernel_size: 5}", "n - 4"),
    ("- conv1d: {out_channels: 1, kernel_size: 3, padding: 1}", "n"),
    ("- conv1d: {out_channels: 1, kernel_size: 3, stride: 2, padding: 1}", "floor((n + 1) / 2)"),
    ("- conv1d: {out_channels: 1, kernel_size: 4, stride: 3, padding: same}", "floor((n + 2) / 3)"),
    ("- max_pool1d: {kernel_size: 3, stride: 2, ceil_mode: true}", "floor(n / 2)"),
    # Up to here the last window may hang over; with a kernel of 1 it would start behind the input.
    ("- max_pool1d: {kernel_size: 1, stride: 2, ceil_mode: true}", "floor((n + 1) / 2)"),
    ("- max_pool1d: {kernel_size: 2}\n- max_pool1d: {kernel_size: 3}", "floor(n / 6)"),
    ("- max_pool1d: {kernel_size: 2}\n- conv1d: {out_channels: 1, kernel_size: 3}", "floor((n - 4) / 2)"),
    ("- conv_transpose1d: {out_channels: 1, kernel_size: 4, stride: 2, padding: 1}", "2 × n"),
    ("- upsample: {scale_factor: 4}\n- max_pool1d: {kernel_size: 2}", "2 × n"),
    ("- upsample: {scale_factor: 2}\n- max_pool1d: {kernel_size: 4}", "floor(n / 2)"),
    ("- max_pool1d: {kernel_size: 4}\n- upsample: {scale_factor: 2}", "2 × floor(n / 4)"),
    (
        "- max_pool1d: {kernel_size: 4}\n- upsample: {scale_factor: 2}\n- max_pool1d: {kernel_size: 3}",
        "floor((2 × floor(n / 4)) / 3)",
    ),
    ("- pad: {padding: [[1, 2]]}\n- crop: {cropping: 1}", "n + 1"),
    ("- adaptive_avg_pool1d: {output_size: 7}", "7"),
    ("- global_avg_pool\n- conv1d: {out_channels: 1, kernel_size: 1}", "1"),
    ("- residual: {layers: [conv1d: {out_channels: 2, kernel_size: 3, padding: 1}, global_avg_pool]}", "n"),
    ("- global_avg_pool: {name: gate}\n- mul: {from: [gate, input]}", "n"),
    ("- slice: {axis: 1, start: 2}", "n - 2"),
    ("- slice: {axis: 1, stop: 20}", "None"),
    ("- upsample: {scale_factor: 1.1}", "None"),
    ("- slice: {axis: 1, step: 2}", "None"),
    ("- max_pool1d: {name: half, kernel_size: 2}\n- upsample: {like: half, from: input}", "None"),
    ("- conv1d: {out_channels: 4, kernel_size: 1, stride: 2}\n- global_avg_pool", "1"),
]


@pytest.mark.parametrize(("layers", "expected"), FORMULAS)
def test_formulas_by_hand(layers: str, expected: str) -> None:
    assert formula(layers) == expected


STEPS = st.lists(st.tuples(st.integers(1, 4), st.integers(-9, 9), st.integers(1, 4)), max_size=6)


@given(STEPS, st.integers(0, 500))
def test_joining_steps_changes_no_value(steps: list[tuple[int, int, int]], size: int) -> None:
    joined, value = N, size
    for factor, added, divisor in steps:
        joined, value = joined.then(factor, added, divisor), (factor * value + added) // divisor
    assert joined(size) == value


@given(STEPS, st.integers(0, 500))
def test_a_formula_is_what_it_prints(steps: list[tuple[int, int, int]], size: int) -> None:
    joined = N
    for step in steps:
        joined = joined.then(*step)
    text = str(joined).replace("×", "*").replace(",", "").replace("/", "//").replace("floor", "")
    assert eval(text, {"n": size}) == joined(size)  # noqa: S307 - a formula that we printed


def broadcasts(graph: Graph) -> set[str]:
    """The layers that stretch an input of size 1."""
    return {node.name for node in graph.nodes if len({shape[-1] for shape in graph.input_shapes(node)}) > 1}


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_formulas_are_the_sizes_that_are_built(drawn: Drawn) -> None:
    own = convcalc.loads(drawn.text)
    formulas = size_formulas(own, ALONG)
    for size in range(1, 90):
        try:
            graph = convcalc.loads(drawn.text, input=[4, size])
        except convcalc.SpecError:
            continue
        if broadcasts(graph) == broadcasts(own):  # a map of one cell by chance fits any other
            for node in graph.nodes:
                told = formulas[node.name][-1]
                assert told is None or told(size) == node.output_shape[-1], (node.name, size)


def drops(graph: Graph) -> str | None:
    """The first layer that leaves cells of its input out at the end, tap by tap."""
    for node in graph.nodes:
        if not isinstance(node.layer, WindowLayer) or isinstance(node.layer, TransposedConvolution):
            continue
        size, units = graph.input_shapes(node)[0][1], node.output_shape[1]
        (window,) = node.layer.windows((size,))
        seen = [window.at(unit) for unit in range(units)]
        spans = [(taps[0], taps[1]) for taps in seen if taps is not None]
        gap = spans[1][0] - spans[0][1] - 1 if units > 1 else node.layer.stride[0] - 1 - spans[0][1] + spans[0][0]
        if size - 1 - spans[-1][1] > max(gap, 0):
            return node.name
    return None


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_what_drops_is_seen_tap_by_tap(drawn: Drawn) -> None:
    for fit in built(drawn.text, range(1, 60)):
        if fit.problem is None:
            assert fit.dropping == drops(convcalc.loads(drawn.text, input=[4, fit.size])), fit.size


def test_what_cannot_be_built_says_why() -> None:
    (fit,) = built(network("- conv1d: {out_channels: 1, kernel_size: 5}", "[2, 9]"), range(4, 5))
    assert fit.problem is not None
    assert fit.problem.rule == "kernel-larger-than-input"
    assert fit.shapes == {}


def test_padding_left_over_is_no_drop() -> None:
    even, odd = built(
        network("- conv1d: {name: c, out_channels: 1, kernel_size: 3, stride: 2, padding: 1}", "[2, 8]"), range(8, 10)
    )
    assert (even.uneven, even.dropping) == ("c", None)
    assert (odd.uneven, odd.dropping) == (None, None)


def test_an_expression_may_build_other_layers() -> None:
    text = network(
        """
        - conv1d: {name: c, out_channels: 4, kernel_size: 3, padding: 1}
        - conv1d: {name: extra, out_channels: 4, kernel_size: 3, padding: 1, when: =in_length > 10}
        """,
        "[2, 8]",
    )
    assert [fit.resized for fit in built(text, range(9, 12))] == [None, None, "extra"]


def test_formulas_are_equal_by_what_they_do() -> None:
    assert N.then(1, 0, 2).then(1, 0, 3) == SizeFormula().then(1, 0, 6)
    assert len({N.then(2, 0, 2), N}) == 1
