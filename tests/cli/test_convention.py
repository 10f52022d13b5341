"""`convcalc count --convention`, and what `explain` says of other tools."""

from __future__ import annotations

import csv
import io
import json

import pytest

import convcalc
from convcalc.cli.count import CONVENTIONS
from convcalc.cli.main import run
from convcalc.conventions import CONVENTIONS as KNOWN
from tests.workspace import finished, python

COUNT = ("count", "resnet50", "--convention")


def output(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(list(args)) == 0
    return capsys.readouterr().out


def test_the_option_names_every_convention() -> None:
    assert tuple(KNOWN) == CONVENTIONS


def test_a_table_has_the_columns_the_totals_and_the_definition(capsys: pytest.CaptureFixture[str]) -> None:
    lines = output(capsys, *COUNT, "thop").splitlines()
    assert lines[2].endswith("thop params       thop ops")
    total = next(line for line in lines if line.startswith("total"))
    assert total.split()[-4:] == ["25,557,032", "4,089,184,256", "25,557,032", "4,133,742,592"]
    assert [line for line in lines if line.startswith("thop: ")] == [KNOWN["thop"].note]


@pytest.mark.parametrize("name", CONVENTIONS)
def test_columns_add_up_to_the_totals_also_folded(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    totals = json.loads(output(capsys, *COUNT, name, "--format", "json"))["convention"]["totals"]
    for more in ([], ["--depth", "1"]):
        rows = list(csv.DictReader(io.StringIO(output(capsys, *COUNT, name, "--format", "csv", *more))))
        assert sum(int(row["convention_params"]) for row in rows) == totals["params"]
        counts = [int(row["convention_ops"]) for row in rows if "convention_ops" in row]
        assert (sum(counts) if counts else None) == totals["operations"]


def test_json_keeps_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(output(capsys, *COUNT, "keras", "--format", "json", "--top", "1"))
    convention = found.pop("convention")
    assert found.keys() == convcalc.analyse("resnet50").to_dict().keys()
    assert len(convention["layers"]) == 175
    assert convention["layers"]["bn1"] == {"params": 256, "operations": None}
    assert convention["totals"] == {"params": 25610152, "operations": None}


def test_a_network_beyond_the_tool_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", "lenet-1989", "--convention", "thop"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "the counts of thop for H1 (conv2d), H2 (conv2d) are not known" in captured.err


def test_explain_ends_with_the_tools_that_differ(capsys: pytest.CaptureFixture[str]) -> None:
    told = output(capsys, "explain", "resnet50", "bn1").partition("Other tools\n")[2].splitlines()
    assert told[0] == "  keras counts 256 parameters instead of 128: the running means and variances too"
    assert [line.split()[0] for line in told] == ["keras", "caffe", "torchinfo", "fvcore", "thop", "ptflops"]
    assert "Other tools" not in output(capsys, "explain", "resnet50", "conv1")
    markdown = output(capsys, "explain", "resnet50", "bn1", "--format", "markdown")
    assert markdown.endswith(f"- {told[-1].strip()}\n")
    derivation = json.loads(output(capsys, "explain", "resnet50", "bn1", "--format", "json"))
    assert derivation["differences"] == [line.strip() for line in told]


def test_a_plain_count_imports_none_of_it() -> None:
    code = "import sys; from convcalc.cli.main import run; run(['count', 'lenet']); print(*sys.modules)"
    modules = finished(python(code)).stdout.decode().split()
    assert "convcalc.report.columns" in modules
    assert "convcalc.conventions" not in modules
