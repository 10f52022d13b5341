"""Exported modules run: parameters, buffers, macs and shapes are those of the spec, and so are those of an import."""

from __future__ import annotations

import pytest

from tests.exporters.modules import differences

# Residuals, concatenations, attention, several inputs and outputs, shared weights, frozen ones, indices, transposed
# convolutions, recurrence, unshared weights, maps with their channels last.
SPREAD = [
    "lenet", "resnet18", "mobilenet_v2", "densenet", "googlenet", "unet", "segnet", "siamese", "bert", "swin", "crnn",
    "deepface", "ddpm", "retinanet", "yolov8", "recurrent-conv",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("target", SPREAD)
def test_a_module_has_the_figures_of_its_spec(target: str) -> None:
    assert differences(target, again=True) == []
