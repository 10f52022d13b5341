"""Exported modules run: parameters, buffers, macs and shapes are those of the spec, and so are those of an import."""

from __future__ import annotations

import pytest

from convcalc import api

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.exporters.modules import differences, run, samples, source_of, torch
from tests.oracles.torch_networks import Network as Oracle

# Residuals, concatenations, attention, several inputs and outputs, shared weights, frozen ones, indices, transposed
# convolutions, recurrence, unshared weights, maps with their channels last.
SPREAD = [
    "lenet", "resnet18", "mobilenet_v2", "densenet", "googlenet", "unet", "segnet", "siamese", "bert", "swin", "crnn",
    "deepface", "ddpm", "retinanet", "yolov8", "recurrent-conv", "vnet", "lraspp",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("target", SPREAD)
def test_a_module_has_the_figures_of_its_spec(target: str) -> None:
    assert differences(target, again=True) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "target", ["resnet18", "googlenet", "unet", "densenet", "yolov8", "hrnet@hrnet_w18_small", "inception_v3_no_aux"]
)
def test_a_module_computes_what_its_layers_compute(target: str) -> None:
    """The oracle runs the layers one by one, in the order of the report; both have the names of the spec."""
    report = api.analyse(target)
    torch.manual_seed(0)
    oracle, module = Oracle(report.to_dict()).eval(), run(source_of(target))
    module.load_state_dict(oracle.state_dict(), strict=True)
    inputs = [torch.randn_like(each) for each in samples(report.graph, "cpu")]
    with torch.no_grad():
        found, expected = module(*inputs), oracle(*inputs)
    torch.testing.assert_close(found[-1] if isinstance(found, tuple) else found, expected, rtol=1e-5, atol=1e-5)
