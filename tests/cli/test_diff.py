"""`convcalc diff`, as it is called."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import convcalc
from convcalc.cli.main import run
from tests.render.networks import DIGITS, DIGITS_EDITED
from tests.workspace import Workspace, needs_git


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """A directory with a spec and what an edit made of it."""
    workspace.write(old=DIGITS, new=DIGITS_EDITED)
    return workspace.path


def diff(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    assert run(["diff", *args]) == code, capsys.readouterr().err
    return capsys.readouterr().out


def test_layers_and_totals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [re.split(r"\s{2,}", line) for line in diff(capsys, "old.yaml", "new.yaml").splitlines()]
    assert ["Digits (old.yaml → new.yaml) · layers: 1 added, 2 removed, 2 changed, 6 affected"] in lines
    assert ["params", "34,622", "5,058", "-29,564", "-85.4 %"] in lines
    assert ["~ conv1", "conv2d", "-96", "-49,896",
            "kernel_size 5x5 → 3x3, output 6x24x24 → 6x26x26, field 5x5 → 3x3"] in lines  # fmt: skip
    assert ["+ bn1", "batch_norm2d", "+12", "–", "output 6x26x26, field 3x3"] in lines
    assert ["- fc1", "linear", "-30,840", "-30,720", "output 120, field 28x28"] in lines
    assert ["· 4 further layers", "–", "–", "only shapes and receptive field"] in lines
    assert ["total", "-29,564", "-38,456"] in lines


def test_all_has_a_line_for_every_affected_layer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = diff(capsys, "old.yaml", "new.yaml", "--all")
    assert "further" not in out
    assert re.search(r"^· pool2 +max_pool2d +– +– +input 16x8x8 → 16x9x9, field 16x16 → 14x14$", out, re.M)


def test_a_block_that_was_added_has_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [re.split(r"\s{2,}", line) for line in diff(capsys, "resnet18", "resnet34").splitlines()]
    rows = [line for line in lines if line[0][:1] in ("+", "·") and len(line) > 3]
    names = ["layer1.2", "layer2.2", "layer2.3", *[f"layer3.{copy}" for copy in range(2, 6)], "layer4.2"]
    assert [row[0] for row in rows] == [*[f"+ {name}" for name in names], "· 51 further layers"]
    assert rows[0][1:] == ["7 layers", "+73,984", "+231,211,008", "output 64x56x56, field 59x59"]
    assert "+ layer1.2.conv1 " in diff(capsys, "resnet18", "resnet34", "--all")
    back = diff(capsys, "resnet34", "resnet18")
    assert re.search(r"^- layer4.2 +7 layers +-4,720,640 +-231,211,008", back, re.M)


def test_depth_puts_blocks_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    out = diff(capsys, "resnet18", "resnet50", "--depth", "1", "--si")
    lines = [re.split(r"\s{2,}", line) for line in out.splitlines()]
    assert ["~ layer1", "32 layers", "+67.8 k", "+206 M", "18 added, 2 changed, 12 affected"] in lines
    assert ["· fc", "linear", "+1.54 M", "+1.54 M", "input 512 → 2048, field 627x627 → 619x619"] in lines
    assert ["total", "+13.9 M", "+2.28 G"] in lines
    shown = diff(capsys, "resnet18", "resnet50", "--depth", "1", "--format", "markdown")
    assert "| ~ layer1 | 32 layers | +67,840 | +205,520,896 | 18 added, 2 changed, 12 affected |" in shown
    assert run(["diff", "lenet", "alexnet", "--all", "--depth", "1"]) == 2
    assert "--all and --depth exclude each other" in capsys.readouterr().err


def test_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "No difference: lenet and lenet have the same layers and figures.\n"
    assert diff(capsys, "lenet", "lenet") == sentence
    assert diff(capsys, "lenet", "lenet", "--format", "markdown", "--exit-code") == sentence
    found = json.loads(diff(capsys, "lenet", "lenet", "--format", "json", "--exit-code"))
    assert found["is_empty"] is True
    assert (found["layers"], found["unchanged_layers"]) == ([], 12)


def test_exit_code_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for args in (["old.yaml", "new.yaml"], ["lenet", "alexnet", "--format", "json"]):
        diff(capsys, *args)
        diff(capsys, *args, "--exit-code", code=1)


def test_json_is_the_difference(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(diff(capsys, "resnet18", "resnet34", "--format", "json"))
    assert found == convcalc.difference("resnet18", "resnet34").to_dict()
    assert found["schema"] == "convcalc.diff/1"
    assert found["totals"]["params"] == {
        "old": 11689512, "new": 21797672, "change": 10108160, "percent": 100 * 10108160 / 11689512
    }  # fmt: skip
    assert [layer["status"] for layer in found["layers"]].count("added") == 56


def test_options_are_for_both(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = diff(capsys, "old.yaml", "new.yaml", "--dtype", "float16", "--batch", "2")
    assert re.search(r"^size +67\.6 KiB +9\.9 KiB +-57\.7 KiB +-85\.4 %$", half, re.M)
    wide = diff(capsys, "old.yaml", "new.yaml", "--input", "1x32x32")
    assert "output 6x28x28 → 6x30x30" in wide
    assert "\ninput " not in wide
    assert "params unshared" not in diff(capsys, "old.yaml", "new.yaml", "--sharing", "none")
    assert diff(capsys, "alexnet", "alexnet", "--set", "classes=10").startswith("No difference")


def test_output_goes_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert diff(capsys, "old.yaml", "new.yaml", "--format", "markdown", "--output", "diff.md") == ""
    assert (folder / "diff.md").read_text().startswith("## Digits (old.yaml → new.yaml)")


def test_markdown_folds_long_tables_and_cuts_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    out = diff(capsys, "resnet50", "resnet101", "--format", "markdown")
    heads = [line for line in out.splitlines() if line.startswith(("## ", "<details>", "</details>"))]
    assert heads == [
        "## ResNet (resnet50 → resnet101) · layers: 170 added, 35 affected",
        "<details><summary>layers: 170 added, 35 affected</summary>",
        "## Layers",
        "</details>",
        "<details><summary>35 layers affected by changes to earlier layers</summary>",
        "</details>",
    ]
    names = re.findall(r"^\| [+·] ([\w.]+) \| \w", out, re.M)
    layers = convcalc.difference("resnet50", "resnet101").layers
    assert sorted(names) == sorted(layer.row.name for layer in layers if layer.status != "same")


WRONG_CALLS = [
    (["lenet"], "there is nothing to compare `lenet` with"),
    (["-", "-"], "standard input can be read only once"),
    (["lenet#conv1", "alexnet"], "diff takes whole networks"),
    (["lenet", "alexnett"], "alexnet"),
    (["lenet", "alexnet", "--set", "nope=1"], "no param `nope`"),
]


@pytest.mark.parametrize(("args", "message"), WRONG_CALLS, ids=[case[1] for case in WRONG_CALLS])
def test_wrong_calls(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", *args]) == 2
    assert message in capsys.readouterr().err


@needs_git
def test_a_file_and_its_last_commit(workspace: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variants = "variants: {wide: {}}\n"
    workspace.write(net=variants + DIGITS)
    workspace.commit()
    assert "HEAD:net.yaml and net.yaml have the same layers" in diff(capsys, "net.yaml", "--exit-code")
    workspace.write(net=variants + DIGITS_EDITED)
    expected = diff(capsys, "old.yaml", "new.yaml").partition("\n")[2]
    assert diff(capsys, "net.yaml").partition("\n")[2] == expected
    assert diff(capsys, "main:net.yaml", "net.yaml").partition("\n")[2] == expected
    assert "(HEAD:net.yaml@wide → net.yaml@wide)" in diff(capsys, "net.yaml@wide")
    workspace.commit()
    assert diff(capsys, "HEAD~1:net.yaml", "HEAD:net.yaml").partition("\n")[2] == expected
    diff(capsys, "net.yaml", "--exit-code")


def test_one_file_outside_a_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    assert run(["diff", "old.yaml"]) == 2
    assert "git" in capsys.readouterr().err


def test_a_single_file_without_a_last_commit(workspace: Workspace) -> None:
    workspace.write(net="input: [3]\nlayers: [relu]\n")
    call = workspace.call("diff", "net.yaml")
    assert call.code == 2
    assert "a single file is compared with its last commit, and" in call.err
    assert "name two networks: `convcalc diff OLD net.yaml`" in call.err
