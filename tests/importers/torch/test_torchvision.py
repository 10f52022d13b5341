"""The builders of torchvision, without their weights: every layer, shape and parameter, and short specs."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

import convcalc

torch = pytest.importorskip("torch", reason="the extra `oracle` is not installed")
if importlib.util.find_spec("torchvision") is not None:
    # The compiled operators of torchvision's wheel need CUDA. Its builders need the names of two, and no more.
    LIBRARY = torch.library.Library("torchvision", "DEF")
    for operator in ("nms", "qnms"):
        LIBRARY.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
models = pytest.importorskip("torchvision.models", reason="the extra `oracle` is not installed")

from convcalc.drift.deviation import Losses  # noqa: E402
from convcalc.drift.drift import Drift  # noqa: E402
from convcalc.importers.formats import trace  # noqa: E402
from convcalc.importers.inputs import Given  # noqa: E402
from convcalc.importers.specs import spec_text  # noqa: E402

# Builder -> its input size, and the most lines of its spec; None where nothing bounds them.
BUILDERS: dict[str, tuple[int, int | None]] = {
    "resnet50": (224, 40),
    "googlenet": (224, 45),
    "mobilenet_v2": (224, 55),
    "efficientnet_b0": (224, 70),
    "densenet121": (224, 60),
    "vgg16": (224, 40),
    "inception_v3": (299, None),
    "mobilenet_v3_large": (224, None),
    "shufflenet_v2_x1_0": (224, None),
    "squeezenet1_1": (224, None),
    "regnet_y_400mf": (224, None),
    "convnext_tiny": (224, None),
    "vit_b_16": (224, None),
    "swin_t": (224, None),
}
SETTINGS: dict[str, dict[str, Any]] = {
    name: {"aux_logits": False, "init_weights": False} for name in ("googlenet", "inception_v3")
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "size", "lines"), [(name, *each) for name, each in BUILDERS.items()])
def test_a_builder(name: str, size: int, lines: int | None) -> None:
    module = models.get_model(name, weights=None, **SETTINGS.get(name, {})).eval()
    text = spec_text(trace(module, [Given((3, size, size))]))
    report = convcalc.analyse(convcalc.loads(text))
    assert report.totals.params == sum(each.numel() for each in module.parameters())
    assert lines is None or len(text.splitlines()) <= lines
    names = {row.name for row in report.rows}
    owners = {key.rpartition(".")[0] for key, _ in module.named_parameters()}
    missing = {each for each in owners if not any(row == each or row.startswith(f"{each}.") for row in names)}
    assert missing == set() or name in ("vit_b_16", "swin_t", "vgg16", "squeezenet1_1")


# Shipped networks that are written by hand, with other names and another order of branches.
SHIPPED = [
    "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "vgg16", "vgg16_bn", "mobilenet_v2",
    "mobilenet_v3_large", "mnasnet1_0", "densenet121", "googlenet", "squeezenet1_1", "shufflenet_v2_x1_0",
    "efficientnet_b0", "efficientnet_v2_s", "convnext_tiny", "vit_b_16",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_network_has_the_layers_of_its_builder(name: str) -> None:
    """Only values that change no shape and no count may differ: the specs leave eps and shares of dropouts out."""
    spec = convcalc.analyse(name)
    module = models.get_model(name, weights=None, **SETTINGS.get(name, {})).eval()
    source = convcalc.analyse(module, input=list(next(iter(spec.inputs.values()))))
    found = [each for each in Drift(spec, source, Losses(trainable=True)).deviations() if not each.minor]
    assert found == []
