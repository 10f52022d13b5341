"""convcalc field"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from convcalc.cli.field import EPILOG
from convcalc.cli.main import run

SAME = """\
name: Same
input: [3, 32, 32]
layers:
  - conv2d: {name: main, out_channels: 4, kernel_size: 3, stride: 2, padding: PADDING}
  - conv2d: {name: short, from: input, out_channels: 4, kernel_size: 1, stride: 2}
  - add: {name: sum, from: [main, short]}
"""


def out_of(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["field", *args]) == 0
    return capsys.readouterr().out


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    lines = out_of(capsys, "lenet", "pool2", "--unit", "0,3").splitlines()
    assert lines[0] == "pool2 (max_pool2d) of LeNet · 16x4x4 · looks at input 1x28x28"
    assert [line[:38].rstrip() for line in lines[2:9]] == [
        "size        16x16",
        "stride      4x4 to the next unit",
        "padding     0x0 outside the image",
        "aligned     yes",
        "unit 0,3    16x16, rows 0 to 15,",
        "            columns 12 to 27",
        "its centre  7.5, 19.5",
    ]
    assert lines[-2:] == [
        "█ what unit 0,3 sees of input, ◇ its centre",
        "unit 0,3: row 0, column 3 of each channel of pool2, counted from 0",
    ]
    assert max(map(len, lines)) <= 80


def test_target_with_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert out_of(capsys, "lenet#pool2") == out_of(capsys, "lenet", "pool2", "--unit", "2,2")


@pytest.mark.parametrize(("target", "layer"), [("lenet", "pool2"), ("resnet18", "layer4.1.relu_2"), ("unet", "score")])
def test_without_a_layer_it_is_the_last_with_a_map(target: str, layer: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = out_of(capsys, target)
    assert out.startswith(out_of(capsys, target, layer).split("┌")[0].split("\n")[0])
    assert f"{layer} is the last layer with a map; others are" in " ".join(out.split())


def test_one_unit_is_drawn_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the units see fields of different sizes, the unit that is drawn has its own size."""
    out = out_of(capsys, "unet", "score")
    assert "size          204x204, the largest of" in out
    assert "unit 194,194  188x188," in out
    assert "its centre    285.5, 285.5" in out
    assert "what unit 194,194 sees" in out


def test_where_every_unit_sees_the_same_no_unit_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    out = out_of(capsys, "lenet", "output")
    assert "stride      none: each unit sees" in out
    assert "each unit   28x28, rows 0 to 27," in out
    assert "unit 0,0" not in out


def test_json_is_the_map_and_the_unit(capsys: pytest.CaptureFixture[str]) -> None:
    boxes = [[0, 15], [4, 19], [8, 23], [12, 27]]
    found = {"layer": "pool2", "input": "input", "clipped": [boxes, boxes], "unclipped": [boxes, boxes]}
    assert json.loads(out_of(capsys, "lenet", "pool2", "--format", "json")) == found
    unit = {"index": [0, 3], "clipped": [[0, 15], [12, 27]], "unclipped": [[0, 15], [12, 27]]}
    assert json.loads(out_of(capsys, "lenet", "pool2", "--unit", "0,3", "--format", "json")) == {**found, "unit": unit}
    pixel = {"index": [27, 4], "units": [[3, 3], [0, 1]], "count": 2}
    asked = json.loads(out_of(capsys, "lenet", "pool2", "--pixel", "27,4", "--format", "json"))
    assert asked == {**found, "pixel": pixel}


def test_from_an_inner_layer(capsys: pytest.CaptureFixture[str]) -> None:
    out = out_of(capsys, "lenet", "pool2", "--from", "conv1", "--unit", "0,0")
    assert "looks at conv1 6x24x24" in out
    assert "size        12x12 " in out


def test_several_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(
        "input: {left: [1, 8, 8], right: [1, 6, 6]}\n"
        "layers:\n"
        "  - conv2d: {name: a, from: left, out_channels: 1, kernel_size: 3}\n"
        "  - add: {name: sum, from: [a, right]}\n",
        encoding="utf-8",
    )
    assert "size        3x3 " in out_of(capsys, str(file), "sum")
    assert "size        1x1 " in out_of(capsys, str(file), "sum", "--input-name", "right")


def test_changes(capsys: pytest.CaptureFixture[str]) -> None:
    assert "looks at input 1x32x32" in out_of(capsys, "lenet", "conv1", "--input", "1x32x32")


def test_what_is_not_aligned_is_named_and_the_padding_suggested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "same.yaml"
    file.write_text(SAME.replace("PADDING", "same"), encoding="utf-8")
    assert (
        "| aligned | no: sum joins main (stride 2, centre 1) and short (stride 2, centre 0);"
        " padding [[1, 0], [1, 0]] instead of [[0, 1], [0, 1]] on main would align them and keep every size |\n"
    ) in out_of(capsys, str(file), "sum", "--format", "markdown")
    file.write_text(SAME.replace("PADDING", "[[1, 0], [1, 0]]"), encoding="utf-8")
    assert "| aligned | yes |\n" in out_of(capsys, str(file), "sum", "--format", "markdown")


def test_svg_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "field.svg"
    assert out_of(capsys, "resnet50", "conv1", "--unit", "0,0", "--format", "svg", "--output", str(file)) == ""
    kinds = [element.get("class") for element in ElementTree.parse(file).getroot().iter()]  # noqa: S314 - ours
    assert [kind for kind in kinds if kind and kind != "text"] == ["title", "map", "whole", "box", "centre"]


def test_the_examples_of_the_help_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = [line.split()[1:] for line in EPILOG.splitlines() if line.startswith("  convcalc")]
    assert [run(example) for example in examples] == [0] * 5


def test_an_encoding_without_boxes_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert run(["field", "lenet", "pool2"]) == 0
    stream.seek(0)
    text = stream.read()
    assert "|         ########o########    |" in text
    assert "\n# what unit 2,2 sees of input, o its centre\n" in text


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lenet", "conv_1"], "did you mean conv1"),
        (["lenet", "conv1", "--unit", "24,0"], "rows 0 to 23, columns 0 to 23"),
        (["lenet", "conv1", "--unit", "-1,0"], "there is no unit -1,0 in `conv1`"),
        (["lenet", "conv1", "--unit", "3"], "is 2 numbers, not 3"),
        (["lenet", "conv1", "--unit", "a,b"], "--unit cannot be `a,b`"),
        (["lenet", "conv1", "--pixel", "28,0"], "rows 0 to 27, columns 0 to 27"),
        (["lenet", "conv1", "--pixel", "1,1", "--unit", "1,1"], "give one of them"),
        (["lenet", "conv1", "--from", "pool2"], "`conv1` does not depend on `pool2`"),
        (["lenet", "conv2", "--from", "pol1"], "did you mean pool1"),
        (["lenet", "conv1", "--input-name", "image"], "the inputs are input"),
        (["lenet", "conv2", "--input-name", "input", "--from", "conv1"], "give one of them"),
        (["lenet", "fc2", "--from", "fc1"], "it has no positions"),
    ],
)
def test_errors(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["field", *args]) == 2
    assert message in capsys.readouterr().err
