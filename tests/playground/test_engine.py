"""What the worker answers: the steps of a text, files, and the words around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from playground.engine import bridge, files
from playground.engine.workbench import MOST_CHARACTERS, Request, Workbench
from tests.cli.test_import import with_a_wrong_shape, with_unknown_operators
from tests.importers.torch import exported

SPEC = """\
name: small
input: [1, 8, 8]
layers:
  - conv2d: {name: first, out_channels: 4, kernel_size: 3}
  - relu
  - linear: {name: last, out_features: 10}
"""
ALL_VIEWS = ("graph", "maps", "layer", "wiring")


def steps(bench: Workbench, text: str, **others: Any) -> list[dict[str, Any]]:
    return [step for step in bench.steps(Request(text, **others)) if step is not None]


def named(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(step for step in found if step.get("name", step["kind"]) == name)


def test_the_figures_come_first_and_the_findings_last() -> None:
    found = steps(Workbench(), SPEC, open=ALL_VIEWS)
    assert [step.get("name", step["kind"]) for step in found] == ["figures", "table", *ALL_VIEWS, "findings"]
    totals = convcalc.analyse(convcalc.loads(SPEC)).totals
    figures = dict(named(found, "figures")["figures"])
    assert figures["params"].startswith(f"{totals.params:,} · ")
    assert figures["macs"].startswith(f"{totals.macs:,}")


def test_only_what_changed_is_sent_again() -> None:
    bench = Workbench()
    steps(bench, SPEC, open=("graph", "layer"))
    again = steps(bench, SPEC, open=("graph", "layer"), layer="last")
    assert [step.get("name", step["kind"]) for step in again] == ["figures", "layer", "findings"]
    assert (named(again, "figures")["layer"], named(again, "figures")["line"]) == ("last", 6)
    other = steps(bench, SPEC.replace("4,", "5,"), open=("graph", "layer"), layer="last")
    assert [step.get("name", step["kind"]) for step in other] == ["figures", "table", "graph", "layer", "findings"]


def test_an_error_has_its_place_and_the_last_figures_stay() -> None:
    bench = Workbench()
    before = named(steps(bench, SPEC), "figures")
    found = named(steps(bench, SPEC.replace("kernel_size: 3", "kernel_siz: 3")), "figures")
    (problem,) = found["problems"]
    line = SPEC.splitlines()[problem["line"] - 1]
    assert line[problem["column"] - 1 :][: problem["length"] - 1] == "kernel_siz"[: problem["length"] - 1]
    assert (problem["line"], problem["severity"], problem["rule"]) == (4, "error", "unknown-key")
    assert problem["notes"] == ["did you mean kernel_size?"]
    assert not found["current"]
    assert found["figures"] == before["figures"]


@pytest.mark.parametrize("text", ["", "a: [", "layers: 3", "input: [1, 4, 4]\nlayers: []"])
def test_a_text_without_a_network_has_problems_and_no_figures(text: str) -> None:
    (step,) = steps(Workbench(), text)
    assert step["problems"]
    assert "figures" not in step


def test_a_network_without_layers_is_shown() -> None:
    found = steps(Workbench(), "input: [1, 4, 4]\nlayers:\n  - relu: {repeat: 0}\n", open=ALL_VIEWS)
    assert [step.get("name", step["kind"]) for step in found] == ["figures", "table", "graph", "maps", "findings"]


def test_findings_and_expectations_have_their_severity() -> None:
    text = """\
input: [8, 56, 56]
layers:
  - conv2d: {name: thin, out_channels: 4, kernel_size: 1, stride: 2}
expect: {params: 37}
"""
    step = named(steps(Workbench(), text), "findings")
    found = {(each["rule"], each["severity"], each["line"]) for each in step["problems"]}
    assert found == {("expectation", "info", 4), ("skipped-rows", "warning", 3)}


@pytest.mark.parametrize("wiring", ["shared", "unshared", "fully_connected"])
def test_the_switch_counts_the_parameters_of_a_wiring(wiring: str) -> None:
    totals = convcalc.analyse("lenet").totals
    text = files.shipped("lenet")["text"]
    figures = named(steps(Workbench(), text, wiring=wiring), "figures")
    count = f"{getattr(totals, f'params_{wiring}'):,}"
    assert figures["figures"][0][1].startswith(f"{count} · ")
    assert {each["name"]: each["count"] for each in figures["wirings"]}[wiring] == count


def test_the_spec_is_a_choice_where_no_wiring_has_its_parameters() -> None:
    text = SPEC.replace("conv2d: {", "conv2d: {sharing: {tile: 2}, ")
    report = convcalc.analyse(convcalc.loads(text))
    assert report.totals.params not in (report.totals.params_shared, report.totals.params_unshared)
    wirings = named(steps(Workbench(), text), "figures")["wirings"]
    assert [each["name"] for each in wirings] == ["written", "shared", "unshared", "fully_connected"]
    assert wirings[0]["count"] == f"{report.totals.params:,}"


def test_a_variant_is_chosen_where_the_file_has_no_input() -> None:
    text = "variants:\n  a: {input: [1, 8, 8]}\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 3}\n"
    step = named(steps(Workbench(), text), "figures")
    assert (step["variant"], step["needs_variant"], step["current"]) == ("a", True, True)
    step = named(steps(Workbench(), SPEC, variant="gone"), "figures")
    assert (step["variant"], step["current"]) == (None, True)


def test_a_layer_that_is_gone_gives_way_to_its_neighbour() -> None:
    bench = Workbench()
    steps(bench, SPEC, layer="last")
    shorter = SPEC.replace("  - linear: {name: last, out_features: 10}\n", "")
    assert named(steps(bench, shorter, layer="last"), "layer")["layer"] == "relu_1"


def test_the_text_may_not_be_too_long() -> None:
    (step,) = steps(Workbench(), "#" * (MOST_CHARACTERS + 1))
    assert "200,001 characters" in step["problems"][0]["message"]


def test_a_bound_is_not_raised_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.bounds.MAX_LAYERS", 2)
    (problem,) = named(steps(Workbench(), SPEC), "figures")["problems"]
    assert problem["notes"] == ["the playground has smaller bounds than the command line, which reads larger networks"]


def test_names_of_a_spec_are_no_markup() -> None:
    text = SPEC.replace("small", '"<script>alert(1)</script>"').replace("name: first", 'name: "<b>x"')
    for step in steps(Workbench(), text, open=ALL_VIEWS, layer="<b>x"):
        assert "<script>alert" not in step.get("html", "")
        assert "<b>x" not in step.get("html", "")


@pytest.mark.parametrize("target", ["lenet", "alexnet@torchvision"])
def test_a_shipped_spec_is_opened(target: str) -> None:
    found = files.shipped(target)
    report = convcalc.analyse(convcalc.loads(found["text"], variant=found["variant"]))
    assert report.totals.to_dict() == convcalc.analyse(target).totals.to_dict()


def test_a_network_of_another_format_becomes_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "net.cfg"
    path.write_text(
        "[net]\nwidth=8\nheight=8\nchannels=3\n[convolutional]\nfilters=4\nsize=3\nstride=1\nactivation=linear\n"
    )
    found = files.read(str(path))
    assert convcalc.analyse(convcalc.loads(found["text"])).totals.params == 4 * 28
    assert found["remarks"][-1] == "1 layer: shapes and 112 parameters as in net.cfg"


def test_an_unknown_operator_is_said(tmp_path: Path) -> None:
    exported.write(tmp_path / "net.pt2", with_unknown_operators())
    remarks = files.read(str(tmp_path / "net.pt2"))["remarks"]
    assert "no layer type does what these operators do: mystery (2)" in remarks[0]
    assert remarks[1] == "3 layers: shapes and 0 parameters as in net.pt2"


def test_a_difference_from_the_source_is_said(tmp_path: Path) -> None:
    exported.write(tmp_path / "net.pt2", with_a_wrong_shape())
    remarks = files.read(str(tmp_path / "net.pt2"))["remarks"]
    assert remarks == ["stem (conv2d): its output is 4x6x6, in the source 4x8x8"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("net.h5", b"", "the playground does not read .h5 files"),
        ("net.onnx", b"nothing", "unknown wire type"),
        ("net.pt", b"\x80\x02", "is not UTF-8"),
        ("net.keras", b"nothing", "the JSON is broken"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)
    found = files.read(str(tmp_path / name))
    assert problem in found["problem"]
    assert "text" not in found


def test_the_worker_gets_json() -> None:
    written = list(bridge.show(json.dumps({"text": SPEC, "open": ["layer"], "layer": "first"})))
    assert json.loads(str(written[0]))["kind"] == "figures"
    assert json.loads(bridge.ask('{"what": "table"}'))["text"].startswith("name,type,")
    assert json.loads(bridge.ask('{"what": "picture", "kind": "graph", "layer": ""}'))["text"].startswith("<svg")
    assert "no weights" in json.loads(bridge.ask('{"what": "picture", "kind": "wiring", "layer": "relu_1"}'))["problem"]
    assert json.loads(bridge.ask('{"what": "shipped", "target": "lenet"}'))["variant"] is None
