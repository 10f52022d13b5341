"""The specs that the language was designed with, as data/examples has them: how a spec should read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.language.parse import parse
from convcalc.limits.expectations import check_expectations
from convcalc.text.files import read_file

FOLDER = Path(__file__).parents[1] / "data" / "examples"
FILES = sorted(FOLDER.glob("*.yaml"))
TARGETS = [
    f"{path}@{variant}" if variant else str(path)
    for path in FILES
    for variant in (None, *parse(read_file(str(path)))[0].variants)
]


def name(target: str) -> str:
    return Path(target).name


@pytest.mark.parametrize("target", TARGETS, ids=name)
def test_its_expectations_hold(target: str) -> None:
    assert check_expectations(convcalc.analyse(target)) == []


FIGURES: list[tuple[str, str, dict[str, Any]]] = [
    ("unet.yaml", "enc1.conv2d_1", {"output_shape": (64, 570, 570), "params": 640, "inputs": ["input"]}),
    ("unet.yaml", "bottom.double_1.conv2d_2", {"output_shape": (1024, 28, 28), "params": 9438208}),
    ("unet.yaml", "up_1.cropped", {"output_shape": (512, 56, 56), "inputs": ["enc4.double_1.relu_2"]}),
    ("unet.yaml", "up_4.concat_1", {"output_shape": (128, 392, 392), "inputs": ["up_4.cropped", "up_4.up"]}),
    ("unet.yaml", "out", {"output_shape": (2, 388, 388), "params": 130}),
    ("wavenet.yaml", "stack.9.gate", {"type": "mul", "output_shape": (32, 16000)}),
    ("wavenet.yaml", "stack.29.skip", {"params": 512 * 32 + 512, "inputs": ["stack.29.gate"]}),
    ("wavenet.yaml", "add_1", {"inputs": [f"stack.{k}.skip" for k in range(30)], "output_shape": (512, 16000)}),
    ("resnet.yaml@resnet18", "layer2.0.downsample.conv2d_1", {"inputs": ["layer1.1.relu_2"], "params": 8192}),
    ("resnet.yaml@resnet50", "layer4.2.residual_1", {"inputs": ["layer4.2.bn3", "layer4.1.relu_3"]}),
    ("efficientnet.yaml@efficientnet_b0", "stages.6.0.conv2d_1", {"output_shape": (320, 7, 7), "params": 1152 * 320}),
    ("efficientnet.yaml@efficientnet_b7", "stages.6.3.add_1", {"output_shape": (640, 19, 19)}),
]


@pytest.mark.parametrize(("file", "layer", "figures"), FIGURES, ids=[f"{case[0]} {case[1]}" for case in FIGURES])
def test_a_row(file: str, layer: str, figures: dict[str, Any]) -> None:
    row = convcalc.analyse(str(FOLDER / file)).row(layer)
    assert {figure: getattr(row, figure) for figure in figures} == figures


def test_the_field_of_wavenet_is_that_of_its_dilations() -> None:
    """Causal convolutions of two taps see one more pixel for each step of dilation, 1 to 512, thrice."""
    field = convcalc.analyse(str(FOLDER / "wavenet.yaml")).totals.receptive_field
    assert field == [1 + 1 + 3 * (2**10 - 1)]
