"""Modules that are traced by an interpreter with torch, in a process of its own and in this one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from convcalc import bounds
from convcalc.errors import UsageError
from convcalc.importers.inputs import Given
from convcalc.importers.network import ForeignNetwork, Module
from convcalc.importers.torch import process
from convcalc.importers.torch.process import interpreter, request_of
from tests.importers.torch.agreement import disagreements, macs, types

pytest.importorskip("torch")
pytestmark = pytest.mark.slow

MODELS = """
import os, sys, time, dataclasses
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.bn(self.conv(x))
        y += x
        return self.act(y)

@dataclasses.dataclass
class Result:
    scores: torch.Tensor
    maps: list

class Net(nn.Module):
    def __init__(self, width=4, *, classes=3):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 1)
        self.blocks = nn.Sequential(Block(width), Block(width))
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        print("a line of the user's code")
        x = self.blocks(self.stem(x))
        return Result(self.head(x.mean((2, 3))), [x])

class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.step = nn.Linear(4, 4)

    def forward(self, x):
        return self.step(torch.relu(self.step(x)))

class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 6)

    def forward(self, ids):
        return {"vectors": self.table(ids)}

class Chosen(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        x = self.body(x)
        return x.flatten().nonzero()

class FromNumbers(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, int(torch.linspace(0, 5, 6)[-1].item()))

    def forward(self, x):
        return self.layer(x)

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.meta = nn.Linear(4, 2), nn.Linear(3, 2)

    def forward(self, image, meta):
        return self.image(image) + self.meta(meta)

net = Twice()

def raises():
    raise ValueError("no such backbone")

def exits():
    sys.exit(3)

def ends():
    os._exit(4)

def dies():
    print("about to die")
    os.kill(os.getpid(), 11)

def hangs():
    time.sleep(600)

def forks():
    os.fork()
    return Twice()

def number():
    return 3
"""


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models.py").write_text(MODELS)
    monkeypatch.chdir(tmp_path)


def read(target: str, *shapes: tuple[int, ...], **named: tuple[int, ...]) -> ForeignNetwork:
    inputs = {name: Given(shape) for name, shape in named.items()} or [Given(shape) for shape in shapes]
    return process.read(f"pytorch:models{target}", inputs, sys.executable)


@pytest.mark.parametrize("target", [":Net", ".py:Net", ":Net(4)", ":Net(4, classes=3)"])
def test_a_class(target: str) -> None:
    network = read(target, (3, 8, 8))
    block = ["conv2d", "batch_norm2d", "add", "relu"]
    assert types(network) == ["conv2d", *block, *block, "mean", "linear"]
    conv = network.operations[1]
    assert (conv.modules, conv.name) == ((Module("blocks", "Sequential"), Module("0", "Block")), "conv")
    assert conv.tensors["weight"].name == "blocks.0.conv.weight"
    assert network.outputs == [network.operations[-1].output.name, network.operations[-3].output.name]
    assert network.params == 4 * 3 + 4 + 2 * (4 * 4 * 9 + 8) + 4 * 3 + 3
    assert disagreements(network) == []
    assert macs(network) == 64 * (12 + 2 * 144) + 12


def test_an_instance_whose_layer_is_called_twice() -> None:
    first, _, second = read(":net", (4,)).operations
    assert (first.name, second.name) == ("step", "step")
    assert first.tensors == second.tensors


def test_whole_numbers_where_floats_fail() -> None:
    network = read(":Words", (5,))
    assert network.inputs[0].is_index
    assert network.operations[0].output.shape == (5, 6)


def test_a_constructor_that_needs_values() -> None:
    assert read(":FromNumbers", (4,)).operations[0].output.shape == (5,)


def test_inputs_by_name() -> None:
    network = read(":Two", meta=(3,), image=(4,))
    assert {each.name: each.shape for each in network.inputs} == {"image": (4,), "meta": (3,)}
    assert types(network) == ["linear", "linear", "add"]


def test_a_trace_that_stops_where_values_decide() -> None:
    network = read(":Chosen", (3, 8, 8))
    assert types(network)[0] == "conv2d"
    assert any("the trace stopped after" in remark for remark in network.remarks)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raises", r"raised ValueError when it was built .*models.py:\d+\): no such backbone"),
        ("exits", "raised SystemExit: 3 when it was built"),
        ("ends", "ended with exit code 4 before it was traced"),
        ("dies", "was ended by signal 11 before it was traced; it printed:\n  about to die"),
        ("number", "raised TypeError when it was built.*number gives int, and no torch.nn.Module"),
        ("absent", "raised AttributeError when it was imported"),
        ("Net(5, size=3)", "raised TypeError when it was built"),
    ],
)
def test_what_goes_wrong_is_said(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read(f":{name}", (4,))


def test_a_forward_pass_that_fails() -> None:
    with pytest.raises(UsageError, match="raised RuntimeError in its forward pass"):
        read(":Twice", (5,))


def test_a_process_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TRACE_SECONDS", 5)
    with pytest.raises(UsageError, match="did not end within 5 seconds"):
        read(":hangs", (4,))


def test_a_process_that_forks() -> None:
    assert len(read(":forks", (4,)).operations) == 3


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    read(":Net", (3, 8, 8))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("pytorch:models", "names no module of PyTorch"),
        ("pytorch:models:Net(open('x'))", "are not Python literals"),
        ("pytorch:models:Net(1)(2)", "are not Python literals"),
        ("pytorch:models:Net(", "names no module of PyTorch"),
    ],
)
def test_targets_that_are_not_written_so(target: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        request_of(target, [Given((3,))])


def test_an_input_is_needed() -> None:
    with pytest.raises(UsageError, match="needs the shape of its input"):
        request_of("pytorch:models:Net", None)


def test_the_interpreter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python").touch()
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    assert interpreter(None) == str(tmp_path / "env" / "bin" / "python")
    assert interpreter(sys.executable) == sys.executable
    with pytest.raises(UsageError, match="there is no such program"):
        interpreter("no-such-python")
