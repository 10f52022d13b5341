"""Modules of PyTorch, exported by PyTorch itself: every parameter and every shape."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import pytest

from convcalc.agreement import differences
from convcalc.api import analyse, loads
from convcalc.drift.deviation import Losses
from convcalc.drift.drift import Drift
from convcalc.importers.onnx.reader import read
from convcalc.importers.specs import spec_text
from tests.importers.onnx.files import params, types

torch = pytest.importorskip("torch")
nn: Any = torch.nn
pytestmark = pytest.mark.slow


def residual(*layers: Any) -> Any:
    class Residual(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(*layers)

        def forward(self, x: Any) -> Any:
            return x + self.body(x)

    return Residual()


class Recurrent(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(40, 12)
        self.rnn = nn.LSTM(12, 10, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(20, 5)

    def forward(self, x: Any) -> Any:
        return self.head(self.rnn(self.embed(x))[0])


class Attention(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.rand(1, 9, 16))
        self.norm = nn.LayerNorm(16)
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, x: Any) -> Any:
        x = self.norm(x + self.position)
        return self.attention(x, x, x, need_weights=False)[0]


IMAGE = (3, 16, 16)
NETWORKS: dict[str, tuple[Callable[[], Any], tuple[int, ...], list[str] | None]] = {
    "convolutions": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, stride=2), nn.BatchNorm2d(8), nn.ReLU6(), nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Conv2d(8, 8, 3, groups=8, padding=1, bias=False), nn.Hardswish(), nn.ConvTranspose2d(8, 4, 2, 2),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10),
        ),
        IMAGE,
        ["conv2d", "batch_norm2d", "relu6", "max_pool2d", "conv2d", "hardswish", "conv_transpose2d", "global_avg_pool",
         "flatten", "linear"],
    ),
    "residual blocks": (
        lambda: nn.Sequential(
            *(residual(nn.Conv2d(3, 3, 3, padding=1), nn.GELU(), nn.GroupNorm(3, 3)) for _ in range(3))
        ),
        IMAGE, ["conv2d", "gelu", "group_norm", "add"] * 3,
    ),
    "pixels": (
        lambda: nn.Sequential(nn.Conv2d(3, 12, 1), nn.PixelShuffle(2), nn.Upsample(scale_factor=2), nn.SiLU()),
        IMAGE, ["conv2d", "pixel_shuffle", "upsample", "silu"],
    ),
    "recurrent": (Recurrent, (7,), ["embedding", "lstm", "lstm", "linear"]),
    "attention": (Attention, (9, 16), None),
}  # fmt: skip


@pytest.mark.parametrize("opset", [13, 17, 18])
@pytest.mark.parametrize("name", NETWORKS)
def test_an_export_of_pytorch_has_its_parameters_and_shapes(tmp_path: Path, name: str, opset: int) -> None:
    make, shape, expected = NETWORKS[name]
    network = make().eval()
    input = torch.zeros(1, *shape, dtype=torch.int64) if name == "recurrent" else torch.zeros(1, *shape)
    path = str(tmp_path / "net.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        training = torch.onnx.TrainingMode.PRESERVE
        try:
            torch.onnx.export(
                network, (input,), path, dynamo=False, opset_version=opset, do_constant_folding=False, training=training
            )
        except (ImportError, torch.onnx.errors.OnnxExporterError) as error:
            pytest.skip(f"this PyTorch cannot export it: {error}")
    found = read(path, None)
    assert params(found) == sum(each.numel() for each in network.parameters())
    assert prod(found.operations[-1].output.shape) == network(input).numel()
    assert expected is None or types(found) == expected
    assert not differences(loads(spec_text(found)), found)


@pytest.mark.parametrize("dynamo", [False, True])
def test_attention_that_an_exporter_wrote_out_is_one_layer(tmp_path: Path, dynamo: bool) -> None:
    path, network = str(tmp_path / "net.onnx"), Attention().eval()
    for each in network.parameters():
        torch.nn.init.uniform_(each)  # an exporter leaves biases of zero out
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(network, (torch.zeros(1, 9, 16),), path, dynamo=dynamo, opset_version=18)
        except (ImportError, torch.onnx.errors.OnnxExporterError) as error:
            pytest.skip(f"this PyTorch cannot export it: {error}")
    spec = tmp_path / "net.yaml"
    spec.write_text("input: [9, 16]\nlayers: [positional_embedding, layer_norm, multihead_attention: {num_heads: 4}]\n")
    assert [row.type for row in analyse(path).rows] == ["positional_embedding", "layer_norm", "multihead_attention"]
    assert not list(Drift(analyse(spec), analyse(path), Losses(exported=True)).deviations())
    assert analyse(path).totals.macs == analyse(spec).totals.macs
