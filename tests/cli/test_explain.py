"""convcalc explain"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convcalc.cli.main import run
from tests.workspace import Workspace

ALEXNET = """\
conv1 (conv2d) of AlexNet
Reads 3x227x227 from input; gives 96x55x55

Output height and width
  = floor((size + before + after - dilation × (kernel - 1) - 1) / stride) + 1
  = floor((227 + 0 + 0 - 1 × (11 - 1) - 1) / 4) + 1
  = 55
    size: of the input; before and after: the padding on its two sides

Parameters with sharing
  = out_channels × (in_channels / groups) × kernel_height × kernel_width + out_channels
  = 96 × (3 / 1) × 11 × 11 + 96
  = 34,944
    363 weights and 1 bias for each output channel: 96 × 364

Units
  = out_channels × height × width
  = 96 × 55 × 55
  = 290,400
    a unit is one number of the output (out_units) or of the input (in_units)

Parameters without sharing
  = out_units × (in_channels / groups) × kernel_height × kernel_width + out_units
  = 290,400 × (3 / 1) × 11 × 11 + 290,400
  = 105,705,600
    363 weights and 1 bias for each unit: 290,400 × 364
"""


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "alexnet", "conv1"]) == 0
    assert capsys.readouterr().out.startswith(ALEXNET)


def test_target_with_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "alexnet#conv1"]) == 0
    assert capsys.readouterr().out.startswith(ALEXNET)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "alexnet", "conv1", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "convcalc.derivation/1"
    assert (found["layer"], found["output_shape"]) == ("conv1", [96, 55, 55])
    assert found["steps"][2] == {
        "title": "units",
        "symbols": "out_channels × height × width",
        "numbers": "96 × 55 × 55",
        "result": 290400,
        "notes": ["a unit is one number of the output (out_units) or of the input (in_units)"],
    }


def test_markdown_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "conv1.md"
    assert run(["explain", "alexnet", "conv1", "--format", "markdown", "--output", str(file)]) == 0
    assert capsys.readouterr().out == ""
    rows = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    units = "| units | `out_channels × height × width` | `96 × 55 × 55` | 290,400 | a unit is one number of the output "
    assert any(row.startswith(units) for row in rows)
    assert {line.count("|") for line in rows} == {6}


def test_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "lenet", "conv1", "--input", "1x32x32", "--sharing", "none"]) == 0
    out = capsys.readouterr().out
    assert "gives 6x28x28" in out
    assert "Parameters as the spec writes it\n  = 122,304\n" in out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["alexnet", "conv_1"], "did you mean conv1"),
        (["alexnet"], "explain needs a layer"),
        (["alexnt", "conv1"], "did you mean alexnet"),
    ],
)
def test_errors(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", *args]) == 2
    assert message in capsys.readouterr().err


def test_a_terminal_gets_colour_and_wrapped_lines() -> None:
    import convcalc
    from convcalc.render.derivation import derivation_text
    from convcalc.report.derivation import derive

    derivation = derive(convcalc.analyse("alexnet"), "conv1")
    lines = derivation_text(derivation, width=60).splitlines()
    assert max(map(len, lines)) <= 60
    # Nothing is lost, and an operator stays with what follows it.
    assert " ".join(" ".join(lines).split()) == " ".join(derivation_text(derivation).split())
    assert not any(line.endswith(("×", "+", "-", "/")) for line in lines)
    assert "<result>55</result>" in derivation_text(derivation, lambda text, role: f"<{role}>{text}</{role}>")


def test_a_layer_that_reads_nothing(workspace: Workspace) -> None:
    layers = "  - parameter: {name: factor, shape: [4]}\n  - mul: {from: [factor, input]}\n"
    workspace.write(net=f"input: [4]\nlayers:\n{layers}")
    assert "Reads nothing; gives 4\n" in workspace.call("explain", "net.yaml", "factor").out
