"""An exported module computes what the same network of torchvision computes, from the same weights."""

from __future__ import annotations

from typing import Any

import pytest

from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets import foreign

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.exporters.modules import run, source_of, torch

# Shipped networks with the names of torchvision's modules.
NAMED = ("resnet50", "resnet18", "resnext50_32x4d", "wide_resnet50_2", "vgg16", "vgg11_bn", "mobilenet_v2")
# A target, and the model of torchvision with the same modules in the same order.
ORDERED = {
    "densenet121": "densenet121", "squeezenet": "squeezenet1_0",
    "shufflenet_v2": "shufflenet_v2_x1_0", "efficientnet": "efficientnet_b0", "maxvit": "maxvit_t",
}  # fmt: skip


@pytest.fixture(scope="module")
def models() -> Any:
    """torchvision's models. Its operators of detection need a build for this very torch, and no model here has one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.library, "register_fake", lambda *_names, **_more: lambda function: function)
        try:
            from torchvision import models  # type: ignore[import-untyped, unused-ignore]  # an optional extra
        except (ImportError, RuntimeError):
            pytest.skip("torchvision is not installed")
    return models


def _stirred(module: Any) -> dict[str, Any]:
    """The state of a module, with numbers in place of the ones and zeros of norms and biases."""
    torch.manual_seed(0)
    for parameter in module.parameters():
        if parameter.dim() == 1:
            parameter.data.uniform_(0.1, 1)
    for name, buffer in module.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    state: dict[str, Any] = module.state_dict()
    return state


@pytest.mark.slow
@pytest.mark.parametrize("target", NAMED)
def test_the_state_of_torchvision_loads_by_name(target: str, models: Any) -> None:
    reference = getattr(models, target)(weights=None).eval()
    module = run(source_of(target))
    module.load_state_dict(_stirred(reference), strict=True)
    image = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(module(image), reference(image), rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("target", ORDERED)
def test_the_state_of_torchvision_loads_by_order(target: str, models: Any) -> None:
    reference = getattr(models, ORDERED[target])(weights=None).eval()
    module = run(source_of(target))
    state = _stirred(reference)
    own = module.state_dict()
    assert len(own) == len(state)
    module.load_state_dict(
        {key: value.reshape(own[key].shape) for key, value in zip(own, state.values(), strict=True)}, strict=True
    )
    image = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(module(image), reference(image), rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "vgg16", "mobilenet_v2", "regnet_y_400mf"])
def test_an_imported_model_keeps_its_state_dict(name: str, models: Any) -> None:
    reference = getattr(models, name)(weights=None).eval()
    source = export(build_network(foreign.find_module(reference, [3, 224, 224]), Overrides()), "pytorch")
    module = run(source)
    module.load_state_dict(_stirred(reference), strict=True)
    image = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(module(image), reference(image), rtol=1e-5, atol=1e-5)
