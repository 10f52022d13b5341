"""`convcalc zoo`: the shipped specs and what is told of them."""

import csv
import io
import json

import pytest

import convcalc
from convcalc.cli.main import run


def zoo(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["zoo", *args]) == 0
    return capsys.readouterr().out


def test_every_target_is_listed_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    entries = json.loads(zoo(capsys, "--format", "json"))
    assert [entry["target"] for entry in entries] == convcalc.zoo()
    assert all(entry["citation"] for entry in entries)
    assert next(entry for entry in entries if entry["target"] == "lenet")["params"] == 44426


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["target"]: row for row in csv.DictReader(io.StringIO(zoo(capsys, "--format", "csv")))}
    assert rows["alexnet@torchvision"]["macs"] == "714188480"
    assert rows["alexnet"]["inputs"] == "3x227x227"


@pytest.mark.parametrize("name", ["alexnet", "alexnet@torchvision", "single-column"])
def test_about_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = zoo(capsys, name)
    assert "alexnet@single-column" in out
    assert "ILSVRC 2012" in out
    assert "Krizhevsky, Sutskever and Hinton" in out
    assert "alexnet.yaml" in out
    assert "lenet" not in out


def test_show_prints_a_spec_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    text = zoo(capsys, "lenet", "--show")
    assert convcalc.analyse(convcalc.loads(text)).totals.params == 44426


@pytest.mark.parametrize(
    ("args", "message"), [(["lnet"], "did you mean lenet"), (["--show"], "--show prints one spec")]
)
def test_a_wrong_call_is_told(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["zoo", *args]) == 2
    assert message in capsys.readouterr().err
