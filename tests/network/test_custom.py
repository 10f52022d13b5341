"""Custom types: layers whose figures are the formulas of their spec."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.report.rows import Row
from tests.helpers import analysed, assert_one_problem, lines, network, problems

GATED = """
custom:
  gated_conv:
    params: {out_channels: null, kernel_size: 3, stride: 1}
    output_shape: [=out_channels, =(in_height - kernel_size) // stride + 1, =(in_width - kernel_size) // stride + 1]
    parameters: {weight: =2 * out_channels * in_channels * kernel_size ** 2, bias: =2 * out_channels}
    macs: =2 * out_channels * in_channels * kernel_size ** 2 * out_height * out_width
    window: {kernel_size: =kernel_size, stride: =stride}
"""
# conv2d, written out; padding as [before, after] pairs.
CONVOLUTION = """
custom:
  convolution:
    params:
      {out_channels: null, kernel_size: null, stride: null, padding: null, dilation: null, groups: null, bias: null,
       span_height: "=dilation[0] * (kernel_size[0] - 1) + 1", span_width: "=dilation[1] * (kernel_size[1] - 1) + 1"}
    output_shape:
      - =out_channels
      - =(in_height + sum(padding[0]) - span_height) // stride[0] + 1
      - =(in_width + sum(padding[1]) - span_width) // stride[1] + 1
    parameters:
      weight: =out_channels * in_channels // groups * kernel_size[0] * kernel_size[1]
      bias: =out_channels if bias else 0
    macs: =out_channels * out_height * out_width * in_channels // groups * kernel_size[0] * kernel_size[1]
    window: {kernel_size: =kernel_size, stride: =stride, padding: =padding, dilation: =dilation}
"""
FIGURES = ("output_shape", "params", "weights", "biases", "trainable_params", "buffers", "units", "macs", "flops")


def one(body: str, input: str = "[3, 8, 8]") -> Row:
    """The row of a layer of a custom type with this body."""
    return analysed(network("- t: {name: a}", input, f"custom:\n  t: {{{body}}}")).rows[0]


def test_formulas_give_the_figures() -> None:
    report = analysed(network("- gated_conv: {name: g1, out_channels: 16}", "[3, 32, 32]", GATED))
    row = report.row("g1")
    assert (row.type, row.output_shape, row.units) == ("gated_conv", (16, 30, 30), 14400)
    assert (row.weights, row.biases, row.params, row.buffers) == (864, 32, 896, 0)
    assert (row.macs, row.flops) == (777_600, 1_555_200)
    assert row.config == {"out_channels": 16, "kernel_size": 3, "stride": 1}
    assert report.totals.receptive_field == [3, 3]


def pairs(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    return st.lists(numbers, min_size=2, max_size=2)


@st.composite
def convolutions(draw: st.DrawFn) -> dict[str, object]:
    return {
        "out_channels": 2 * draw(st.integers(1, 3)),
        "kernel_size": draw(pairs(st.integers(1, 4))),
        "stride": draw(pairs(st.integers(1, 3))),
        "padding": draw(st.lists(pairs(st.integers(0, 3)), min_size=2, max_size=2)),
        "dilation": draw(pairs(st.integers(1, 3))),
        "groups": draw(st.integers(1, 2)),
        "bias": draw(st.booleans()),
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(convolutions(), min_size=1, max_size=3), st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_a_convolution_written_out_is_a_convolution(layers: list[dict[str, object]], size: tuple[int, int]) -> None:
    def text(kind: str) -> str:
        entries = "\n".join(f"- {kind}: {json.dumps(layer)}" for layer in layers)
        return network(entries, json.dumps([2, *size]), CONVOLUTION)

    own, ours = text("convolution"), text("conv2d")
    if problems(ours):
        assert problems(own)
        return
    for mine, built_in in zip(analysed(own).rows, analysed(ours).rows, strict=True):
        assert [getattr(mine, name) for name in FIGURES] == [getattr(built_in, name) for name in FIGURES]
        fields = [row.to_dict()["receptive_field"] for row in (mine, built_in)]
        assert fields[0] == fields[1]


def test_absent_shape_is_the_inputs() -> None:
    assert one("macs: 0").output_shape == (3, 8, 8)


def test_param_defaults_read_the_input_and_earlier_params() -> None:
    row = one("params: {half: =in_channels * 2, twice: =2 * half}, parameters: {weight: =twice, scale_bias: 1}")
    assert (row.weights, row.biases) == (12, 1)


def test_params_of_the_spec_lie_beneath() -> None:
    head = "params: {width: 7}\ncustom: {t: {parameters: =width}, u: {params: {width: 2}, parameters: =width}}"
    assert lines(network("- t\n- u", head=head)) == ["t_1 <- input: 3x8x8, 7", "u_1 <- t_1: 3x8x8, 2"]


def test_a_param_hides_the_outputs_size() -> None:
    row = one("params: {out_channels: 5}, parameters: =out_channels, macs: =out_height")
    assert (row.params, row.macs) == (5, 8)


@pytest.mark.parametrize(
    ("input", "names"),
    [("[6]", ["channels", "features"]), ("[2, 9]", ["channels", "features", "length"]),
     ("[2, 3, 4, 5]", ["channels", "features", "depth", "height", "width"])],
)  # fmt: skip
def test_sizes_of_the_output_have_the_names_of_the_inputs(input: str, names: list[str]) -> None:
    terms = ", ".join(f"{side}_{name}: ={side}_{name}" for side in ("in", "out") for name in names)
    shape = json.loads(input)
    assert one(f"macs: {{{terms}}}", input).macs == 2 * (shape[0] + shape[-1] + sum(shape[1:]))


def test_several_inputs() -> None:
    head = """
    custom:
      film:
        inputs: [x, condition]
        parameters: {weight: "=2 * condition_shape[0] * x_shape[0]"}
        macs: "=2 * condition_shape[0] * in_channels"
        window: [pointwise, whole]
    """
    text = network("- film: {from: [image, label]}", "{image: [4, 8, 8], label: [3, 5]}", head)
    row = analysed(text).rows[0]
    assert (row.params, row.macs, row.output_shape) == (24, 24, (4, 8, 8))
    sizes = {name: field and field.size for name, field in row.receptive_fields.items()}
    assert sizes == {"image": [1, 1], "label": [5]}


CONV = "conv2d: {out_channels: 4, kernel_size: 3}"
# By what a spec writes, what an output sees through it after a 3x3 convolution of 8x8.
WINDOWS = [
    ("pointwise", [3, 3]),
    ("whole", [8, 8]),
    ("{kernel_size: 3, padding: 1}", [5, 5]),
    ("{kernel_size: [3, 1], padding: same, dilation: 2}", [7, 3]),
    ("null", [None, None]),
    ("\"='whole'\"", [8, 8]),
]


@pytest.mark.parametrize(("window", "size"), WINDOWS)
def test_windows(window: str, size: list[int | None]) -> None:
    text = network(f"- {CONV}\n- t", head=f"custom:\n  t: {{window: {window}}}")
    assert analysed(text).totals.receptive_field == size


def test_pointwise_may_change_the_channels_or_the_features() -> None:
    channels = one("output_shape: [9, =in_height, =in_width], window: pointwise")
    assert channels.to_dict()["receptive_field"]["size"] == [1, 1]
    head = "custom: {t: {output_shape: [7, 9], window: pointwise}}"
    features = analysed(network("- linear: {out_features: 5}\n- t", "[7, 4]", head))
    assert features.totals.receptive_field == [1]


def test_a_custom_type_stands_wherever_a_type_may() -> None:
    text = network(
        """
        - =kind: {out_channels: 2, when: true}
        - gated_conv: {rows: [[name, out_channels], [a, 4], [b, 5]], kernel_size: 1}
        - gated_conv: {name: stack, repeat: 2, out_channels: =3 + index, kernel_size: 1}
        - stage
        - residual: {layers: [gated_conv: {out_channels: 3, kernel_size: 1}]}
        """,
        head=GATED + "params: {kind: gated_conv}\n"
        "blocks: {stage: {layers: [gated_conv: {name: inner, out_channels: 3, kernel_size: 1}]}}",
    )
    names = [row.name for row in analysed(text).rows]
    assert names == ["gated_conv_1", "a", "b", "stack.0", "stack.1", "stage_1.inner", "gated_conv_2", "residual_1"]


def test_tied_and_frozen() -> None:
    layers = """
    - gated_conv: {name: a, out_channels: 3, kernel_size: 1}
    - gated_conv: {name: b, out_channels: 3, kernel_size: 1, tied: a}
    - gated_conv: {name: c, out_channels: 3, kernel_size: 1, trainable: false}
    """
    report = analysed(network(layers, head=GATED))
    assert [row.params for row in report.rows] == [24, 0, 24]
    assert [row.frozen_params for row in report.rows] == [0, 0, 24]
    assert report.row("b").macs == report.row("a").macs


def test_tied_layers_must_read_the_same_numbers() -> None:
    layers = "- gated_conv: {name: a, out_channels: 3}\n- gated_conv: {out_channels: 4, tied: §a}"
    assert_one_problem(network(layers, head=GATED), "tied-shapes-differ")


def test_left_out_pooling_gives_the_formulas_another_input() -> None:
    layers = "- max_pool2d: {kernel_size: 2}\n- gated_conv: {out_channels: 2}\n- flatten\n- linear: {out_features: 5}"
    report = analysed(network(layers, head=GATED))
    dense = convcalc.compare(report, without_pooling=True).dense
    assert dense is not None
    assert dense.totals == (5 * (2 * 2 * 2) + 5, 5 * (2 * 6 * 6) + 5)


WRONG = [
    ("output_shape: §3", "wrong-type"),
    ("output_shape: [3, §0]", "wrong-value"),
    ("output_shape: [3, §2.5]", "wrong-value"),
    ("output_shape: [§=out_height]", "bad-expression"),
    ("output_shape: [§=9**9**9]", "bad-expression"),
    ('output_shape: §"=[1] * 10**9"', "bad-expression"),
    ("parameters: {weight: §-1}", "wrong-value"),
    ("parameters: {weight: 1, bias: §many}", "wrong-value"),
    ("parameters: {weight: §null}", "wrong-value"),
    ("parameters: {§we-ight: 1}", "bad-name"),
    ("macs: §1e200", "too-large"),
    ("macs: §=in_length", "bad-expression"),
    ("macs: {a: §=1 / 3}", "wrong-value"),
    ("buffers: §[1]", "wrong-value"),
    ("§macz: 1", "unknown-key"),
    ("window: §wide", "wrong-value"),
    ("window: §3", "wrong-type"),
    ("window: {kernel_size: 3, §pad: 1}", "unknown-key"),
    ("window: §{stride: 1}", "missing-key"),
    ("window: {kernel_size: 3, padding: 1, stride: [1, §0]}", "wrong-value"),
    ("window: §{kernel_size: 3}", "window-differs-from-shape"),
    ("window: §[pointwise, whole]", "wrong-value"),
    ("output_shape: [3], window: §pointwise", "wrong-window"),
    ("output_shape: [3], window: §{kernel_size: 1}", "wrong-rank"),
    ("params: {a: §=a}", "bad-expression"),
    ("params: {a: §=b, b: =a}", "bad-expression"),
    ("params: {§in_a: 1}", "taken-name"),
    ("params: §3", "wrong-type"),
    ("inputs: [§out]", "bad-name"),
    ("inputs: §[]", "wrong-type"),
]


@pytest.mark.parametrize(("body", "rule"), WRONG)
def test_mistakes_are_told_where_they_stand(body: str, rule: str) -> None:
    assert_one_problem(network("- t", head=f"custom:\n  t: {{{body}}}"), rule)


@pytest.mark.parametrize(
    ("entry", "body", "rule"),
    [("- §t", "params: {a: null}", "missing-parameter"), ("- t: {§b: 1}", "params: {a: 1}", "unknown-key"),
     ("- t: {a: §.inf}", "params: {a: 1}", "wrong-value"), ("- §t", "params: {a: .nan}", "wrong-value"),
     ("- §t", "inputs: [a, b]", "wrong-inputs"), ("- §u", "", "unknown-type")],
)  # fmt: skip
def test_mistakes_of_an_entry(entry: str, body: str, rule: str) -> None:
    assert_one_problem(network(entry, head=f"custom:\n  t: {{{body}}}"), rule)


@pytest.mark.parametrize("name", ["relu", "conv2d", "sequential", "b", "1x"])
def test_a_name_is_taken_once(name: str) -> None:
    head = f"blocks: {{b: {{layers: [relu]}}}}\ncustom:\n  §{name}: {{}}"
    assert_one_problem(network("- tanh", head=head), "bad-name" if name == "1x" else "taken-name")


def test_a_mistake_that_is_met_often_is_told_once() -> None:
    assert_one_problem(network("- t: {repeat: 9}\n- t", head="custom:\n  t: {macs: §=1 / 0}"), "bad-expression")


def test_a_deep_formula_is_shown_as_it_stands() -> None:
    from convcalc.report.derivation import derive

    report = analysed(network("- t: {name: a}", head=f"custom:\n  t: {{macs: ={'1+' * 400}1}}"))
    assert derive(report, "a").steps[-1].result == 401
