"""Budgets on the command line and what is said where one is not kept."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.checking.check_source import check_source
from convcalc.checking.settings import Settings
from convcalc.cli.check import command
from convcalc.errors import UsageError
from convcalc.limits.figures import LAYER_NUMBERS, TOTALS, numbers
from convcalc.limits.limit import EXACT, Limit, budget
from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.report.columns import COLUMNS
from convcalc.report.figure import FIELD, MAX, MIN
from convcalc.text.source import Source
from tests.golden import assert_golden
from tests.networks import NET, PARAMS, WIDE_PARAMS
from tests.strategies.networks import Network, networks
from tests.workspace import Workspace

GOLDENS = Path(__file__).parents[1] / "data" / "budgets"


def over(text: str, *limits: Limit) -> list[Problem]:
    """What a spec does not keep of some limits, and nothing else that is wrong with it."""
    problems = check_source(Source("net.yaml", text), Settings((), limits)).problems
    assert {problem.rule for problem in problems} <= {"budget"}, list(map(str, problems))
    return problems


def test_the_figures_are_those_of_a_report() -> None:
    report = convcalc.loads(NET)
    totals = convcalc.analyse(report).totals.to_dict()
    assert list(totals) == list(dict.fromkeys(totals))
    assert set(TOTALS) == set(totals)
    options = {parameter.name for parameter in command.params}
    assert {f"{side}_{figure}" for figure in TOTALS for side in (MAX, MIN)} <= options
    assert {name for name in LAYER_NUMBERS if name not in COLUMNS} == {"output_elements"}


BUDGETS = [
    ("params <= 5M", ("", "params", MAX), 5_000_000),
    ("params<=5M", ("", "params", MAX), 5_000_000),
    ("  macs  <=  300 MMACs ", ("", "macs", MAX), 300_000_000),
    ("flops <= 2 GFLOPs", ("", "flops", MAX), 2_000_000_000),
    ("params_unshared <= 1.2 M params", ("", "params_unshared", MAX), 1_200_000),
    ("param_bytes <= 4 MiB", ("", "param_bytes", MAX), 4 * 2**20),
    ("param_bytes <= 512 B", ("", "param_bytes", MAX), 512),
    ("params <= 7B", ("", "params", MAX), 7_000_000_000),
    ("params <= 1,000,000", ("", "params", MAX), 1_000_000),
    ("receptive_field >= 224 px", ("", "receptive_field", MIN), 224),
    ("layers == 7", ("", "layers", EXACT), 7),
    ("conv1.params <= 10k", ("conv1", "params", MAX), 10_000),
    ("conv*.receptive_field >= 7", ("conv*", "receptive_field", MIN), 7),
    ("layer1.0.conv1.macs >= 0", ("layer1.0.conv1", "macs", MIN), 0),
]


@pytest.mark.parametrize(("text", "subject", "number"), BUDGETS)
def test_budgets_as_they_are_written(text: str, subject: tuple[str, str, str], number: int) -> None:
    limit = budget(text)
    assert (limit.subject, limit.number) == (subject, number)


NO_BUDGETS = [
    ("", "is not a budget"),
    ("params", "is not a budget"),
    ("params < 5M", "is not a budget"),
    ("params != 5M", "is not a budget"),
    ("params <= ", "is not a budget"),
    ("parms <= 5M", "did you mean params"),
    ("output_shape <= 5", "a network has no figure `output_shape`"),
    ("conv1.layers <= 5", "a layer has no figure `layers`"),
    ("conv1.parms <= 5", "did you mean params"),
    ("macs <= 4MiB", "`4MiB` is in bytes, which is not a unit of macs"),
    ("param_bytes <= 4M params", "is in params, which is not a unit of param_bytes"),
    ("receptive_field >= 3 MACs", "is in macs, which is not a unit of receptive_field"),
    ("params <= 1.5", "`1.5` is not a whole number"),
    ("params <= -5", "`-5` is not a whole number"),
    ("params <= 1e6", "`1e6` is not a whole number"),
    ("params <= many", "`many` is not a whole number"),
]


@pytest.mark.parametrize(("text", "message"), NO_BUDGETS)
def test_what_is_no_budget(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=r".") as error:
        budget(text)
    assert message in str(error.value)
    assert error.value.help


OPTIONS = [
    (("--max-params", str(WIDE_PARAMS)), 0),
    (("--max-params", str(WIDE_PARAMS - 1)), 1),
    (("--max-params", "61.066 k"), 0),
    (("--max-macs", "1 G"), 0),
    (("--max-flops", "1k"), 2),
    (("--max-param-bytes", "100KiB"), 2),
    (("--max-param-bytes", "1 MiB"), 0),
    (("--max-peak-activation-bytes", "1MB"), 0),
    (("--max-layers", "5"), 2),
    (("--min-layers", "6"), 0),
    (("--min-receptive-field", "32"), 0),
    (("--min-receptive-field", "33"), 2),
    (("--max-receptive-field", "31"), 2),
    (("--max-buffers", "0"), 0),
    (("--max-connections", "1"), 2),
    (("--max-params-unshared", "1"), 2),
    (("--max-params", "60k", "--min-params", "60k"), 2),
    (("--budget", "conv2.*.params <= 1152"), 1),
    (("--budget", "conv2.?.params <= 1"), 1),
    (("--budget", "conv1.receptive_field == 3"), 0),
    (("--budget", "conv2.1.receptive_field >= 8"), 1),
    (("--budget", f"params <= {PARAMS}", "--budget", "fc.params <= 10"), 2),
]


@pytest.mark.parametrize(("options", "count"), OPTIONS)
def test_options(workspace: Workspace, options: tuple[str, ...], count: int) -> None:
    workspace.write(net=NET)
    code, out = workspace.check("net.yaml", *options)
    assert (code, out.count("error[budget]")) == (bool(count), count), out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--max-params", "4MiB"), "--max-params 4MiB: `4MiB` is in bytes"),
        (("--max-param-bytes", "4 MMACs"), "is in macs"),
        (("--max-parms", "4"), "No such option"),
        (("--budget", "conv9.params <= 4"), "no network has a layer `conv9`"),
        (("--budget", "params"), "is not a budget"),
    ],
)
def test_wrong_calls(workspace: Workspace, options: tuple[str, ...], message: str) -> None:
    workspace.write(net=NET)
    code, out = workspace.check("net.yaml", *options)
    assert code == 2
    assert message in out


def test_a_layer_needs_to_be_in_one_network_of_the_run(workspace: Workspace) -> None:
    workspace.write(net=NET, other=NET.replace("conv1", "stem"))
    assert workspace.check(".", "--budget", "stem.params <= 5k") == (0, "2 files, 4 networks: no problems\n")
    assert workspace.check("net.yaml", "--only-specs", "--budget", "stem.params <= 5k")[0] == 0, "one of many files"


def test_a_comment_lets_a_budget_pass(workspace: Workspace) -> None:
    text = NET.replace("  wide:", "  # convcalc: ignore[budget] it is there to be large\n  wide:")
    workspace.write(net=text)
    assert workspace.check("net.yaml", "--max-params", "60k")[0] == 0


UNKNOWN = """\
input: [3, 8, 8]
custom:
  blob:
    output_shape: [4, 8, 8]
layers:
  - conv2d: {name: conv, out_channels: 2, kernel_size: 3, padding: 1}
  - blob: {name: blob}
  - conv2d: {name: last, out_channels: 2, kernel_size: 3, padding: 1}
"""

MESSAGES = [
    ("totals", NET, ["params <= 60k", "param_bytes <= 100 KiB", "layers == 5", "peak_activation_bytes <= 1",
                     "macs<=0"]),
    ("fields", NET, ["receptive_field >= 224", "receptive_field <= 3"]),
    ("layers", NET, ["conv2*.params <= 500", "fc.params >= 60k", "conv2*.connections <= 20k"]),
    ("unknown", UNKNOWN, ["params <= 1", "params >= 1", "blob.params <= 9", "receptive_field >= 1",
                          "last.receptive_field >= 1", "activations <= 10", "conv.params <= 56"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "budgets"), MESSAGES, ids=[case[0] for case in MESSAGES])
def test_messages(name: str, text: str, budgets: list[str]) -> None:
    assert_golden(GOLDENS / f"{name}.txt", render_problems(over(text, *map(budget, budgets))))


def test_each_part_of_several_fields_is_held_to_the_limit() -> None:
    text = "input: {left: [1, 9, 9], right: [1, 9, 9]}\nlayers:\n  - conv2d: {from: left, name: a, out_channels: 1, kernel_size: 3, padding: 1}\n  - add: {from: [a, right]}\n"  # noqa: E501
    assert over(text, budget("receptive_field <= 3"), budget("receptive_field >= 1")) == []
    (problem,) = over(text, budget("receptive_field >= 3"))
    assert problem.message == "receptive_field of right is 1: 2 (66.7 %) under the 3 required"


def test_limits_go_to_other_processes(workspace: Workspace) -> None:
    again: Limit = pickle.loads(pickle.dumps(budget("conv1.params <= 3")))  # noqa: S301  # it is our own
    assert (again.subject, again.number, again.origin) == (("conv1", "params", MAX), 3, "--budget 'conv1.params <= 3'")
    workspace.write(**{f"net{number}": NET for number in range(4)})
    options = ("--max-params", "60k", "--budget", "conv9.params <= 3")
    one, two = (workspace.check(".", "--jobs", jobs, *options[:2]) for jobs in ("1", "2"))
    assert one == two
    assert one[1].count("error[budget]") == 4
    assert workspace.check(".", "--jobs", "2", *options)[0] == 2


def bounds(figures: dict[str, Any], layer: str = "") -> list[tuple[Limit, bool]]:
    """Limits at and beside each figure, and whether they hold."""
    found = []
    for figure, value in figures.items():
        known = [number for _, number in numbers(value)]
        if not known or None in known:
            continue
        least, most = min(number for number in known if number is not None), max(n for n in known if n is not None)
        found += [
            (Limit(layer, figure, MAX, most, f"{layer} {figure} max"), True),
            (Limit(layer, figure, MIN, least, f"{layer} {figure} min"), True),
            (Limit(layer, figure, MIN, least + 1, f"{layer} {figure} above"), False),
            (Limit(layer, figure, MAX, most - 1, f"{layer} {figure} below"), False),
        ]
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(networks(1), networks(2)), st.data())
def test_a_budget_of_just_the_figure_is_kept(network: Network, data: st.DataObject) -> None:
    report = convcalc.analyse(convcalc.loads(network.text))
    row = data.draw(st.sampled_from(report.rows))
    of_layer = {
        name: row.to_dict()[name] if name != FIELD else (row.to_dict()[FIELD] or {}).get("size")
        for name in LAYER_NUMBERS
        if name in row.to_dict()
    }
    cases = [*bounds(report.totals.to_dict()), *bounds(of_layer, row.name)]
    problems = over(network.text, *(limit for limit, _ in cases))
    said = [note.removeprefix("the limit is ") for problem in problems for note in problem.trail if "limit" in note]
    assert sorted(said) == sorted(limit.origin for limit, holds in cases if not holds)
