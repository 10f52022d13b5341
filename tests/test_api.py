"""The public names: what they take, give and raise, and what importing them costs."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.cli.main import run
from tests.helpers import network
from tests.workspace import finished, python

PUBLIC = [
    "Comparison", "ConvcalcError", "Difference", "Graph", "Problem", "Report", "Results", "Row", "SpecError",
    "UsageError", "__version__", "analyse", "check", "compare", "difference", "load", "loads", "zoo",
]  # fmt: skip


def test_the_public_names() -> None:
    assert set(PUBLIC) <= set(convcalc.__all__)
    assert list(convcalc.__all__) == sorted(convcalc.__all__)
    assert set(convcalc.__all__) <= set(dir(convcalc))


@pytest.mark.parametrize("name", sorted(set(convcalc.__all__) - {"__version__"}))
def test_every_public_name_is_documented(name: str) -> None:
    value = getattr(convcalc, name)
    assert inspect.getdoc(value)
    assert value.__module__.startswith("convcalc.")


@pytest.mark.parametrize("kind", ["Comparison", "Difference", "Graph", "Problem", "Report", "Results", "Row"])
def test_public_classes_document_their_methods(kind: str) -> None:
    for name, member in vars(getattr(convcalc, kind)).items():
        if inspect.isfunction(member) and not name.startswith("_") and name != "to_dict":
            assert inspect.getdoc(member), f"{kind}.{name}"


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        convcalc.nope  # noqa: B018 - reading it is the test


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    return set(finished(python(script)).stdout.decode().split())


LAZY = [
    ("import convcalc", {"rich", "yaml", "click", "simpleeval", "textual", "numpy", "torch"}),
    ("import convcalc; convcalc.load('lenet')", {"rich", "click", "simpleeval", "textual", "numpy", "torch"}),
    ("import convcalc; convcalc.analyse('resnet50').to_dict()", {"rich", "click", "textual", "numpy", "torch"}),
]


@pytest.mark.parametrize(("code", "absent"), LAZY, ids=[case[0] for case in LAZY])
def test_importing_costs_only_what_is_used(code: str, absent: set[str]) -> None:
    assert modules_after(code) & absent == set()


def test_load_and_analyse() -> None:
    graph = convcalc.load("lenet")
    assert isinstance(graph, convcalc.Graph)
    assert graph.inputs == {"input": (1, 28, 28)}
    report = convcalc.analyse(graph)
    assert isinstance(report, convcalc.Report)
    assert report.to_dict() == {**convcalc.analyse("lenet").to_dict(), "target": report.target}
    assert isinstance(report.row("conv1"), convcalc.Row)


@pytest.mark.parametrize(
    ("target", "options", "params"),
    [
        ("lenet", {}, 44426),
        ("resnet18", {}, 11689512),
        ("resnet@resnet18", {}, 11689512),
        ("resnet18", {"params": {"classes": 10}}, 11689512 - 990 * 513),
        ("alexnet@torchvision", {"input": "3x256x256"}, 61100840),
        ("vgg16", {"input": [1, 224, 224]}, 138357544 - 2 * 9 * 64),
    ],
    ids=str,
)
def test_targets_and_what_a_call_changes(target: str, options: dict[str, Any], params: int) -> None:
    assert convcalc.analyse(target, **options).totals.params == params


def test_a_file_and_its_variants(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    head = "params: {n: 2}\nvariants: {four: {params: {n: 4}}}"
    path.write_text(network("- conv2d: {out_channels: =n, kernel_size: 1}", head=head))
    assert convcalc.analyse(path).totals.params == 8
    assert convcalc.analyse(f"{path}@four").totals.params == 16
    assert convcalc.analyse(f"{path}@four", params={"n": 1}).totals.params == 4


def test_sharing_rewrites_every_convolution() -> None:
    shared, unshared = convcalc.analyse("lenet"), convcalc.analyse("lenet", sharing="none")
    assert unshared.totals.params == shared.totals.params_unshared
    assert unshared.totals.params_shared == shared.totals.params
    assert unshared.totals.macs == shared.totals.macs
    zip_code = convcalc.analyse("lenet-1989", sharing="full")
    assert zip_code.row("H1").biases == 12


def test_bytes_follow_dtype_and_batch() -> None:
    one, other = convcalc.analyse("lenet"), convcalc.analyse("lenet", dtype="float16", batch=8)
    assert (one.totals.param_bytes, other.totals.param_bytes) == (4 * 44426, 2 * 44426)
    assert other.totals.peak_activation_bytes == 4 * one.totals.peak_activation_bytes
    assert convcalc.analyse("lenet", dtype="int4").totals.param_bytes == 22213


ERRORS: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    ("lenett", {}, convcalc.UsageError, "lenet"),
    ("nope.yaml", {}, convcalc.SpecError, "no such file"),
    ("lenet.yaml", {}, convcalc.SpecError, "no such file"),
    ("lenet@big", {}, convcalc.SpecError, "no variant"),
    ("lenet", {"params": {"x": 1}}, convcalc.UsageError, "no param"),
    ("lenet", {"input": "28"}, convcalc.SpecError, ""),
    ("lenet", {"input": "axb"}, convcalc.UsageError, "not a shape"),
    ("lenet", {"sharing": "some"}, convcalc.UsageError, "full or none"),
    ("lenet", {"dtype": "float33"}, convcalc.UsageError, "dtype"),
    ("lenet", {"batch": 0}, convcalc.UsageError, "batch"),
]


@pytest.mark.parametrize(("target", "options", "error", "message"), ERRORS, ids=[f"{c[0]} {c[1]}" for c in ERRORS])
def test_errors(target: str, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        convcalc.analyse(target, **options)
    assert isinstance(caught.value, convcalc.ConvcalcError)
    text = str(caught.value)
    if isinstance(caught.value, convcalc.SpecError):
        assert caught.value.problems
        assert all(isinstance(problem, convcalc.Problem) for problem in caught.value.problems)
    assert message in text


def test_a_missing_file_of_a_shipped_name_is_not_replaced() -> None:
    with pytest.raises(convcalc.SpecError) as caught:
        convcalc.load("lenet.yaml")
    assert "shipped" in caught.value.problems[0].help


def test_a_row_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(convcalc.UsageError, match="conv1"):
        convcalc.analyse("lenet").row("conv11")


def test_loads_names_its_text() -> None:
    with pytest.raises(convcalc.SpecError) as caught:
        convcalc.loads("input: [3]\nlayers: [relux]", name="mine")
    assert str(caught.value.problems[0].where) == "mine:2:10"


def test_zoo_lists_targets_that_load() -> None:
    targets = convcalc.zoo()
    assert {"lenet", "alexnet", "resnet@resnet50", "vgg@vgg16"} <= set(targets)
    assert len(targets) == len(set(targets))


def test_compare() -> None:
    assert isinstance(convcalc.compare("lenet"), convcalc.Comparison)
    assert isinstance(convcalc.compare("lenet", convcalc.analyse("alexnet")), convcalc.Comparison)


def test_difference() -> None:
    found = convcalc.difference("lenet", convcalc.analyse("lenet", params={}))
    assert isinstance(found, convcalc.Difference)
    assert found.is_empty
    assert not convcalc.difference("lenet", "alexnet").is_empty


def test_values_print_as_their_commands_do(capsys: pytest.CaptureFixture[str]) -> None:
    values = {
        "count lenet": convcalc.analyse("lenet"),
        "compare lenet": convcalc.compare("lenet"),
        "compare lenet alexnet": convcalc.compare("lenet", "alexnet"),
        "diff lenet lenet5": convcalc.difference("lenet", "lenet5"),
        "diff lenet lenet": convcalc.difference("lenet", "lenet"),
    }
    for command, value in values.items():
        for format, text in (("table", f"{value}\n"), ("markdown", value.to_markdown()), ("csv", value.to_csv())):
            assert run([*command.split(), "--format", format]) == 0
            assert capsys.readouterr().out == text
        assert value._repr_html_()


def test_values_have_a_short_form() -> None:
    report = convcalc.analyse("lenet")
    assert repr(report) == "<Report of lenet: 12 layers, 44,426 params>"
    assert repr(report.graph) == "<Graph LeNet: 12 layers>"
    assert repr(report.row("conv1")) == "<Row conv1: conv2d, 6x24x24, 156 params>"
    assert repr(report.row("conv1").receptive_field) == (
        "<ReceptiveField size=[5, 5], clipped=[5, 5], stride=[1, 1], padding=[0, 0], aligned=True>"
    )
    assert repr(report.totals).startswith("<Totals layers=12, params=44426, ")
    assert repr(convcalc.compare("lenet", "alexnet")) == "<Comparison of lenet, alexnet>"
    assert repr(convcalc.difference("lenet", "lenet5")) == "<Difference of lenet and lenet5: 12 affected>"
    assert repr(convcalc.difference("lenet", "lenet")) == "<Difference of lenet and lenet: no layer differs>"


def test_problems_have_a_short_form(tmp_path: Path) -> None:
    with pytest.raises(convcalc.SpecError) as caught:
        convcalc.loads("input: [3]\nlayers: [relux]", name="mine")
    said = "mine:2:10: error[unknown-type] there is no layer, container or block `relux`"
    assert repr(caught.value.problems) == f"[<Problem {said}>]"
    path = tmp_path / "net.yaml"
    path.write_text("input: [3, 8, 8]\nlayers: [relu, relu]\n")
    results = convcalc.check(path)
    assert repr(results) == "<Results: 1 file, 0 errors, 1 warning>"
    assert str(results) == str(results.problems[0])


def test_a_data_frame_has_exact_counts() -> None:
    pytest.importorskip("pandas", reason="makes a data frame: pip install pandas")
    report = convcalc.analyse("lenet")
    frame = report.to_dataframe()
    assert list(frame["name"]) == [row.name for row in report.rows]
    assert int(frame["params"].sum()) == 44426
    assert str(frame["macs"].dtype) == "Int64"
    assert frame["kernel_size"][0] == "5x5"
    assert list(convcalc.compare("lenet", "alexnet").to_dataframe()["params"]) == [44426, 60965224]
    assert list(convcalc.difference("lenet", "lenet5").to_dataframe().columns)[:2] == ["layer", "type"]
    huge = convcalc.loads(f"input: [{10**6}]\nlayers: [linear: {{out_features: {10**6}}}]\n")
    assert list(convcalc.analyse(huge).to_dataframe()["params"]) == [10**12 + 10**6]


def test_a_data_frame_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(convcalc.UsageError, match="to_dataframe needs pandas; install it with: pip install pandas"):
        convcalc.analyse("lenet").to_dataframe()


def test_check_finds_in_files_what_the_command_finds(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("input: [3, 8, 8]\nlayers:\n  - relu\n  - relu\n")
    (tmp_path / "other.yaml").write_text("jobs: []\n")
    results = convcalc.check(tmp_path, budgets=["output_elements <= 100"])
    assert [problem.rule for problem in results.problems] == ["budget", "repeated-activation"]
    assert (results.exit_code, results.targets, len(results.passed_over)) == (1, 1, 1)
    assert convcalc.check(tmp_path, ignore=["repeated-activation"]).exit_code == 0
    assert convcalc.check(tmp_path / "net.yaml", select=[]).problems == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": ["nope"]}, "no rule"),
        ({"budgets": ["nope <= 3"]}, "no figure"),
        ({"budgets": ["a.params <= 3"]}, "`a`"),
    ],
)
def test_check_refuses_what_it_does_not_know(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    (tmp_path / "net.yaml").write_text("input: [3, 8, 8]\nlayers: [relu]\n")
    with pytest.raises(convcalc.UsageError, match=message):
        convcalc.check(tmp_path, **options)
