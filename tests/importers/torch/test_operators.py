"""PyTorch's functions as layers: traced and exported, each must have the shapes that PyTorch itself gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from convcalc.importers.inputs import Given
from convcalc.importers.torch import pt2
from convcalc.importers.torch.live import trace_module
from tests.importers.torch.agreement import disagreements, types

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

IMAGE, TOKENS, VECTOR = (8, 6, 10), (7, 8), (12,)
# A function of a tensor with a batch axis, the shape of a sample, and the types of the layers that it becomes.
CASES: list[tuple[str, Callable[[Any], Any], tuple[int, ...], list[str]]] = [
    ("scaled", lambda x: 2 * x + 1, IMAGE, ["scalar", "scalar"]),
    ("one_less", lambda x: 1 - x, IMAGE, ["scalar"]),
    ("ratio", lambda x: 1 / (x / 2), IMAGE, ["scalar", "reciprocal"]),
    ("power", lambda x: x**2 + x.pow(3), IMAGE, ["square", "pow", "add"]),
    ("relu6", lambda x: F.relu6(x), IMAGE, ["relu6"]),
    ("clamp", lambda x: x.clamp(min=0, max=1), IMAGE, ["clamp"]),
    ("activations", lambda x: F.silu(F.gelu(F.hardswish(x))), IMAGE, ["hardswish", "gelu", "silu"]),
    ("softmax", lambda x: x.softmax(-1), TOKENS, ["softmax"]),
    ("max_pool", lambda x: F.max_pool2d(x, 3, 2, 1), IMAGE, ["max_pool2d"]),
    ("avg_pool", lambda x: F.avg_pool2d(x, 2, ceil_mode=True), IMAGE, ["avg_pool2d"]),
    ("adaptive", lambda x: F.adaptive_avg_pool2d(x, (3, 1)), IMAGE, ["adaptive_avg_pool2d"]),
    ("mean", lambda x: x.mean((-2, -1), keepdim=True), IMAGE, ["mean"]),
    ("all", lambda x: x.mean(), IMAGE, ["flatten", "mean"]),
    ("amax", lambda x: x.amax(1), TOKENS, ["max"]),
    ("max", lambda x: x.max(dim=1)[0], TOKENS, ["max"]),
    ("std", lambda x: x.std(-1), TOKENS, ["std"]),
    ("view", lambda x: x.view(x.shape[0], -1), IMAGE, ["flatten"]),
    ("flatten", lambda x: x.flatten(2).transpose(1, 2), IMAGE, ["flatten", "transpose"]),
    ("windows", lambda x: x.reshape(2, 4, 6, 10).sum(1), IMAGE, ["reshape", "sum"]),
    ("permute", lambda x: x.permute(0, 2, 3, 1), IMAGE, ["permute"]),
    ("batch_moves", lambda x: x.permute(1, 0, 2).permute(1, 0, 2).relu(), TOKENS, ["relu"]),
    ("unsqueeze", lambda x: x.unsqueeze(1).squeeze(1).relu(), VECTOR, ["unsqueeze", "squeeze", "relu"]),
    ("index", lambda x: x[:, 0], TOKENS, ["select"]),
    ("slices", lambda x: x[:, ::2, 1:-1], TOKENS, ["slice", "slice"]),
    ("ellipsis", lambda x: x[..., None, :3], TOKENS, ["unsqueeze", "slice"]),
    ("sample", lambda x: x[0].relu(), TOKENS, ["relu"]),
    ("chunk", lambda x: torch.cat(x.chunk(2, 1)[::-1], 1), IMAGE, ["chunk", "chunk", "concat"]),
    ("split", lambda x: x.split([3, 5], 1)[1], IMAGE, ["split"]),
    ("unbind", lambda x: x.unbind(1)[2], TOKENS, ["select"]),
    ("stack", lambda x: torch.stack([x, x], 2), TOKENS, ["stack"]),
    ("join_batch", lambda x: torch.cat([x, x], 0), VECTOR, ["unsqueeze", "unsqueeze", "concat"]),
    ("pad", lambda x: F.pad(x, (1, 2)), IMAGE, ["pad"]),
    ("pad_channels", lambda x: F.pad(x, (0, 0, 0, 0, 2, 2)), IMAGE, ["unsqueeze", "pad", "squeeze"]),
    ("crop", lambda x: F.pad(x, (-1, 1)), IMAGE, ["slice", "pad"]),
    ("reflect", lambda x: F.pad(x, (1, 1, 1, 1), mode="reflect"), IMAGE, ["pad"]),
    ("roll", lambda x: x.roll((1, -2), (2, 3)), IMAGE, ["roll"]),
    ("flip", lambda x: x.flip(-1), IMAGE, ["flip"]),
    ("repeat", lambda x: x.repeat(1, 2, 1), TOKENS, ["tile"]),
    ("expand", lambda x: x.unsqueeze(2).expand(-1, -1, 4, -1), TOKENS, ["unsqueeze", "expand"]),
    ("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), IMAGE, ["pixel_shuffle"]),
    ("interpolate", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), IMAGE, ["upsample"]),
    ("unfold", lambda x: F.unfold(x, 3, padding=1), IMAGE, ["unfold"]),
    ("windows_along", lambda x: x.unfold(2, 4, 2), IMAGE, ["index_select", "unflatten", "permute"]),
    ("matmul", lambda x: x @ x.transpose(1, 2), TOKENS, ["transpose", "matmul"]),
    ("bmm", lambda x: torch.bmm(x, x.mT), TOKENS, ["transpose", "matmul"]),
    ("einsum", lambda x: torch.einsum("btd,bsd->bts", x, x), TOKENS, ["einsum"]),
    ("attention", lambda x: F.scaled_dot_product_attention(x, x, x), TOKENS, ["scaled_dot_product_attention"]),
    ("normalize", lambda x: x / x.norm(dim=-1, keepdim=True), TOKENS, ["norm", "div"]),
    ("layer_norm", lambda x: F.layer_norm(x, (8,)), TOKENS, ["layer_norm"]),
    ("where", lambda x: torch.where(x > 0, x, 0.5 * x), TOKENS, ["constant", "gt", "scalar", "where"]),
    ("topk", lambda x: x.topk(3, -1)[0], TOKENS, ["topk"]),
    ("cumsum", lambda x: x.cumsum(1), TOKENS, ["cumsum"]),
    ("fourier", lambda x: torch.fft.rfft2(x).abs(), IMAGE, ["rfft", "abs"]),
]


def wrapped(function: Callable[[Any], Any]) -> Any:
    class Net(torch.nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def forward(self, x: Any) -> Any:
            return function(x)

    return Net().eval()


@pytest.mark.parametrize(
    ("function", "shape", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_traced(function: Callable[[Any], Any], shape: tuple[int, ...], expected: list[str]) -> None:
    network = trace_module(wrapped(function), [Given(shape)])
    assert types(network) == expected
    assert all(operation.known for operation in network.operations)
    assert disagreements(network) == []


@pytest.mark.parametrize(
    ("function", "shape", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_exported(function: Callable[[Any], Any], shape: tuple[int, ...], expected: list[str], tmp_path: Path) -> None:
    path = str(tmp_path / "net.pt2")
    torch.export.save(torch.export.export(wrapped(function), (torch.zeros(1, *shape),)), path)
    network = pt2.read(path, None)
    assert sorted(types(network)) == sorted(expected)
    assert disagreements(network) == []


nn = torch.nn
MODULES: list[tuple[str, Callable[[], Any], tuple[int, ...], str]] = [
    ("conv", lambda: nn.Conv2d(8, 4, 3, 2, "valid", groups=2), IMAGE, "conv2d"),
    ("reflected", lambda: nn.Conv2d(8, 4, 3, padding=1, padding_mode="reflect"), IMAGE, "conv2d"),
    ("transposed", lambda: nn.ConvTranspose2d(8, 4, 3, 2, output_padding=1), IMAGE, "conv_transpose2d"),
    ("weight_norm", lambda: nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 4, 3)), IMAGE, "conv2d"),
    *(
        (
            f"weight_norm, {dim}",
            lambda dim=dim: nn.utils.parametrizations.weight_norm(nn.Conv2d(8, 4, 3), dim=dim),
            IMAGE,
            "conv2d",
        )
        for dim in (1, 3, None)
    ),
    ("spectral_norm", lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(8, 4)), TOKENS, "linear"),
    ("batch_norm", lambda: nn.BatchNorm2d(8, affine=False), IMAGE, "batch_norm2d"),
    ("instance_norm", lambda: nn.InstanceNorm2d(8, affine=True), IMAGE, "instance_norm2d"),
    ("group_norm", lambda: nn.GroupNorm(2, 8), IMAGE, "group_norm"),
    ("layer_norm", lambda: nn.LayerNorm((7, 8)), TOKENS, "layer_norm"),
    ("rms_norm", lambda: nn.RMSNorm(8), TOKENS, "rms_norm"),
    ("prelu", lambda: nn.PReLU(8), IMAGE, "prelu"),
    ("dropout", lambda: nn.Dropout(0.1), VECTOR, "dropout"),
    ("lstm", lambda: nn.LSTM(8, 5, 2, batch_first=True, bidirectional=True), TOKENS, "lstm"),
    ("gru", lambda: nn.GRU(8, 5, batch_first=True), TOKENS, "gru"),
]


@pytest.mark.parametrize(("make", "shape", "type"), [case[1:] for case in MODULES], ids=[case[0] for case in MODULES])
def test_a_module_is_one_layer_of_its_name(
    make: Callable[[], Any], shape: tuple[int, ...], type: str, tmp_path: Path
) -> None:
    module = nn.Sequential(nn.Identity(), make()).eval()
    path = str(tmp_path / "net.pt2")
    torch.export.save(torch.export.export(module, (torch.zeros(1, *shape),)), path)
    for network in (trace_module(module, [Given(shape)]), pt2.read(path, None)):
        (layer,) = network.operations
        assert (layer.type, layer.name) == (type, "1")
        assert disagreements(network) == []
        assert network.params == sum(parameter.numel() for parameter in module.parameters())


def test_attention_is_one_layer_from_both_sources(tmp_path: Path) -> None:
    class Net(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x: Any) -> Any:
            memory = x[:, 1:]
            return self.attention(x, memory, memory)

    module = Net().eval()
    path = str(tmp_path / "net.pt2")
    torch.export.save(torch.export.export(module, (torch.zeros(1, 7, 8),)), path)
    for network in (trace_module(module, [Given((7, 8))]), pt2.read(path, None)):
        assert types(network) == ["slice", "multihead_attention", "mean"]
        assert [output.part for output in network.operations[1].outputs] == ["", "weights"]
        assert disagreements(network) == []


def test_a_live_module_stays_as_it_is() -> None:
    module = nn.Sequential(nn.Linear(8, 4), nn.Dropout(0.5))
    module[1].eval()
    trace_module(module, [Given((8,))])
    assert (module.training, module[0].training, module[1].training) == (True, True, False)
    assert next(module.parameters()).device.type == "cpu"


def test_tied_and_frozen_parameters_of_a_file_with_an_open_batch(tmp_path: Path) -> None:
    class Net(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(8, 8), nn.Linear(8, 8)
            self.second.weight = self.first.weight
            self.first.bias.requires_grad_(False)

        def forward(self, x: Any) -> Any:
            return self.second(self.first(x))

    path = str(tmp_path / "net.pt2")
    open_batch = {"x": {0: torch.export.Dim("batch")}}
    torch.export.save(torch.export.export(Net().eval(), (torch.zeros(2, 8),), dynamic_shapes=open_batch), path)
    network = pt2.read(path, None)
    first, second = network.operations
    assert network.inputs[0].shape == (8,)
    assert first.tensors["weight"] == second.tensors["weight"]
    assert [each.tensors["bias"].trainable for each in (first, second)] == [False, True]
    assert network.params == 64 + 8 + 8


@pytest.mark.parametrize("inplace", [False, True])
def test_what_reads_the_input_of_a_dropout_does_not_read_the_dropout(inplace: bool) -> None:
    """Outside of training a dropout gives its input itself; one in place has changed it."""

    class Residual(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.drop = nn.Dropout(0.5, inplace=inplace)
            self.conv = nn.Conv2d(8, 8, 1)

        def forward(self, x: Any) -> Any:
            return self.conv(self.drop(x)) + x

    network = trace_module(Residual().eval(), [Given(IMAGE)])
    dropout, _, total = network.operations
    assert types(network) == ["dropout", "conv2d", "add"]
    assert total.inputs[1] == (dropout.output.name if inplace else dropout.inputs[0])
