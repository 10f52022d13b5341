"""The drifts between a spec and its code: a module of PyTorch is imported, changed, and compared again."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.workspace import Workspace

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the extra `oracle` is not installed"),
]
MODULE = """
import torch
from torch import nn

CONFIG = {"width": 16, "classes": 10}


class Unit(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return torch.relu(self.norm(self.conv(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        width = CONFIG["width"]
        self.stem = Unit(3, width)
        self.body = nn.Sequential(Unit(width, 2 * width), nn.MaxPool2d(2), Unit(2 * width, 2 * width))
        self.skip = nn.Conv2d(width, 2 * width, 1, stride=2)
        self.head = nn.Linear(2 * width, CONFIG["classes"])

    def forward(self, x):
        x = self.stem(x)
        x = self.body(x) + self.skip(x)
        return self.head(x.mean((2, 3)))
"""
TARGET = ("--against", "pytorch:mypkg.models:Net", "--python", sys.executable)
# What is replaced in the code; then the layer and the message of each finding.
DRIFTS = {
    "a kernel changed": (
        {"self.skip = nn.Conv2d(width, 2 * width, 1, stride=2)":
         "self.skip = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)"},
        ["error[differs-from-source] skip (conv2d): kernel_size is 1, in the source 3; padding is 0, in the source 1"],
    ),
    "a layer added": (
        {"nn.MaxPool2d(2), Unit": "nn.MaxPool2d(2), nn.Conv2d(2 * width, 2 * width, 1), Unit"},
        ["error[differs-from-source] body.max_pool2d_1 (max_pool2d): behind it the source has body.2 (conv2d), with"
         " 1,056 parameters"],
    ),
    "a norm removed": (
        {"torch.relu(self.norm(self.conv(x)))": "torch.relu(self.conv(x))",
         "        self.norm = nn.BatchNorm2d(outputs)\n": ""},
        ["error[differs-from-source] stem.norm (batch_norm2d): it is not in the source"],
    ),
    "a width changed by a config value": (
        {'"width": 16': '"width": 24'},
        ["error[differs-from-source] stem.conv (conv2d): out_channels is 16, in the source 24",
         "error[differs-from-source] skip (conv2d): out_channels is 32, in the source 48"],
    ),
    "a layer renamed": (
        {"self.head": "self.classifier"},
        ["warning[differs-from-source] head (linear): in the source `head` is `classifier`"],
    ),
}  # fmt: skip


@pytest.fixture
def project(workspace: Workspace) -> Workspace:
    """A package with a module, and the spec that was imported from it."""
    workspace.write({"mypkg/__init__.py": "", "mypkg/models.py": MODULE})
    imported = workspace.call(
        "import", TARGET[1], "--input", "3x32x32", "--python", sys.executable, "--output", "net.yaml"
    )
    assert imported.code == 0
    return workspace


def test_nothing_has_changed(project: Workspace) -> None:
    code, text = project.check("net.yaml", *TARGET)
    assert (code, text) == (0, "net.yaml: compared with pytorch:mypkg.models:Net, which has 14 layers\n\n"
                               "1 file, 1 network: no problems\n")  # fmt: skip


@pytest.mark.parametrize(("changes", "findings"), DRIFTS.values(), ids=DRIFTS)
def test_a_drift_is_caught(project: Workspace, changes: dict[str, str], findings: list[str]) -> None:
    module = MODULE
    for old, new in changes.items():
        assert old in module
        module = module.replace(old, new)
    project.write({"mypkg/models.py": module})
    code, text = project.check("net.yaml", *TARGET, "--input", "3x32x32")
    assert code == 1
    found = [line.partition(": ")[2] for line in text.splitlines() if "[differs-from-source]" in line]
    assert found == findings


def test_weights_of_the_module(project: Workspace) -> None:
    import torch  # the extra `oracle`

    sys.path.insert(0, str(project.path))
    try:
        from mypkg.models import Net  # type: ignore[import-not-found]  # written above

        torch.save(Net().state_dict(), "model.pth")
        torch.save({"state_dict": Net().state_dict()}, "old.pth", _use_new_zipfile_serialization=False)
        torch.save(Net(), "module.pth")
    finally:
        sys.path.remove(str(project.path))
        for name in ("mypkg", "mypkg.models"):
            sys.modules.pop(name, None)
    for name in ("model.pth", "old.pth"):
        code, text = project.check("net.yaml", "--weights", name)
        assert (code, f"{name} (PyTorch): 22 tensors, matched by name\n" in text) == (0, True), text
    code, text = project.check("net.yaml", "--weights", "module.pth")
    assert (code, "`mypkg.models.Net`, which is no part of a tensor" in text) == (2, True), text
    project.write(net=(project / "net.yaml").read_text().replace("out_features: 10", "out_features: 100"))
    code, text = project.check("net.yaml", "--weights", "model.pth", "--select", "differs-from-weights")
    assert (code, "its weight is 100x32, in the checkpoint 10x32" in text) == (1, True), text
