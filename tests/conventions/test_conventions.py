"""Each convention against figures that were measured with the tool itself: see measured.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.conventions import CONVENTIONS, Convention, differences
from convcalc.layers import names

MEASURED = json.loads((Path(__file__).parent / "measured.json").read_text(encoding="utf-8"))
ABOUT = {"type", "config", "inputs", "unknown"}


def network(case: dict[str, Any]) -> convcalc.Report:
    """The layer of a measured case as a network of its own."""
    inputs = {f"x{index}": shape for index, shape in enumerate(case["inputs"])}
    entry = {**case["config"], "name": "layer", "from": list(inputs)}
    spec = {"input": inputs, "layers": [{case["type"]: entry}]}
    return convcalc.analyse(convcalc.loads(json.dumps(spec)))


def totals(convention: Convention, report: convcalc.Report) -> list[int | None]:
    convention.check(report.rows)
    return list(convention.to_dict(report.rows)["totals"].values())


def figures(cases: Iterator[tuple[Any, dict[str, Any]]]) -> list[Any]:
    return [
        pytest.param(subject, tool, figure, id=f"{tool} {subject if isinstance(subject, str) else subject['type']}")
        for subject, case in cases
        for tool, figure in case.items()
        if tool not in ABOUT
    ]


@pytest.mark.parametrize(("target", "tool", "figure"), figures(iter(MEASURED["networks"].items())))
def test_networks(target: str, tool: str, figure: list[int | None]) -> None:
    assert totals(CONVENTIONS[tool], convcalc.analyse(target)) == figure


@pytest.mark.parametrize(("case", "tool", "figure"), figures((case, case) for case in MEASURED["layers"]))
def test_layers(case: dict[str, Any], tool: str, figure: list[int | None]) -> None:
    report = network(case)
    if tool in case.get("unknown", []):  # a convention that would be wrong here says nothing
        assert CONVENTIONS[tool].unknown(report.rows[0])
        return
    assert totals(CONVENTIONS[tool], report) == figure


def test_caffe_has_a_bias_in_the_first_convolution_of_resnet50() -> None:
    """The published 25,610,269 are those of a model file that leaves bias_term out there: 64 more."""
    spec = (Path(__file__).parents[2] / "specs" / "resnet.yaml").read_text(encoding="utf-8")
    first = "kernel_size: 7, stride: 2, padding: 3, bias: false"
    assert spec.count(first) == 1
    report = convcalc.analyse(convcalc.loads(spec.replace(first, first.removesuffix(", bias: false"))))
    assert totals(CONVENTIONS["caffe"], report) == [25_610_269, None]
    assert totals(CONVENTIONS["caffe"], convcalc.analyse("resnet50")) == [25_610_205, None]


def test_keras_of_its_own_resnet50() -> None:
    """keras.applications.ResNet50 has a bias in every convolution."""
    spec = (Path(__file__).parents[2] / "specs" / "resnet.yaml").read_text(encoding="utf-8")
    report = convcalc.analyse(convcalc.loads(spec.replace("bias: false", "bias: true")))
    assert totals(CONVENTIONS["keras"], report) == [25_636_712, None]


def test_a_layer_that_is_called_twice_has_its_parameters_once() -> None:
    conv = "{name: first, out_channels: 6, kernel_size: 3, padding: 1}"
    again = "{tied: first, out_channels: 6, kernel_size: 3, padding: 1}"
    text = f"input: [6, 10, 8]\nlayers:\n  - conv2d: {conv}\n  - conv2d: {again}\n"
    report = convcalc.analyse(convcalc.loads(text))
    expected = {"torchinfo": 52800, "fvcore": 51840, "thop": 51840, "ptflops": 52800, "pytorch": 103680}
    for tool, operations in expected.items():
        assert totals(CONVENTIONS[tool], report) == [330, operations]
    assert totals(CONVENTIONS["keras"], report) == [330, None]


def test_ptflops_leaves_frozen_parameters_out() -> None:
    text = "input: [6, 10, 8]\nlayers: [conv2d: {out_channels: 12, kernel_size: 3, padding: 1, trainable: false}]\n"
    report = convcalc.analyse(convcalc.loads(text))
    assert totals(CONVENTIONS["ptflops"], report) == [0, 52800]
    assert totals(CONVENTIONS["torchinfo"], report) == [660, 52800]


def test_every_rule_is_of_a_kind_that_there_is() -> None:
    for convention in CONVENTIONS.values():
        for kind in (*convention.parameter_rules, *(convention.operation_rules or {})):
            assert kind.partition(":")[0] in names()


@pytest.mark.parametrize("layer", [
    {"type": "locally_connected2d", "config": {"out_channels": 2, "kernel_size": 3}},
    {"type": "conv2d", "config": {"out_channels": 2, "kernel_size": 3, "sharing": "none"}},
    {"type": "conv2d", "config": {"out_channels": 2, "kernel_size": 3, "connection_table": 2}},
    {"type": "conv2d", "config": {"out_channels": 2, "kernel_size": 3, "bias": "per_position"}},
    {"type": "subsample2d", "config": {"kernel_size": 2}},
])  # fmt: skip
@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=list(CONVENTIONS))
def test_what_a_tool_cannot_hold_is_unknown(convention: Convention, layer: dict[str, Any]) -> None:
    report = network({**layer, "inputs": [[6, 10, 8]]})
    assert convention.unknown(report.rows[0])
    assert differences(report.rows[0]) == []
    with pytest.raises(convcalc.UsageError, match=f"the counts of {convention.name} for layer"):
        convention.check(report.rows)


def test_differences_are_told_where_there_are_any() -> None:
    case = {"type": "conv2d", "config": {"out_channels": 12, "kernel_size": 3}, "inputs": [[6, 10, 8]]}
    why = "the bias as operations too"
    assert differences(network(case).rows[0]) == [
        f"{tool} counts 31,680 operations instead of 31,104: {why}" for tool in ("torchinfo", "ptflops")
    ]
    case["config"] = {"out_channels": 12, "kernel_size": 3, "bias": False}
    assert differences(network(case).rows[0]) == []
