"""Top-level keys: params, variants, inputs and outputs, and what a call may change of them."""

from __future__ import annotations

from typing import Any

import pytest

import convcalc
from tests.helpers import analysed, assert_one_problem, lines, network, problems

HEAD = """
params: {a: 2, b: =3 * a, list: [1, [2, 3]]}
variants:
  five: {params: {a: 5}, input: [4, 9, 9]}
  flat: {params: {b: 1, list: [7]}, description: a flat one}
  same:
"""
LAYER = '- conv2d: {name: c, out_channels: "=b + list[0]", kernel_size: 1}'

PRECEDENCE = [
    ({}, "c <- input: 7x8x8, 28"),
    ({"variant": "same"}, "c <- input: 7x8x8, 28"),
    ({"variant": "five"}, "c <- input: 16x9x9, 80"),
    ({"variant": "flat"}, "c <- input: 8x8x8, 32"),
    ({"params": {"a": 4}}, "c <- input: 13x8x8, 52"),
    ({"variant": "five", "params": {"a": 4}}, "c <- input: 13x9x9, 65"),
    ({"variant": "flat", "params": {"a": 4}}, "c <- input: 8x8x8, 32"),
    ({"variant": "five", "input": "1x2x2"}, "c <- input: 16x2x2, 32"),
    ({"variant": "five", "input": [1, 2, 2], "params": {"list": [0], "b": "=a + 1"}}, "c <- input: 6x2x2, 12"),
    ({"input": [1, "=a", "=b"]}, "c <- input: 7x2x6, 14"),
]

SHAPES = [
    ("[5]", "- linear: {out_features: 2}", "linear_1 <- input: 2, 12"),
    ("[3, 10]", "- conv1d: {out_channels: 2, kernel_size: 3}", "conv1d_1 <- input: 2x8, 20"),
    ("[3, =n, =n + 1]", "- relu", "relu_1 <- input: 3x4x5, 0"),
    ("=[3, n]", "- relu", "relu_1 <- input: 3x4, 0"),
    ("[2, 4, 4, 4]", "- conv3d: {out_channels: 2, kernel_size: 3}", "conv3d_1 <- input: 2x2x2x2, 110"),
    ("[1e1, 2.0]", "- relu", "relu_1 <- input: 10x2, 0"),
]

TWO = "{left: [3, 8, 8], right: [1, 8, 8]}"

MISTAKES = [
    ("input: [3, §0]\nlayers: [relu]", "wrong-value", "positive whole number"),
    ("input: [3, §2.5]\nlayers: [relu]", "wrong-value", "2.5"),
    ("input: [§true, 3]\nlayers: [relu]", "wrong-value", "true"),
    ("input: [3, §-8]\nlayers: [relu]", "wrong-value", "-8"),
    ("input: [§.nan]\nlayers: [relu]", "wrong-value", "nan"),
    ("input: [§1e400]\nlayers: [relu]", "wrong-value", "inf"),
    ("input: §3x8x8\nlayers: [relu]", "wrong-type", "a shape must be a list"),
    ("input: §[]\nlayers: [relu]", "wrong-type", "a shape must be a list"),
    ("input: {a: §5}\nlayers: [relu]", "wrong-type", "a shape must be a list"),
    ("input: §{}\nlayers: [relu]", "wrong-type", "has no inputs"),
    ("input: {§1a: [3]}\nlayers: [relu]", "bad-name", "cannot be a name"),
    ("input: [3, 8]\noutputs: [§nope]\nlayers: [relu]", "unknown-name", "nope"),
    ("input: [3, 8]\noutputs: [§5]\nlayers: [relu]", "wrong-type", "expected the name of an entry"),
    ("input: [3, §=n]\nlayers: [relu]", "bad-expression", "'n'"),
    ("params: {a: §=b, b: 2}\ninput: [3]\nlayers: [relu]", "bad-expression", "'b'"),
    ("params: {§when: 1}\ninput: [3]\nlayers: [relu]", "taken-name", "when"),
    ("params: {§max: 1}\ninput: [3]\nlayers: [relu]", "taken-name", "max"),
    ("params: {§in_size: 1}\ninput: [3]\nlayers: [relu]", "taken-name", "in_size"),
    ("params: {§a-b: 1}\ninput: [3]\nlayers: [relu]", "bad-name", "a-b"),
    ("params: {§if: 1}\ninput: [3]\nlayers: [relu]", "bad-name", "if"),
    ("input: [3]\nlayers: [relu]\nvariants: {v: {params: {§x: 1}}}", "unknown-key", "no `x`"),
    ("input: [3]\nlayers: [relu]\nvariants: {v: {§layers: []}}", "unknown-key", "no `layers`"),
    ("input: [3]\nlayers: [relu]\nblocks: {§relu: {layers: []}}", "taken-name", "built-in layer"),
    ("input: [3]\nlayers: [relu]\nblocks: {§residual: {layers: []}}", "taken-name", "container"),
    ("input: [3]\nlayers: [relu]\nblocks: {§a.b: {layers: []}}", "bad-name", "a.b"),
    ("input: [3]\nlayers: [relu]\nblocks: {b: {inputs: [x, §x], layers: []}}", "bad-name", "x"),
    ("input: [3]\nlayers: [relu]\nblocks: {§b: {}}", "missing-key", "no `layers`"),
    ("§layers: [relu]", "missing-key", "`input` is missing"),
    ("§input: [3]", "missing-key", "`layers` is missing"),
    ("input: [3]\nlayers: [relu]\n§layerz: []", "unknown-key", "layerz"),
]


@pytest.mark.parametrize(("options", "expected"), PRECEDENCE, ids=[str(case[0]) for case in PRECEDENCE])
def test_a_call_goes_over_the_variant_and_the_variant_over_the_file(options: dict[str, Any], expected: str) -> None:
    assert lines(network(LAYER, head=HEAD), **options) == [expected]


def test_a_variant_of_its_own_name_and_description() -> None:
    graph = convcalc.loads(network(LAYER, head=HEAD), variant="flat")
    assert (graph.variant, graph.description) == ("flat", "a flat one")


@pytest.mark.parametrize(("shape", "layer", "expected"), SHAPES)
def test_input_shapes(shape: str, layer: str, expected: str) -> None:
    assert lines(network(layer, input=shape, head="params: {n: 4}")) == [expected]


def test_several_inputs() -> None:
    layers = "- relu: {from: right}\n- concat: {from: [previous, left]}\n- relu: {from: input}"
    report = analysed(network(layers, input=TWO))
    assert [row.inputs for row in report.rows] == [["right"], ["relu_1", "left"], ["left"]]
    assert report.inputs == {"left": (3, 8, 8), "right": (1, 8, 8)}
    assert analysed(network(layers, input=TWO), input="left=2x8x8,right=1x8x8").rows[1].output_shape == (3, 8, 8)


def test_the_first_of_several_inputs_must_be_named() -> None:
    assert_one_problem(network("- §relu", input=TWO), "missing-from", "first entry must name")


OUTPUTS = [
    ("", {"b": (3, 8, 8)}),
    ("outputs: [a, s.x]", {"a": (3, 8, 8), "s.x": (3, 8, 8)}),
    ("outputs: a", {"a": (3, 8, 8)}),
    ("outputs: [=which]", {"a": (3, 8, 8)}),
    ("outputs: [b, a]", {"b": (3, 8, 8), "a": (3, 8, 8)}),
    ("outputs: [r.*]", {"r.0": (3, 8, 8), "r.1": (3, 8, 8)}),
]


@pytest.mark.parametrize(("outputs", "expected"), OUTPUTS)
def test_outputs(outputs: str, expected: dict[str, tuple[int, ...]]) -> None:
    layers = """
        - relu: {name: a}
        - sequential: {name: s, layers: [tanh: {name: x}]}
        - relu: {name: r, repeat: 2}
        - tanh: {name: b}
    """
    report = analysed(network(layers, head=f"params: {{which: a}}\n{outputs}"))
    assert report.outputs == expected
    assert list(report.outputs) == list(expected)


@pytest.mark.parametrize(("text", "rule", "message"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_wrong_key_or_value_is_one_problem_at_its_place(text: str, rule: str, message: str) -> None:
    assert_one_problem(text, rule, message)


@pytest.mark.parametrize("text", ["input:", "input: null", "input: {a: null}", "variants: {v: {input: [3, 8]}}"])
def test_an_input_is_never_missing(text: str) -> None:
    received = problems(f"{text}\nlayers: [relu]")
    assert received, "a graph was built without an input"
    assert all("input" in problem.message or "shape" in problem.message for problem in received)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"params": {"c": 1}}, convcalc.UsageError),
        pytest.param({"params": {"a": object()}}, convcalc.UsageError, id="no value"),
        ({"input": "3y8"}, convcalc.UsageError),
        ({"sharing": "half"}, convcalc.UsageError),
        ({"variant": "fiv"}, convcalc.SpecError),
        ({"input": [0]}, convcalc.SpecError),
        ({"params": {"b": "=nope"}}, convcalc.SpecError),
    ],
    ids=str,
)
def test_wrong_calls(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        convcalc.loads(network(LAYER, head=HEAD), **options)
