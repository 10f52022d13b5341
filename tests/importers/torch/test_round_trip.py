"""Shipped networks as modules of PyTorch, traced and exported, and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="traces and exports with PyTorch: pip install '.[oracle]'")

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra

import convcalc
from convcalc.report.report import Report
from tests.oracles.torch_networks import Network

pytestmark = pytest.mark.slow

TARGETS = ("lenet", "resnet18", "googlenet", "unet", "mobilenet_v2", "densenet121")
FIGURES = ("params", "trainable_params", "buffers", "macs", "activations")


def figures(report: Report) -> list[int | None]:
    return [getattr(report.totals, figure) for figure in FIGURES]


def layers(report: Report) -> list[tuple[str, tuple[int, ...], int | None, int | None]]:
    """The layers with parameters: types, output shapes, parameters, multiply-accumulates."""
    return [(row.type, tuple(row.output_shape), row.params, row.macs) for row in report.rows if row.params]


@pytest.mark.parametrize("target", TARGETS)
def test_a_module_that_is_traced(target: str) -> None:
    shipped = convcalc.analyse(target)
    found = shipped.to_dict()
    with torch.device("meta"):
        module = Network(found)
    (shape,) = found["inputs"].values()
    traced = convcalc.analyse(module, input=shape)
    assert figures(traced) == figures(shipped)
    assert layers(traced) == layers(shipped)


@pytest.mark.parametrize("target", TARGETS)
def test_a_module_that_is_exported(target: str, tmp_path: Path) -> None:
    shipped = convcalc.analyse(target)
    found = shipped.to_dict()
    (shape,) = found["inputs"].values()
    with torch.device("meta"):
        module = Network(found)
        program = torch.export.export(module, (torch.zeros(1, *shape),))
    torch.export.save(program, tmp_path / "net.pt2")
    exported = convcalc.analyse(tmp_path / "net.pt2")
    assert figures(exported) == figures(shipped)
    assert layers(exported) == layers(shipped)
