"""Specs of modules of PyTorch are short: blocks are classes, and what repeats is written once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="traces and exports with PyTorch: pip install '.[oracle]'")

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra

import convcalc
from convcalc.importers.inputs import given_inputs
from convcalc.targets import find, foreign
from tests.oracles import architectures
from tests.oracles.torch_layers import Products, sample

pytestmark = pytest.mark.slow

# The most lines of the spec, without comments.
LINES = {
    "ResNet50": 40, "VGG16": 40, "GoogLeNet": 45, "UNet": 40, "MobileNetV2": 55,
    "EfficientNetB0": 70, "DenseNet121": 60,
}  # fmt: skip
INPUT = [3, 224, 224]


def made(name: str) -> Any:
    with torch.device("meta"):
        return getattr(architectures, name)().eval()


def check(text: str, name: str) -> None:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= LINES[name]
    module = made(name)
    with torch.device("meta"), Products() as products:
        module(sample(INPUT))
    totals = convcalc.analyse(convcalc.loads(text)).totals
    tensors = [sum(tensor.numel() for tensor in each()) for each in (module.parameters, module.buffers)]
    assert [totals.params, totals.buffers, totals.macs] == [*tensors, products.macs]


@pytest.mark.parametrize("name", LINES)
def test_traced(name: str) -> None:
    check(foreign.find_module(made(name), given_inputs(INPUT)).source.text, name)


@pytest.mark.parametrize("name", LINES)
def test_exported(name: str, tmp_path: Path) -> None:
    with torch.device("meta"):
        program = torch.export.export(made(name), (sample(INPUT),))
    torch.export.save(program, tmp_path / "net.pt2")
    check(find.find(str(tmp_path / "net.pt2")).source.text, name)
