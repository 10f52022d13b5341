"""Custom types on the command line: every format shows what is not known, and none shows it as zero."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convcalc.cli.main import run
from tests.helpers import network

SPEC = network(
    """
    - conv2d: {name: conv, out_channels: 4, kernel_size: 3}
    - mystery: {name: m, note: [[1, x], null]}
    - gated: {name: g}
    """,
    head="custom:\n  mystery: {params: {note: 1, kernel_size: x, stride: [1, x], padding: [3]}}\n"
    "  gated: {parameters: =2 * in_channels, macs: 0, window: pointwise}\n",
)
TABLE = """\
net.yaml · input 3x8x8 · 3 layers

name   type     kernel  stride  output  field  params     macs
--------------------------------------------------------------
conv   conv2d   3x3     1x1     4x6x6   3x3       112    3,888
m      mystery  –       –       4x6x6   ?x?         ?        ?
g      gated    –       –       4x6x6   ?x?         8        0
--------------------------------------------------------------
total                                           ≥ 120  ≥ 3,888

params       ≥ 120 · ≥ 480 B in float32
macs         ≥ 3,888 = 3.89 k · flops ≥ 7,776
activations  ≥ 144 · of all layers 432 · peak 1.3 KiB (batch 1)
field        ?x?

?: not known, params and macs of m; ≥: the sum of what is known
?: not known, m defines no window
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "net.yaml"


def test_table(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", spec]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(TABLE)


def test_csv_is_empty(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", spec, "--format", "csv", "--columns", "name,receptive_field,params,macs"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["conv,3x3,112,3888", "m,,,", "g,,8,0"]


def test_markdown(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", spec, "--format", "markdown"]) == 0
    shown = capsys.readouterr().out
    assert "| m | mystery | – | – | 4x6x6 | ?x? | ? | ? |" in shown
    assert "**≥ 120**" in shown


def test_json(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", spec, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["totals"]["status"]["params"] == "partial"
    assert report["layers"][1]["params"] is None
    assert report["layers"][1]["config"]["note"] == [[1, "x"], None]


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_a_folded_line_that_is_not_known_in_full_is_empty(
    format_: str, spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = "- sequential: {name: s, layers: [conv2d: {out_channels: 2, kernel_size: 1}, mystery]}"
    Path(spec).write_text(network(entries, head="custom: {mystery: }"), encoding="utf-8")
    assert run(["count", spec, "--format", format_, "--depth", "1", "--columns", "name,params"]) == 0
    shown = capsys.readouterr().out
    assert ('{"name": "s", "params": null}' if format_ == "json" else "s,\n") in shown


ALL = ["name", "kernel_size", "stride", "params_shared", "params_unshared", "connections", "weights", "tied_to"]


@pytest.mark.parametrize("format_", ["table", "csv", "json", "html", "markdown"])
@pytest.mark.parametrize("sort", ["kernel_size", "stride", "macs", "receptive_field", "params_shared"])
def test_every_column_can_be_shown_and_sorted(
    sort: str, format_: str, spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["count", spec, "--columns", ",".join(ALL), "--sort", sort, "--format", format_]) == 0
    assert "≥ None" not in capsys.readouterr().out


@pytest.mark.parametrize("format_", ["table", "csv", "json", "html", "markdown"])
@pytest.mark.parametrize("arguments", [["net.yaml"], ["net.yaml#m", "net.yaml#conv"], ["net.yaml", "lenet"]])
def test_compare(arguments: list[str], format_: str, spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", *arguments, "--format", format_]) == 0
    shown = capsys.readouterr().out
    assert "None" not in shown
    if format_ == "table" and len(arguments) == 1:
        assert "This is without m and g, whose counts are not known." in shown
        assert "?: not known: there is no formula for the sliding weights of m and g" in shown


@pytest.mark.parametrize("layer", ["conv", "m", "g"])
@pytest.mark.parametrize("format_", ["text", "json", "markdown"])
def test_explain(layer: str, format_: str, spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", spec, layer, "--format", format_]) == 0
    assert capsys.readouterr().out


def test_manual(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layers", "custom"]) == 0
    assert "output_shape" in capsys.readouterr().out
    assert run(["layers"]) == 0
    assert "custom" in capsys.readouterr().out
