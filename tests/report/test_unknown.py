"""Figures that nobody tells: null in the rows, bounds in the totals, and why in words. Unknown is never zero."""

from __future__ import annotations

from typing import Any

import pytest

import convcalc
from convcalc.limits.expectations import check_expectations
from convcalc.report.columns import COLUMNS, columns
from convcalc.report.derivation import derive
from convcalc.report.figures import numbers_of_layers
from convcalc.report.report import Report
from convcalc.report.sums import Partial, add_up, convert, status
from convcalc.report.view import View
from tests.helpers import analysed, network

CONV = "conv2d: {name: conv, out_channels: 4, kernel_size: 3}"  # 112 parameters, 3,888 macs
WIRING = ("params_shared", "params_unshared", "params_fully_connected", "connections")
OF_PARAMETERS = ("params", "trainable_params", *WIRING)


def mystery(body: str = "", layers: str = f"- {CONV}\n- t: {{name: m}}", expect: str = "{}") -> Report:
    """A network with a layer `m` of a custom type with this body."""
    return analysed(network(layers, head=f"expect: {expect}\ncustom:\n  t: {{{body}}}"))


def test_sums() -> None:
    assert [add_up(figures) for figures in ([], [1, 2], [0, None], [1, None], [None])] == [0, 3, None, 1, None]
    assert [status(add_up(figures)) for figures in ([1], [1, None], [0, None])] == ["", "partial", "unknown"]
    assert status(add_up([Partial(3), 1])) == "partial"
    assert status(convert(Partial(3), lambda count: 4 * count)) == "partial"


NONE_KNOWN = "parameters: {}, macs: 0, window: pointwise"
CASES: list[tuple[str, tuple[str, ...]]] = [
    ("", ("macs", "flops", "weights", "biases", *OF_PARAMETERS)),
    ("macs: 5", ("weights", "biases", *OF_PARAMETERS)),
    ("parameters: {}", ("macs", "flops")),
    ("parameters: 0, macs: 0", WIRING),
    ("parameters: {weight: 5, bias: 1}, macs: 5", WIRING),
    (NONE_KNOWN, ()),
]


@pytest.mark.parametrize(("body", "missing"), CASES)
def test_a_row_has_none_for_what_no_formula_tells(body: str, missing: tuple[str, ...]) -> None:
    row = mystery(body).row("m")
    found = [figure.name for figure in numbers_of_layers() if figure.of_layer(row) is None]
    assert sorted(found) == sorted(missing)
    encoded = row.to_dict()
    assert [name for name in missing if encoded[name] is not None] == []
    assert row.buffers == row.frozen_params == 0
    assert row.units == 144


def test_totals_say_what_they_lack() -> None:
    totals = mystery().totals.to_dict()
    assert totals["params"] == 112
    assert totals["macs"] == 3888
    lacking = (*OF_PARAMETERS, "macs", "flops", "activations", "param_bytes")
    assert totals["status"] == dict.fromkeys(lacking, "partial")
    assert totals["peak_activation_bytes"] > 0
    assert totals["output_elements"] == 288


def test_a_total_of_which_nothing_is_known_is_null() -> None:
    totals = mystery("parameters: 3", "- t: {name: m}\n- relu").totals.to_dict()
    assert totals["macs"] is None
    assert totals["status"]["macs"] == "unknown"
    assert "params" not in totals["status"]


def test_incomplete_totals_have_the_keys_of_complete_ones() -> None:
    assert list(mystery().totals.to_dict()) == [*convcalc.analyse("lenet").totals.to_dict(), "status"]


@pytest.mark.parametrize("target", ["lenet", "resnet18"])
def test_a_complete_report_has_no_status(target: str) -> None:
    assert "status" not in convcalc.analyse(target).totals.to_dict()
    assert "status" not in mystery(NONE_KNOWN).totals.to_dict()


@pytest.mark.parametrize(
    ("body", "activations"),
    [("parameters: 3, macs: 2", 288), ("parameters: {}", 144), ("macs: 0", 144), ("parameters: 3", None),
     ("macs: 3", None), ("parameters: {gate_bias: 4}, macs: 0", 144)],
)  # fmt: skip
def test_activations_are_those_of_layers_with_weights_and_macs(body: str, activations: int | None) -> None:
    totals = mystery(body).totals
    assert ("activations" in totals.status) == (activations is None)
    assert totals.activations == (activations or 144)


def test_frozen_and_tied_parameters_that_nobody_counts() -> None:
    report = mystery(layers="- t: {name: a}\n- t: {name: b, tied: a}\n- t: {name: c, trainable: false}")
    assert [row.params for row in report.rows] == [None, 0, None]
    assert [row.trainable_params for row in report.rows] == [None, 0, 0]
    assert [row.frozen_params for row in report.rows] == [0, 0, None]


def test_a_folded_line_is_a_bound() -> None:
    layers = f"- sequential: {{name: stem, layers: [{CONV}, t: {{name: m}}]}}\n- t: {{name: alone}}"
    lines = View(mystery(layers=layers), columns(["name", "params"]), depth=1).lines
    params = [COLUMNS["params"].get(line) for line in lines]
    assert [(figure, status(figure)) for figure in params] == [(112, "partial"), (None, "unknown")]


def test_unknown_figures_are_sorted_last() -> None:
    view = View(mystery(), columns(["name"]), sort=COLUMNS["params"])
    assert [line.name for line in view.lines] == ["conv", "m"]


def test_the_field_of_what_follows_is_unknown() -> None:
    report = mystery(layers=f"- t: {{name: m}}\n- {CONV}\n- global_avg_pool: {{name: pool}}\n- flatten: {{name: flat}}")
    for row in report.rows:
        assert row.to_dict()["receptive_field"] == {
            "size": [None, None], "clipped": [None, None], "stride": None, "padding": None, "aligned": None,
        }  # fmt: skip


def test_a_branch_of_which_it_is_known_does_not_hide_it() -> None:
    layers = f"- {CONV}\n- t: {{name: m}}\n- add: {{name: sum, from: [conv, m]}}\n- relu: {{from: conv, name: known}}"
    report = mystery(layers=layers)
    assert report.row("sum").to_dict()["receptive_field"]["size"] == [None, None]
    assert report.row("known").to_dict()["receptive_field"]["size"] == [3, 3]


def test_compare_leaves_them_out_of_the_ladder() -> None:
    report = mystery("parameters: 7", f"- {CONV}\n- t: {{name: m}}")
    comparison = convcalc.compare(report)
    value: dict[str, Any] = comparison.to_dict()
    assert [layer["params_unshared"] for layer in value["layers"]] == [4032, None]
    assert value["ladder"]["left_out"] == ["m"]
    assert value["ladder"]["params_shared"] == 112
    assert comparison.ladder.saved_by_sharing == 36
    assert comparison.sliding is None
    assert "left_out" not in convcalc.compare("lenet").ladder.to_dict()


def test_networks_side_by_side_say_what_they_lack() -> None:
    value = convcalc.compare(mystery("parameters: 7"), convcalc.analyse("lenet")).to_dict()
    assert value["networks"][0]["status"]["macs"] == "partial"
    assert "status" not in value["networks"][1]


def steps(report: Report, layer: str) -> dict[str, tuple[str, str, Any, str]]:
    return {
        step.title: (step.symbols, step.numbers, step.result, "; ".join(step.notes))
        for step in derive(report, layer).steps
    }


def test_explain_says_what_is_unknown() -> None:
    found = steps(mystery(), "m")
    assert found["parameters"] == ("", "", None, "not known: t gives no `parameters`")
    assert found["multiply-accumulates"] == ("", "", None, "not known: t gives no `macs`")
    assert found["receptive field"] == ("", "", None, "not known: m defines no window")


def test_explain_shows_the_formulas() -> None:
    found = steps(mystery("params: {k: 3}, parameters: {weight: =k * in_channels // 2, bias: =k}, macs: =2 * k"), "m")
    assert found["parameters: weight"][:3] == ("floor(k × in_channels / 2)", "floor(3 × 4 / 2)", 6)
    assert found["parameters"][:3] == ("weight + bias", "6 + 3", 9)
    assert found["multiply-accumulates"][:3] == ("2 × k", "2 × 3", 6)


EXPECTED = [
    ("{params: 112}", "params is at least 112, and not known in full: no formula of m gives it"),
    ("{params: {max: 1M}}", "params is at least 112, and not known in full: no formula of m gives it"),
    ("{param_bytes: 448}", "param_bytes is at least 448, and not known in full: no formula of m gives it"),
    ("{activations: 144}", "activations is at least 144, and not known in full: no formula of m gives it"),
    ("{receptive_field: 3}", "receptive_field is unknown, expected 3 (m defines no window)"),
    ("{layers: {m: {macs: 0}}}", "macs is not known: no formula of m gives it"),
    ("{layers: {m: {params: null}}}", "params is not known: no formula of m gives it"),
    ("{layers: {m: {receptive_field: {min: 1}}}}", "receptive_field is unknown, expected min 1 (m defines no window)"),
]


@pytest.mark.parametrize(("expect", "message"), EXPECTED)
def test_an_expectation_of_what_is_unknown_fails(expect: str, message: str) -> None:
    assert [problem.message for problem in check_expectations(mystery(expect=expect))] == [message]


def test_an_expectation_of_what_is_known_holds() -> None:
    expect = "{buffers: 0, output_shape: [4, 6, 6], layers: {conv: {params: 112}, m: {units: 144}}}"
    assert check_expectations(mystery(expect=expect)) == []
