"""`convcalc solve`, and `?` in `convcalc layer`: what they print, exit codes, and what they say to a wrong call."""

from __future__ import annotations

import csv
import io
import json

import pytest

import convcalc
from convcalc.render.solution import SolutionPrintout
from tests.workspace import Workspace

PADDING = ("solve", "alexnet", "conv1.padding", "--input", "3x224x224", "--want")
LAYER = ("layer", "conv2d", "kernel_size=11", "stride=4", "padding=?", "out_channels=96", "--input", "3x224x224")


def test_the_answers_of_a_network(workspace: Workspace) -> None:
    call = workspace.call(*PADDING, 'layers["conv1"].output_shape == [96, 55, 55]')
    assert call.code == 0
    lines = call.out.splitlines()
    assert lines[0] == 'alexnet · wanted layers["conv1"].output_shape == [96, 55, 55]'
    assert [line.split()[0] for line in lines[4:6]] == ["2", "3"]
    assert "searched conv1.padding 0..64, by scan: 65 networks of 65 built" in lines
    assert "the range of conv1.padding was not given; write conv1.padding=VALUES" in lines


def test_nothing_fits(workspace: Workspace) -> None:
    call = workspace.call(*PADDING, 'layers["conv1"].output_shape == [96, 20, 20]')
    assert call.code == 1
    assert "nothing fits" in call.out
    assert "nearest 96x54x54, with conv1.padding=0" in call.out


def test_the_largest_value(workspace: Workspace) -> None:
    call = workspace.call("solve", "resnet50", "--largest", "base_width", "--want", "params <= 20M", "--format", "json")
    data = json.loads(call.out)
    assert data["answers"][0]["values"] == {"base_width": 52}
    assert (data["method"], data["best"], data["complete"]) == ("bisection", "largest base_width", True)


def test_records_have_exact_figures(workspace: Workspace) -> None:
    call = workspace.call("solve", "lenet", "conv1.kernel_size=5..7", "--want", "params < 40K", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(call.out)))
    assert [(row["conv1.kernel_size"], row["params"]) for row in rows] == [("6", "31052"), ("7", "31130")]


def test_a_value_that_is_set_stays(workspace: Workspace) -> None:
    setting = ("--set", "conv2.out_channels=8")
    counted = json.loads(workspace.call("count", "lenet", *setting, "--format", "json").out)["totals"]["params"]
    question = ("solve", "lenet", "conv1.kernel_size=3,5,7", "--want", f"params == {counted}", "--format", "csv")
    assert workspace.call(*question, *setting).out.splitlines()[1].startswith(f"5,{counted},")
    assert workspace.call(*question).code == 1


@pytest.mark.parametrize("width", [80, 120])
def test_a_narrow_terminal_keeps_the_unknowns(workspace: Workspace, width: int) -> None:
    solution = convcalc.solve("lenet", ["conv1.kernel_size", "conv2.kernel_size"], want="params < 40K and field > 20")
    sheet = SolutionPrintout(solution).sheets(width)[0].fitted(width)
    assert sheet.width <= width
    assert [head.text for head in sheet.heads[:2]] == ["conv1.kernel_size", "conv2.kernel_size"]


@pytest.mark.parametrize(
    ("args", "message", "help"),
    [
        (["solve"], "solve needs a network", "--stack"),
        (["solve", "lenet"], "nothing is wanted", "--want"),
        (["solve", "lenet", "--want", "params < 3"], "nothing is unknown", "name a key"),
        (["solve", "lenet", "conv1.kernl", "--want", "params < 3"], "conv1 has no `kernl`", "kernel_size"),
        (["solve", "lenet", "conv1.stride", "--want", "x < 3"], "there is no figure `x`", "params"),
        (["solve", "lenet", "conv1.stride=3..1", "--want", "params < 3"], "is empty", "1..3"),
        (["solve", "lenet", "conv1.stride", "--by", "macs"], "--by needs --stack", "--stack"),
        (["solve", "lenet", "--stack", "field > 3"], "TARGET has no meaning with --stack", "--from"),
        (["solve", "--stack", "field > 3", "--keep-size"], "--keep-size has no meaning with --stack", "--from"),
        (["solve", "--stack", "field > 3"], "--stack needs an input", "--from 3x224x224"),
        (["solve", "--stack", "field > 3", "--from", "3x8"], "3x8 is no map", "3x224x224"),
        (["solve", "--stack", "fild > 3", "--from", "3x8x8"], "`fild > 3` is no wish", "field >= 101"),
        (["solve", "--stack", "field > 3", "--from", "3x8x8", "--channels", "a"], "are no channels", "64,128"),
        (["solve", "--stack", "field >= 1", "--from", "3x8x8"], "the input itself", "larger"),
    ],
)
def test_wrong_calls_of_solve(workspace: Workspace, args: list[str], message: str, help: str) -> None:
    call = workspace.call(*args)
    assert call.code == 2
    assert message in call.err
    assert help in call.err.partition("help: ")[2]


def test_a_stack_is_a_spec_that_counts_and_checks(workspace: Workspace) -> None:
    for by in ("layers", "macs", "params"):
        call = workspace.call("solve", "--stack", "field >= 61, stride 8", "--from", "3x128x160", "--by", by,
                              "--channels", "8,16", "--output", f"{by}.yaml")  # fmt: skip
        assert (call.code, call.text) == (0, "")
        assert workspace.call("check", f"{by}.yaml").code == 0
        report = json.loads(workspace.call("count", f"{by}.yaml", "--format", "json").out)
        assert min(report["totals"]["receptive_field"]) >= 61
    data = json.loads(
        workspace.call("solve", "--stack", "field 3, stride 1", "--from", "3x8x8", "--format", "json").out
    )
    assert data["stack"] == [{"kernel_size": 3, "stride": 1, "convolution": True, "channels": 64}]


def test_a_stack_that_there_is_not(workspace: Workspace) -> None:
    call = workspace.call("solve", "--stack", "stride 32", "--from", "3x8x8")
    assert call.code == 1
    assert "error: no stack from 3x8x8 has stride 32" in call.err


# -- `?` in layer ------------------------------------------------------------------------------------------------------


def test_the_answers_of_a_layer(workspace: Workspace) -> None:
    call = workspace.call(*LAYER, "--output", "96x55x55")
    assert call.code == 0
    lines = call.out.splitlines()
    assert lines[0] == "conv2d · input 3x224x224 · kernel_size 11 · stride 4 · out_channels 96 · wanted 96x55x55"
    assert [line.split("  ")[0] for line in lines[4:7]] == ["2", "3", "[[1, 2], [1, 2]]"]
    assert "searched padding 0..64: 132 layers" in lines
    assert not (workspace / "96x55x55").exists()


def test_the_answers_of_a_layer_as_data(workspace: Workspace) -> None:
    data = json.loads(workspace.call(*LAYER, "--output", "55x55", "--format", "json").out)
    assert [answer["padding"] for answer in data["answers"]] == [2, 3, [[1, 2], [1, 2]]]
    assert [answer["unread"] for answer in data["answers"]] == [1, 3, 0]
    assert data["given"] == {"kernel_size": 11, "stride": 4, "out_channels": 96}


def test_the_answers_of_a_layer_go_to_a_file(workspace: Workspace) -> None:
    want = "output_shape == [96, 55, 55]"
    assert workspace.call(*LAYER, "--want", want, "--output", "answers.csv").text == ""
    rows = list(csv.DictReader(io.StringIO((workspace / "answers.csv").read_text(encoding="utf-8"))))
    assert [row["padding"] for row in rows] == ["2", "3", "[[1, 2], [1, 2]]"]


def test_many_answers_are_cut_unless_all_are_wanted(workspace: Workspace) -> None:
    words = ("layer", "conv2d", "kernel_size=?1..11", "stride=?1..6", "padding=?0..5", "out_channels=1", "--input",
             "3x112x112", "--output", "56x56")  # fmt: skip
    assert "--all shows all" not in workspace.call(*words).out
    more = [*words[:-1], "28x28", "--all"]
    count = len(json.loads(workspace.call(*more, "--format", "json").out)["answers"])
    table = workspace.call(*more).out
    assert len(table.split("\n\n")[1].splitlines()) == count + 2


def test_the_order_of_from_is_that_of_the_inputs(workspace: Workspace) -> None:
    call = workspace.call(
        "layer", "concat", "axis=?", "from=[b, a]", "--input", "a=3x4x5,b=3x9x5", "--output", "3x13x5"
    )
    assert call.code == 0
    assert call.out.startswith("concat · input 3x9x5 and 3x4x5")


def test_nothing_fits_a_layer(workspace: Workspace) -> None:
    call = workspace.call(
        "layer", "conv2d", "out_channels=?1..99", "kernel_size=3", "--input", "3x8x8", "--want", "params == 30"
    )
    assert call.code == 1
    assert "nothing fits  the rows are the nearest" in call.out
    assert [line.split()[0] for line in call.out.splitlines()[4:7]] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("args", "message", "help"),
    [
        (["conv2d", "kernel_size=3", "stride=?", "--input", "3x9x9", "--output", "4x4"], "needs out_channels", "…"),
        (["conv2d", "kernel_size=?", "out_channels=3", "--input", "3x9x9"], "what is wanted of conv2d", "--output"),
        (["conv2d", "kernel_size=3", "out_channels=3", "--input", "3x9x9", "--output", "4x4"], "needs an unknown", "?"),
        (["relu", "--input", "3x9x9", "--want", "macs > 3"], "--want needs an unknown", "?"),
        (["max_pool2d", "kernl=?", "--input", "3x9x9", "--output", "4x4"], "max_pool2d has no `kernl`", "kernel_size"),
        (["relu", "name=?", "--input", "3x9x9", "--output", "4x4"], "`name` has no value to be found", "takes"),
        (["relu", "repeat=?", "--input", "3x9x9", "--output", "4x4"], "`repeat` has no value to be found", "takes"),
        (["max_pool2d", "kernel_size=?4..2", "--input", "3x9x9", "--output", "4x4"], "is empty", "2..4"),
        (["max_pool2d", "kernel_size=?", "stride=0", "--input", "3x9x9", "--output", "4"], "stride must be", ""),
        (["max_pool2d", "kernel_size=?", "--input", "3x0x9", "--output", "4x4"], "is not a shape", "3x227x227"),
        (["max_pool2d", "kernel_size=?", "--input", "3x9x9", "--want", "mac > 3"], "no figure `mac`", "macs"),
        (["add", "from=c", "leading_axes=?", "--input", "a=3,b=3", "--output", "4"], "add has no `leading_axes`", ""),
        (["max_pool2d", "kernel_size=?", "from=c", "--input", "a=3x9x9", "--output", "4"], "no input `c`", "are a"),
        (["max_pool2d", "kernel_size==x + 1", "stride=?", "--input", "3x9x9", "--output", "4"], "x + 1", ""),
    ],
)  # fmt: skip
def test_wrong_questions_about_a_layer(workspace: Workspace, args: list[str], message: str, help: str) -> None:
    call = workspace.call("layer", *args)
    assert call.code == 2
    assert message in call.err
    assert help in call.err
