"""`.pt2` files: layers, names, figures, open sizes, both layouts of the archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convcalc.errors import SpecError, UsageError
from convcalc.importers.inputs import Given
from convcalc.importers.network import Input, Module, Tensor
from convcalc.importers.torch import pt2
from tests.importers.torch import exported
from tests.importers.torch.agreement import disagreements, macs, types


def test_layers_names_and_figures(tmp_path: Path) -> None:
    network = pt2.read(str(exported.write(tmp_path / "net.pt2", exported.small())), None)
    assert network.name == "Net"
    assert network.format == "PyTorch export, torch 2.13.0"
    assert network.inputs == [Input("x", (3, 8, 8))]
    assert types(network) == ["conv2d", "batch_norm2d", "relu", "mean", "linear"]
    conv, norm, act, mean, linear = network.operations
    assert conv.parameters == {"out_channels": 4, "kernel_size": 3, "padding": 1, "bias": False}
    assert conv.tensors == {"weight": Tensor("stem.conv.weight", (4, 3, 3, 3))}
    assert (conv.modules, conv.name) == ((Module("stem.conv", "Conv2d"),)[:0], "stem.conv")
    assert norm.tensors["bias"] == Tensor("stem.bn.bias", (4,), trainable=False)
    assert norm.buffers["running_mean"].name == "stem.bn.running_mean"
    assert (act.name, mean.name, mean.parameters) == ("stem.act", "", {"axis": [1, 2]})
    assert linear.parameters == {"out_features": 5, "bias": False}
    assert network.outputs == [linear.output.name]
    assert network.params == 108 + 4 + 4 + 20
    assert sum(tensor.elements for tensor in norm.buffers.values()) == 8
    assert disagreements(network) == []
    assert macs(network) == 108 * 64 + 20


@pytest.mark.parametrize("member", ["net/models/model.json", "serialized_exported_program.json"])
def test_both_layouts_of_the_archive(tmp_path: Path, member: str) -> None:
    network = pt2.read(str(exported.write(tmp_path / "net.pt2", exported.small(), member)), None)
    assert len(network.operations) == 5


def test_the_batch_may_be_open(tmp_path: Path) -> None:
    network = pt2.read(str(exported.write(tmp_path / "net.pt2", exported.small(batch="s77"))), None)
    assert network.inputs[0].shape == (3, 8, 8)
    assert disagreements(network) == []


def test_sizes_as_newer_files_write_them(tmp_path: Path) -> None:
    symbol = "Symbol('s77', positive=True, integer=True)"
    program = exported.small("Symbol('s6', integer=True)", symbol)
    half = f"Add(Mul(Integer(2), {symbol}), FloorDiv({symbol}, Integer(-1)))"
    program["graph_module"]["graph"]["tensor_values"]["relu_"]["sizes"][2] = exported.size(half)
    network = pt2.read(str(exported.write(tmp_path / "net.pt2", program)), [Given((3, 12, 8))])
    assert network.operations[2].output.shape == (4, 12, 8)
    assert disagreements(network) == []


def test_an_open_size_is_asked_for_and_taken(tmp_path: Path) -> None:
    path = str(exported.write(tmp_path / "net.pt2", exported.small("s0", "s1")))
    with pytest.raises(UsageError, match=r"axis 2 of input `x` open.*--input"):
        pt2.read(path, None)
    network = pt2.read(path, {"x": Given((3, 12, 8))})
    assert network.operations[0].output.shape == (4, 12, 8)
    assert disagreements(network) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([Given((3, 8))], "has 3 axes beside the batch, not 2"),
        ([Given((1, 8, 8))], "axis 1 of input `x` has size 3 in the file, not 1"),
        ([Given((3, 8, 8)), Given((3,))], "2 input shapes are given, and the network has 1"),
        ({"y": Given((3, 8, 8))}, "there is no input `y`; the inputs are x"),
    ],
)
def test_inputs_that_do_not_fit(tmp_path: Path, given: Any, says: str) -> None:
    path = str(exported.write(tmp_path / "net.pt2", exported.small()))
    with pytest.raises(UsageError, match=says):
        pt2.read(path, given)


def test_a_batch_of_several_is_refused(tmp_path: Path) -> None:
    path = str(exported.write(tmp_path / "net.pt2", exported.small(batch=2)))
    with pytest.raises(UsageError, match="a batch of 2; export it with an input of batch 1"):
        pt2.read(path, None)


def test_an_operator_without_a_counterpart_is_kept(tmp_path: Path) -> None:
    program = exported.small()
    program["graph_module"]["graph"]["nodes"][2]["target"] = "torch.ops.mine.strange.default"
    network = pt2.read(str(exported.write(tmp_path / "net.pt2", program)), None)
    strange = network.operations[2]
    assert (strange.type, strange.known, strange.output.shape) == ("strange", False, (4, 8, 8))


def test_a_module_that_is_called_twice(tmp_path: Path) -> None:
    relu = "torch.nn.modules.activation.ReLU"
    values = {name: exported.tensor(1, 6) for name in ("x", "relu", "relu_1")}
    nodes = [exported.node("relu.default", "relu", "act", relu, self="$x"),
             exported.node("relu.default", "relu_1", "act", relu, 1, self="$relu")]  # fmt: skip
    program = exported.program(values, nodes, {}, ["x"], ["relu_1"])
    network = pt2.read(str(exported.write(tmp_path / "net.pt2", program)), None)
    assert [operation.name for operation in network.operations] == ["act", "act"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.pt2").write_text("no archive")
    with pytest.raises(SpecError, match="this is no zip archive"):
        pt2.read(str(tmp_path / "text.pt2"), None)
    exported.write(tmp_path / "weights.pt2", b"", "net/data.pkl")
    with pytest.raises(SpecError, match="no exported graph"):
        pt2.read(str(tmp_path / "weights.pt2"), None)
    with pytest.raises(SpecError, match="cannot be read"):
        pt2.read(str(tmp_path / "absent.pt2"), None)
