"""`convcalc sweep` as it is called. Its rows are held against `convcalc count`, called once for each network."""

from __future__ import annotations

import csv
import json
import signal
from itertools import product
from typing import Any

import pytest

from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.quantities import Candidate
from tests.cli.sweeps import json_of, write_networks
from tests.foreign import DIGITS
from tests.helpers import network
from tests.workspace import Workspace, finished, needs_git, python

FIGURES = ("params", "macs", "activations", "peak_activation_bytes", "receptive_field")
Setting = tuple[str, str]  # a key and its value, as --set has them; or --input and a shape

# The target, the axes, what --set and --keep-size add, and for every axis the calls of `count` that are the same.
CASES: list[tuple[str, list[str], list[str], list[list[list[Setting]]]]] = [
    ("net.yaml", ["width=2..8:3", "depth=1,2"], [],
     [[[("width", "2")], [("width", "5")], [("width", "8")]], [[("depth", "1")], [("depth", "2")]]]),
    ("net.yaml", ["width,groups=4/1,6/2,6/3,6/4"], [],
     [[[("width", w), ("groups", g)] for w, g in (("4", "1"), ("6", "2"), ("6", "3"), ("6", "4"))]]),
    ("net.yaml", ["unit.0.conv1.kernel_size=1,3,5", "last.stride=1,2,[2,1],20"], [],
     [[[("unit.0.conv1.kernel_size", k)] for k in ("1", "3", "5")],
      [[("last.stride", s)] for s in ("1", "2", "[2,1]", "20")]]),
    ("net.yaml", ["*.conv*.kernel_size=3,5,7", "depth=1..2"], ["--keep-size"],
     [[[("*.conv*.kernel_size", k)] for k in ("3", "5", "7")], [[("depth", d)] for d in ("1", "2")]]),
    ("net.yaml", ["*.conv1.groups=1,=in_channels,2", "unit.*.trainable=true,false"], ["--set", "width=6"],
     [[[("*.conv1.groups", g)] for g in ("1", "=in_channels", "2")],
      [[("unit.*.trainable", t)] for t in ("true", "false")]]),
    ("net.yaml", ["input=3x12x12,3x2x2,5x9x9,[3,20,8]"], [],
     [[[("--input", s)] for s in ("3x12x12", "3x2x2", "5x9x9", "3x20x8")]]),
    ("net.yaml", ["input.height=8,12", "input.width=6,2"], [],
     [[[("--input", f"3x{h}x{w}")] for h, w in product((8, 12), (6, 2))]]),
    ("net.yaml", ["input.size=1..9:4"], [], [[[("--input", f"3x{s}x{s}")] for s in (1, 5, 9)]]),
    ("net.yaml", ["size=8,16", "input.width=9,10"], [],
     [[[("size", s), ("--input", f"3x{s}x{w}")] for s, w in product(("8", "16"), (9, 10))]]),
    ("net.yaml", ["variant=small,large", "last.kernel_size=3,40"], [],
     [[[("@", "small")], [("@", "large")]], [[("last.kernel_size", "3")], [("last.kernel_size", "40")]]]),
    ("net.yaml", ["variant=small,large", "input.height=8..10:2"], [],
     [[[("@", "small"), ("--input", f"3x{h}x12")] for h in (8, 10)]
      + [[("@", "large"), ("--input", f"3x{h}x16")] for h in (8, 10)]]),
    ("two.yaml", ["input.a=3x8x8,5x8x8,3x9x9", "left.out_channels=4,5"], [],
     [[[("--input", f"a={a},b=2x8x8")] for a in ("3x8x8", "5x8x8", "3x9x9")],
      [[("left.out_channels", c)] for c in ("4", "5")]]),
    ("two.yaml", ["input.size=4,6", "input.b.channels=1,7"], [],
     [[[("--input", f"a=3x{s}x{s},b={c}x{s}x{s}")] for s, c in product((4, 6), (1, 7))]]),
    ("net.cfg", ["input.size=16..48:16", "*.bias=true,false"], [],
     [[[("--input", f"3x{s}x{s}")] for s in (16, 32, 48)], [[("*.bias", b)] for b in ("true", "false")]]),
    ("net.cfg", ["input=3x32x32,1x16x20,3x2"], [], [[[("--input", s)] for s in ("3x32x32", "1x16x20", "3x2")]]),
    ("lenet", ["conv1.out_channels=4,6", "conv*.kernel_size=3,5"], ["--input", "1x32x32", "--sharing", "none"],
     [[[("conv1.out_channels", c)] for c in ("4", "6")], [[("conv*.kernel_size", k)] for k in ("3", "5")]]),
]  # fmt: skip


@pytest.fixture
def nets(workspace: Workspace) -> Workspace:
    return write_networks(workspace)


def counted(workspace: Workspace, target: str, options: list[str], settings: list[Setting]) -> dict[str, Any] | None:
    """The figures of `convcalc count`; None where it refuses the network."""
    given = list(options)
    for key, value in settings:
        if key == "@":
            target = f"{target}@{value}"
        else:
            given += [key, value] if key == "--input" else ["--set", f"{key}={value}"]
    call = workspace.call("count", target, *given, "--format", "json")
    if call.code:
        return None
    report = json.loads(call.out)
    outputs = report["outputs"]
    output = next(iter(outputs.values())) if len(outputs) == 1 else outputs
    return {**{name: report["totals"][name] for name in FIGURES}, "output_shape": output}


@pytest.mark.parametrize(("target", "axes", "options", "same"), CASES, ids=[" ".join(case[1]) for case in CASES])
def test_rows_are_those_of_count(
    nets: Workspace, target: str, axes: list[str], options: list[str], same: list[list[list[Setting]]]
) -> None:
    vary = [part for axis in axes for part in ("--vary", axis)]
    columns = ",".join([*FIGURES, "output_shape"])
    call = nets.call("sweep", target, *vary, *options, "--columns", columns, "--format", "json")
    assert call.code == 0, call.text
    sweep = json.loads(call.out)
    expected = [counted(nets, target, options, [each for part in parts for each in part]) for parts in product(*same)]
    found: list[Any] = [None] * len(expected)
    for row in sweep["rows"]:
        found[row["index"]] = row["figures"]
    assert found == expected
    assert any(expected), "no network builds, so that nothing is compared"
    summary = sweep["summary"]
    assert summary["passed"] == sum(each is not None for each in expected)
    assert sum(summary["broken"].values()) == sum(each is None for each in expected)
    assert summary["candidates"] == summary["space"] == len(expected)


def test_conditions_choose_rows(nets: Workspace) -> None:
    every = json_of(nets, "net.yaml", "--vary", "width=1..12", "--columns", "params,macs,layers['last'].macs")
    some = json_of(nets, "net.yaml", "--vary", "width=1..12", "--where", "params > 500 and macs < 50K", "--where",
                   "width != 8 and layers['last'].macs > 0", "--columns",
                   "params,macs,layers['last'].macs")  # fmt: skip
    expected = [row for row in every["rows"] if row["figures"]["params"] > 500 and row["figures"]["macs"] < 50_000
                and row["values"]["width"] != 8]  # fmt: skip
    assert some["rows"] == expected
    assert 0 < len(expected) < 11


def test_a_condition_on_values_alone_saves_building(nets: Workspace) -> None:
    summary = json_of(nets, "net.yaml", "--vary", "width=1..12", "--vary", "last.kernel_size=3,40", "--where",
                      "macs > 0 and width % 4 == 0 and not last.kernel_size > 40")["summary"]  # fmt: skip
    assert (summary["rejected"], sum(summary["broken"].values())) == ({"width % 4 == 0": 18}, 3)
    assert summary["passed"] == 3


def test_a_front_and_its_order(nets: Workspace) -> None:
    axes = ("--vary", "width=1..6", "--vary", "last.kernel_size=1..5", "--vary", "depth=1,2")
    rows = json_of(nets, "net.yaml", *axes, "--columns", "params,receptive_field")["rows"]
    points = {row["index"]: (row["figures"]["params"], -min(row["figures"]["receptive_field"])) for row in rows}
    front = {index for index, (params, field) in points.items()
             if not any(a <= params and b <= field and (a, b) != (params, field)
                        for a, b in points.values())}  # fmt: skip
    found = json_of(nets, "net.yaml", *axes, "--pareto", "params,-field", "--sort", "-params")
    assert {row["index"] for row in found["rows"]} == front
    params = [row["figures"]["params"] for row in found["rows"]]
    assert params == sorted(params, reverse=True)
    top = json_of(nets, "net.yaml", *axes, "--pareto", "params,-field", "--top", "2")["rows"]
    assert [row["index"] for row in top] == [row["index"] for row in found["rows"][::-1]][:2]


def test_a_sample_is_a_part_of_the_rows(nets: Workspace) -> None:
    axes = ("--vary", "width=1..40", "--vary", "last.kernel_size=1..5")
    every = {row["index"]: row for row in json_of(nets, "net.yaml", *axes)["rows"]}
    samples = [json_of(nets, "net.yaml", *axes, "--sample", "25", "--seed", seed) for seed in ("0", "0", "1")]
    assert samples[0]["rows"] == samples[1]["rows"] != samples[2]["rows"]
    for sample in samples:
        assert len({row["index"] for row in sample["rows"]}) == 25
        assert all(every[row["index"]] == row for row in sample["rows"])
        assert (sample["summary"]["candidates"], sample["summary"]["space"]) == (25, 200)


def test_other_formats_have_the_same_rows(nets: Workspace) -> None:
    call = ("sweep", "net.yaml", "--vary", "width=2,3", "--vary", "input=3x12x12,3x9x9", "--sort", "macs")
    rows = json_of(nets, *call[1:])["rows"]
    records = list(csv.DictReader(nets.call(*call, "--format", "csv").out.splitlines()))
    assert [(int(each["width"]), int(each["params"]), int(each["macs"]), each["output_shape"]) for each in records] == [
        (row["values"]["width"], row["figures"]["params"], row["figures"]["macs"], "10") for row in rows
    ]
    assert [each["input"] for each in records] == ["x".join(map(str, row["values"]["input"])) for row in rows]
    table, markdown, html = [nets.call(*call, "--format", each).out for each in ("table", "markdown", "html")]
    for row in rows:
        count = f"{row['figures']['macs']:,}"
        assert all(count in text for text in (table, markdown, html))
    nets.call(*call, "--output", "rows.csv")
    assert list(csv.DictReader((nets / "rows.csv").read_text().splitlines())) == records


def test_a_foreign_network(workspace: Workspace) -> None:
    workspace.copy(DIGITS)
    layer = json.loads(workspace.call("count", "digits.pt2", "--format", "json").out)["layers"][0]["name"]
    rows = json_of(workspace, "digits.pt2", "--vary", f"{layer}.bias=true,false")["rows"]
    for row in rows:
        value = str(row["values"][f"{layer}.bias"]).lower()
        count = workspace.call("count", "digits.pt2", "--set", f"{layer}.bias={value}", "--format", "json")
        assert json.loads(count.out)["totals"]["params"] == row["figures"]["params"]
    assert rows[0]["figures"]["params"] > rows[1]["figures"]["params"]


@needs_git
def test_a_spec_with_includes(workspace: Workspace) -> None:
    conv = "{conv2d: {name: c, out_channels: =n, kernel_size: 3}}"
    workspace.write(
        lib__deep=f"params: {{width: 4}}\nblocks: {{unit: {{params: {{n: 1}}, layers: [{conv}]}}}}\n",
        lib__blocks="include: deep.yaml\nblocks: {}\nparams: {extra: 1}\n",
        net="include: [lib/blocks.yaml]\ninput: [3, 8, 8]\nlayers: [{unit: {name: u, n: =width}}]\n",
    )
    workspace.commit()
    for target in ("net.yaml", "HEAD:net.yaml"):
        rows = json_of(workspace, target, "--vary", "width=2,8")["rows"]
        assert [row["figures"]["params"] for row in rows] == [28 * 2, 28 * 8]


SUMMARIES = [
    (["--vary", "width=1..4", "--vary", "last.kernel_size=3,20,30"],
     ["candidates  12 in all, 4 pass", "not built   8 of 12 do not build: kernel_size …"]),
    (["--vary", "width=1..4", "--where", "macs < 100 and params < 1K"],
     ["4 of 4 fail a condition: macs < 100 (4)", "`macs < 100` fails most; the nearest to it has ", "with width=1"]),
    (["--vary", "width=1..4", "--sample", "2"], ["candidates  2 of 4, 2 pass"]),
    (["--vary", "unit.0.conv2.padding=0,1"], ["1 of 2 do not build: add cannot join … (1)"]),
]  # fmt: skip


@pytest.mark.parametrize(("options", "parts"), SUMMARIES, ids=[" ".join(case[0]) for case in SUMMARIES])
def test_summaries(nets: Workspace, options: list[str], parts: list[str]) -> None:
    call = nets.call("sweep", "net.yaml", *options)
    assert call.code == 0
    for part in parts:
        assert part in call.out
    csv_call = nets.call("sweep", "net.yaml", *options, "--format", "csv")
    assert "candidates" not in csv_call.out
    assert "candidates" in csv_call.err


def test_a_sample_of_a_huge_space(nets: Workspace) -> None:
    rows = json_of(nets, "net.yaml", "--vary", f"width=1..{10**15}", "--sample", "3")["rows"]
    assert len(rows) == 3
    assert all(row["values"]["width"] == row["index"] + 1 for row in rows)


def test_a_variant_may_be_a_number(workspace: Workspace) -> None:
    workspace.write(
        net=network("- conv2d: {out_channels: =n, kernel_size: 1}", head="params: {n: 1}\nvariants: {18: {}}")
    )
    assert len(json_of(workspace, "net.yaml", "--vary", "variant=18")["rows"]) == 1


def test_ctrl_c_keeps_what_is_done(nets: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate, before = Evaluator.candidate, signal.getsignal(signal.SIGINT)

    def pressed(self: Evaluator, index: int) -> Candidate:
        if index == 40:
            signal.raise_signal(signal.SIGINT)
        return candidate(self, index)

    monkeypatch.setattr(Evaluator, "candidate", pressed)
    call = nets.call("sweep", "net.yaml", "--vary", "width=1..1000", "--jobs", "1", "--format", "json", "--plot",
                     "a.svg")  # fmt: skip
    assert call.code == 130
    sweep = json.loads(call.out)
    assert 40 < len(sweep["rows"]) == sweep["summary"]["passed"] < 1000
    assert sweep["summary"]["missing"] == 1000 - sweep["summary"]["candidates"]
    assert "stopped after" in call.err
    assert f"; {sweep['summary']['missing']} more are not done" in (nets / "a.svg").read_text()
    assert signal.getsignal(signal.SIGINT) is before


def test_other_commands_load_none_of_it() -> None:
    code = ("import sys; from convcalc.cli.main import run; run(['count', 'lenet']);"
            "print([name for name in sys.modules if name.startswith('convcalc.sweeping')])")  # fmt: skip
    assert finished(python(code)).stdout.decode().splitlines()[-1] == "[]"


def test_help_on_columns(workspace: Workspace) -> None:
    call = workspace.call("sweep", "--columns", "help")
    assert call.code == 0
    assert "receptive_field" in call.out
    assert "macs / params" in call.out
