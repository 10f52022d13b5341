"""convcalc layer"""

from __future__ import annotations

import io
import sys

import pytest

from convcalc.cli.main import run

CONV = ["layer", "conv2d", "out_channels=96", "kernel_size=11", "stride=4"]


def test_prints_what_explain_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*CONV, "--input", "3x227x227"]) == 0
    layer = capsys.readouterr().out
    assert run(["explain", "alexnet", "conv1"]) == 0
    explained = capsys.readouterr().out
    assert layer.split("\n", 1)[1] == explained.split("\n", 1)[1]
    assert layer.startswith("conv2d_1 (conv2d)\nReads 3x227x227 from input; gives 96x55x55\n")


@pytest.mark.parametrize(
    ("args", "shape"),
    [
        (["conv2d", "out_channels=3", "kernel_size=[3,5]", "padding=same", "bias=false", "--input", "2x3x5"], "3x3x5"),
        (["conv2d", "out_channels==in_channels * 2", "kernel_size=1", "--input", "[3, 8, 8]"], "6x8x8"),
        (["conv2d", "out_channels=4", "kernel_size=3", "sharing={tile: [2, 2]}", "--input", "3x8x8"], "4x6x6"),
        (["concat", "--input", "left=64x28x28,right=32x28x28"], "96x28x28"),
        (["sub", "from=[b, a]", "--input", "a=1x2x2,b=3x2x2"], "3x2x2"),
        (["flatten", "name=flat", "--input", "16x5x5"], "400"),
    ],
)
def test_values_are_written_as_in_yaml(args: list[str], shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["layer", *args]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith(f"gives {shape}")


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["con2d", "--input", "3x8x8"], ["there is no layer `con2d`", "did you mean conv2d"]),
        (["conv2d", "out_channels=96"], ["conv2d needs kernel_size and --input", "kernel_size=… --input 3x32x32"]),
        (["relu"], ["relu needs --input"]),
        (
            ["conv2d", "out_channels=96", "kernel_size=15", "--input", "3x12x12"],
            [
                "command line: error[kernel-larger-than-input] conv2d: kernel_size 15 does not fit the ",
                "   1 | kernel_size=15\n     |             ^^\n",
                "the largest that fits is 12",
            ],
        ),
        (
            ["conv2d", "out_channels=4", "kernel_size=[3,0]", "--input", "3x12x12"],
            ["   1 | kernel_size=[3,0]\n     |                ^\n"],
        ),
        (
            ["conv2d", "out_channels=4", "kernel_size=3", "strid=2", "--input", "3x12x12"],
            ["conv2d has no `strid`", "did you mean stride", "   1 | strid=2\n     | ^^^^^"],
        ),
        (
            ["conv2d", "out_channels=4", "kernel_size=3", "--input", "3x5"],
            ["conv2d reads [C, H, W], not the 3x5 input", "   1 | conv2d\n     | ^^^^^^"],
        ),
        (["relu", "--input", "3xx5"], ["`3xx5` is not a shape"]),
        (["relu", "--input", "3x0x5"], ["   1 | --input 3x0x5\n     |         ^^^^^"]),
        (["conv2d", "kernel_size=[3", "--input", "3x5x5"], ["write the value as in YAML"]),
        (["conv2d", "kernel_size", "--input", "3x5x5"], ["`kernel_size` has no `=`"]),
        (["relu", "a: b=1", "--input", "3x5x5"], ["is not the name of a parameter"]),
        (["relu", "name=a", "name=b", "--input", "3x5x5"], ["name is given twice"]),
        (["relu", "repeat=2", "--input", "3x5x5"], ["`repeat` has no meaning for a layer by itself"]),
    ],
)
def test_errors_speak_of_the_command_line(
    args: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["layer", *args]) == 2
    error = capsys.readouterr().err
    for part in expected:
        assert part in error


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_asked_for_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Terminal("many\n[3, 5]\n3by8\n2x8x8\n")
    shown = Terminal()
    monkeypatch.setattr(sys, "stdin", answers)
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(["layer", "conv2d", "out_channels=4"]) == 0
    assert "gives 4x6x4" in shown.getvalue()
    asked = capsys.readouterr().err
    assert "kernel_size: size of the kernel, in cells of the input\n  kernel_size: " in asked
    assert "kernel_size must be a positive whole number, not 'many'" in asked
    assert "`3by8` is not a shape" in asked
