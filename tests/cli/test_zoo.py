"""`convcalc zoo`: the shipped specs and what is told of them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc import shipped
from convcalc.catalogue import figures
from convcalc.catalogue.selection import ORDERS
from convcalc.cli.main import run
from convcalc.cli.zoo import SORTS
from convcalc.render.zoo import CSV_FIELDS

# A zoo of its own, so that nothing here depends on what is shipped. A 3x3 convolution of one map to n has 10 n
# parameters and 9 n multiply-accumulates for each of its positions.
SPECS = {
    "stack": """
name: Stack
description: Two convolutions, which see what one of 5x5 sees
source: Liang and Hu, Stacks of Convolutions, CVPR 2015; stack.py
input: [3, 32, 32]
layers:
  - conv2d: {out_channels: 8, kernel_size: 3}
  - conv2d: {out_channels: 8, kernel_size: 3}
""",
    "toy": """
name: Toy
description: A convolution for digits
source: Doe, Roe and Poe, Toys, ICLR 2001
input: [1, 8, 8]
params: {width: 2}
variants:
  wide: {params: {width: 20}, description: Ten times as wide}
  large: {input: [1, 16, 16]}
layers:
  - conv2d: {out_channels: =width, kernel_size: 3}
""",
    "twin": """
name: Twin
source: somebody's notes
input: {left: [1, 8, 8], right: [1, 8, 8]}
layers:
  - add: {from: [left, right]}
  - conv2d: {out_channels: 1, kernel_size: 3}
""",
}
ALL = ["stack", "toy", "toy@wide", "toy@large", "twin"]


@pytest.fixture(autouse=True)
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The specs with their figures, in place of the shipped ones."""
    monkeypatch.setattr(shipped, "directory", lambda: str(tmp_path))
    for name, text in SPECS.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / figures.FILE).write_text("".join(figures.lines()), encoding="utf-8")
    return tmp_path


def zoo(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["zoo", *args]) == 0
    return capsys.readouterr().out


def entries(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, dict[str, Any]]:
    return {entry["target"]: entry for entry in json.loads(zoo(capsys, *args, "--format", "json"))}


def test_every_target_is_listed_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = entries(capsys)
    assert list(found) == ALL == convcalc.zoo()
    assert found["toy@wide"] == {
        "target": "toy@wide", "name": "Toy", "description": "Ten times as wide",
        "citation": "Doe, Roe and Poe, Toys, ICLR 2001", "inputs": {"input": [1, 8, 8]},
        "params": 200, "macs": 6480, "receptive_field": [3, 3],
    }  # fmt: skip
    assert found["stack"]["params"] == 8 * (3 * 9 + 1) + 8 * (8 * 9 + 1)
    assert found["stack"]["receptive_field"] == [5, 5]
    assert found["twin"]["inputs"] == {"left": [1, 8, 8], "right": [1, 8, 8]}


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["target"]: row for row in csv.DictReader(io.StringIO(zoo(capsys, "--format", "csv")))}
    assert list(rows) == ALL
    assert rows["toy@large"]["macs"] == str(9 * 2 * 14 * 14)
    assert rows["toy@large"]["inputs"] == "1x16x16"
    assert rows["twin"]["receptive_field"] == "left 3x3, right 3x3"
    assert rows["stack"]["citation"] == "Liang and Hu, Stacks of Convolutions, CVPR 2015; stack.py"


def test_a_pipe_has_every_row_and_column(capsys: pytest.CaptureFixture[str]) -> None:
    head, _, *rows = zoo(capsys).splitlines()
    assert head.split() == ["target", "input", "params", "macs", "field"]
    assert [row.split()[0] for row in rows[: len(ALL)]] == ALL
    assert rows[2].split() == ["toy@wide", "1x8x8", "200", "6,480", "3x3"]
    assert rows[4].split() == "twin 1x8x8 … 10 324 3x3 …".split()  # noqa: SIM905
    head, _, *rows = zoo(capsys, "--about", "--si").splitlines()
    assert head.split() == ["target", "input", "params", "macs", "field", "source", "about"]
    assert " ".join(rows[2].split()) == "toy@wide 1x8x8 200 6.48 k 3x3 Doe et al. 2001 Ten times as wide"


@pytest.mark.parametrize(
    ("format_", "start", "row"),
    [
        ("markdown", "| target | input | params |", "| toy | 1x8x8 | 20 | 648 | 3x3 |"),
        ("html", "<!DOCTYPE html>", ">6,480</td>"),
    ],
)
def test_formats_for_readers(format_: str, start: str, row: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = zoo(capsys, "--family", "toy", "--format", format_)
    assert out.startswith(start)
    assert row in out


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["--family", "twin", "--family", "stack"], ["stack", "twin"]),
        (["--max-params", "20"], ["toy", "toy@large", "twin"]),
        (["--min-params", "0.2k"], ["stack", "toy@wide"]),
        (["--max-macs", "6.48k", "--min-macs", "3,528"], ["toy@wide", "toy@large"]),
        (["--min-receptive-field", "4"], ["stack"]),
        (["--min-receptive-field", "3", "--max-params", "10"], ["twin"]),
        (["--input", "1x8x8"], ["toy", "toy@wide", "twin"]),
        (["--input", "[1, 16, 16]"], ["toy@large"]),
        (["--input", "left=1x8x8,right=1x8x8"], ["twin"]),
        (["--search", "DIGITS"], ["toy", "toy@large"]),
        (["toy", "--max-params", "20"], ["toy", "toy@large"]),
        (["wide", "--min-macs", "1k"], ["toy@wide", "toy@large"]),
    ],
)
def test_filters(args: list[str], found: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert list(entries(capsys, *args)) == found


def test_each_network_is_listed_once(specs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A variant that is the file itself takes its place, and examples of single layers come only on demand."""
    toy = SPECS["toy"].replace("variants:", "variants:\n  narrow: {params: {width: 2}}\n  same: {}")
    (specs / "toy.yaml").write_text(toy, encoding="utf-8")
    (specs / "textbook.yaml").write_text(SPECS["stack"], encoding="utf-8")
    listed = ["stack", "toy@narrow", "toy@same", "toy@wide", "toy@large", "twin"]
    assert list(entries(capsys)) == listed
    assert list(entries(capsys, "--all")) == convcalc.zoo()
    assert list(entries(capsys, "--family", "textbook")) == list(entries(capsys, "textbook")) == ["textbook"]
    assert list(entries(capsys, "toy")) == ["toy", "toy@narrow", "toy@same", "toy@wide", "toy@large"]


def test_sort_is_from_the_largest_or_reversed(capsys: pytest.CaptureFixture[str]) -> None:
    by_macs = ["stack", "toy@wide", "toy@large", "toy", "twin"]
    assert list(entries(capsys, "--sort", "macs")) == by_macs
    assert list(entries(capsys, "--sort", "macs", "--reverse")) == by_macs[::-1]
    assert list(entries(capsys, "--reverse")) == ALL[::-1]
    assert list(entries(capsys, "--sort", "source")) == ["toy", "toy@wide", "toy@large", "stack", "twin"]


def test_every_order_is_offered() -> None:
    assert tuple(ORDERS) == SORTS


@pytest.mark.parametrize(("format_", "out"), [("json", "[]\n"), ("csv", None), ("table", ""), ("markdown", "")])
def test_nothing_found_says_how_to_widen(format_: str, out: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["zoo", "--max-params", "50", "--min-macs", "6k", "--family", "toy", "--format", format_]) == 0
    captured = capsys.readouterr()
    assert captured.out == (",".join(CSV_FIELDS) + "\n" if out is None else out)
    assert captured.err == (
        "none of 3 networks fits --max-params 50 and --min-macs 6,000\n"
        "  help: without --max-params 50 there would be 1, without --min-macs 6,000 there would be 2\n"
    )


def test_where_no_single_option_is_to_blame(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["zoo", "--max-params", "1", "--max-macs", "1"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "help: leave out more than one of these options" in captured.err


# -- the figures on file ----------------------------------------------------------------------------------------


def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets that are analysed from here on."""
    seen: list[str] = []
    analyse = convcalc.analyse

    def watched(target: str, **options: Any) -> convcalc.Report:
        seen.append(target)
        return analyse(target, **options)

    monkeypatch.setattr("convcalc.api.analyse", watched)
    return seen


def test_figures_on_file_are_not_computed_again(
    specs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = analysed(monkeypatch)
    on_file = zoo(capsys)
    assert seen == []
    (specs / figures.FILE).unlink()
    assert zoo(capsys) == on_file
    assert seen == ALL


def test_a_spec_that_changed_is_computed(
    specs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SPECS["toy"].replace("variants:", "variants:\n  thin: {params: {width: 1}}")
    (specs / "toy.yaml").write_text(text, encoding="utf-8")
    seen = analysed(monkeypatch)
    found = entries(capsys)
    assert list(found) == convcalc.zoo() == ["stack", "toy", "toy@thin", "toy@wide", "toy@large", "twin"]
    assert found["toy@thin"]["params"] == 10
    assert seen == ["toy", "toy@thin", "toy@wide", "toy@large"]


def test_only_what_is_asked_for_is_computed(
    specs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (specs / figures.FILE).unlink()
    seen = analysed(monkeypatch)
    assert list(entries(capsys, "wide")) == seen == ["toy", "toy@wide", "toy@large"]


# -- one of them ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["toy", "toy@wide", "wide"])
def test_about_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = zoo(capsys, name).splitlines()
    assert lines[0] == "Toy"
    assert lines[2].split() == ["target", "input", "params", "macs", "field", "about"]
    assert "about   A convolution for digits" in lines
    assert "source  Doe, Roe and Poe, Toys, ICLR 2001" in lines
    assert any(line.startswith("file    ") and line.endswith("toy.yaml") for line in lines)
    assert "`convcalc zoo toy --show` prints the spec; `convcalc count TARGET` its layers" in lines


def test_about_one_of_which_only_a_variant_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    lines = zoo(capsys, "toy", "--min-params", "200").splitlines()
    assert lines[4].startswith("toy@wide  1x8x8")
    assert "about   A convolution for digits" in lines


def test_show_prints_a_spec_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    text = zoo(capsys, "wide", "--show")
    assert text == SPECS["toy"]
    assert convcalc.analyse(convcalc.loads(text)).totals.params == 20


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["twn"], "did you mean twin"),
        (["stack@wide"], "there is no shipped spec `stack@wide`"),
        (["--show"], "--show prints one spec"),
        (["--family", "stak"], "did you mean stack?"),
        (["--family", "toy", "--family", "qqq"], "there is no family `qqq`"),
        (["toy", "--family", "twin"], "give NAME or --family, not both"),
        (["--max-params", "5X"], "--max-params `5X` is not a whole number"),
        (["--max-macs", "0.5"], "is not a whole number"),
        (["--input", "three"], "`three` is not a shape"),
        (["--sort", "parms"], "'parms' is not one of 'target'"),
    ],
)
def test_a_wrong_call_is_told(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["zoo", *args]) == 2
    assert message in capsys.readouterr().err
