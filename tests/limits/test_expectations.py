"""`expect`: section 8 of the language."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.limits.expectations import check_expectations
from tests.helpers import analysed, marked, network

LAYERS = """
- conv2d: {name: conv, out_channels: 4, kernel_size: 3}
- relu: {name: act}
- max_pool2d: {name: pool, kernel_size: [2, 1]}
- flatten
- linear: {name: fc, out_features: 10}
"""
# params 112 + 730 = 842; conv 4x6x6, pool 4x3x6, fc 10
HOLD = [
    "params: 842",
    "params: {min: 842, max: 842}",
    "params: {min: 842}",
    "params: {max: 1k}",
    "params: {max: 0.9k, min: 0.5k}",
    "params: 842.0",
    "params: '842'",
    "param_bytes: 3368",
    "param_bytes: {max: 4KiB, min: 3KiB}",
    "macs: {max: 1M}",
    "macs: {max: 1 MMACs}",
    "param_bytes: 3368 B",
    "params: {min: 0.8 k params}",
    "output_shape: [10]",
    "receptive_field: 8",
    "receptive_field: [8, 8]",
    "receptive_field: {min: 8, max: 8}",
    "trainable_params: 842",
    "layers: {conv: {params: 112, output_shape: [4, 6, 6], receptive_field: 3, weights: 108, biases: 4}}",
    "layers: {pool: {receptive_field: [4, 3], params: 0, output_shape: [4, 3, 6]}}",
    "layers: {pool: {receptive_field: {min: 3, max: 4}}}",
    "layers: {fc: {params: {min: 1, max: 1k}, receptive_field: 8, units: 10}}",
    "layers: {conv: {type: conv2d, tied_to: null}}",
    "layers: {}",
    "layers: 5",
]

FAIL = [
    ("params: §841", "params is 842, expected 841 (+1)"),
    ("params: §1 KiB", "`1 KiB` is in bytes, which is not a unit of params"),
    ("macs: {min: 1, max: §4MiB}", "`4MiB` is in bytes, which is not a unit of macs"),
    ("layers: {conv: {receptive_field: {max: §9 MACs}}}", "is in macs, which is not a unit of receptive_field"),
    ("params: §1k", "params is 842, expected 1,000 (-158)"),
    ("params: {min: §1k}", "expected at least 1,000"),
    ("params: {max: §0.5k}", "expected at most 500"),
    ("params: {min: 1, max: §2}", "expected at most 2"),
    ("params: §many", "expected many"),
    ("params: §[842]", "expected"),
    ("params: §null", "expected"),
    ("params: §true", "expected"),
    ("params: {§least: 5}", "takes a number, min or max"),
    ("params: {§min: x}", "takes a number, min or max"),
    ("output_shape: §[11]", "output_shape is 10, expected 11"),
    ("output_shape: §10", "output_shape"),
    ("receptive_field: §7", "receptive_field is 8, expected 7"),
    ("receptive_field: §[8]", "expected 8"),
    ("receptive_field: {min: §28}", "at least 28"),
    ("layers: {pool: {receptive_field: §4}}", "receptive_field is 3, expected 4"),
    ("layers: {pool: {receptive_field: §[3, 4]}}", "expected 3x4"),
    ("layers: {conv: {params: §113}}", "params is 112, expected 113 (-1)"),
    ("layers: {conv: {§param: 112}}", "there is no figure `param`"),
    ("layers: {§cnv: {params: 112}}", "there is no layer `cnv`"),
    ("layers: {conv: §5}", "must be a mapping"),
    ("layers: §6", "layers is 5, expected 6"),
    ("§parms: 842", "there is no figure `parms`"),
    ("§params_: 842", "there is no figure `params_`"),
]


def spec(expect: str) -> str:
    return network(LAYERS, head=f"expect: {{{expect}}}")


@pytest.mark.parametrize("expect", HOLD)
def test_what_holds(expect: str) -> None:
    assert [str(problem) for problem in check_expectations(analysed(spec(expect)))] == []


@pytest.mark.parametrize(("expect", "message"), FAIL, ids=[case[0] for case in FAIL])
def test_what_fails_points_at_the_value(expect: str, message: str) -> None:
    text, place = marked(spec(expect))
    problems = check_expectations(analysed(text))
    assert [f"{problem.where.line}:{problem.where.column}" for problem in problems] == [place], list(map(str, problems))
    assert message in problems[0].message
    assert problems[0].rule == "expectation"


def test_every_figure_that_differs_is_one_problem_in_file_order() -> None:
    problems = check_expectations(
        analysed(spec("params: 1, macs: 2, layers: {conv: {params: 3, units: 4}, fc: {units: 10}}"))
    )
    assert [problem.message.split()[0] for problem in problems] == ["params", "macs", "params", "units"]
    columns = [problem.where.column for problem in problems]
    assert columns == sorted(columns)
    assert problems[2].subject == "conv"


TWO = """
outputs: [fc, aux]
expect: {%s}
"""
TWO_LAYERS = "- conv2d: {name: aux, out_channels: 2, kernel_size: 3}\n- flatten\n- linear: {name: fc, out_features: 10}"

SEVERAL = [
    ("output_shape: {fc: [10], aux: [2, 6, 6]}", ""),
    ("output_shape: {aux: [2, 6, 6]}", ""),
    ("receptive_field: {fc: 8, aux: 3}", ""),
    ("receptive_field: {min: 3}", ""),
    ("output_shape: {fc: §[11]}", "output_shape is 10"),
    ("output_shape: {§head: [10]}", "there is no figure `head`"),
    ("output_shape: §[10]", "several outputs"),
    ("receptive_field: {aux: §4}", "expected 4"),
    ("receptive_field: §8", "expected 8"),
]


@pytest.mark.parametrize(("expect", "message"), SEVERAL, ids=[case[0] for case in SEVERAL])
def test_several_outputs(expect: str, message: str) -> None:
    text = network(TWO_LAYERS, head=TWO % expect)
    place = ""
    if message:
        text, place = marked(text)
    problems = check_expectations(analysed(text))
    assert [f"{problem.where.line}:{problem.where.column}" for problem in problems] == ([place] if message else [])
    assert all(message in problem.message for problem in problems)


def test_several_inputs_have_a_field_each() -> None:
    layers = """
        - conv2d: {name: a, from: left, out_channels: 3, kernel_size: 3, padding: 1}
        - add: {name: sum, from: [a, right]}
    """
    inputs = "{left: [3, 8, 8], right: [3, 8, 8]}"
    hold = network(layers, input=inputs, head="expect: {receptive_field: {left: 3, right: 1}}")
    assert check_expectations(analysed(hold)) == []
    fail = network(layers, input=inputs, head="expect: {receptive_field: {left: 3, right: 3}}")
    (problem,) = check_expectations(analysed(fail))
    assert "receptive_field is 1, expected 3" in problem.message


def test_a_variant_has_its_own_expectations() -> None:
    head = "params: {n: 2}\nexpect: {params: 8}\nvariants: {four: {params: {n: 4}, expect: {params: 17}}, none: {}}"
    text = network("- conv2d: {out_channels: =n, kernel_size: 1}", head=head)
    assert check_expectations(analysed(text)) == []
    (problem,) = check_expectations(analysed(text, variant="four"))
    assert problem.subject == "four"
    assert problem.message == "params is 16, expected 17 (-1)"
    assert check_expectations(analysed(text, variant="none")) == []


def test_expressions_speak_of_the_params() -> None:
    text = """
params: {width: 4}
input: [3, 8, 8]
layers: [conv2d: {name: c, out_channels: =width, kernel_size: 3}]
expect: {params: =28 * width, output_shape: [=width, 6, 6], layers: {c: {biases: {max: =width}}}}
"""
    assert check_expectations(convcalc.analyse(convcalc.loads(text))) == []
    assert check_expectations(convcalc.analyse(convcalc.loads(text.replace("28 *", "27 *")))) != []
