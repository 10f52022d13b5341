"""Modules and names, shared tensors, and batch norms that are folded into convolutions."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc.agreement import differences
from convcalc.api import loads
from convcalc.importers.specs import spec_text
from tests.importers.onnx.files import Weight, function, graph, model, network, node, params, tensor, types
from tests.workspace import Workspace

IMAGE = {"x": [1, 3, 8, 8]}


def metadata(scopes: str, classes: str, **more: str) -> dict[str, str]:
    """What PyTorch's newer exporter tells of a node."""
    quoted = [str(text.split(" ")) for text in (f" {scopes}", classes)]
    return {"pkg.torch.onnx.name_scopes": quoted[0], "pkg.torch.onnx.class_hierarchy": quoted[1], **more}


def paths(folder: Path, nodes: list[bytes], tensors: list[Weight]) -> list[str]:
    found = network(folder, model(graph(nodes, IMAGE, "y", tensors), producer="pytorch"))
    return [
        ".".join([*(each.name for each in one.modules), *([one.name] if one.name else [])]) for one in found.operations
    ]


def test_the_metadata_of_a_node_tell_its_modules(tmp_path: Path) -> None:
    told = metadata("stem stem.0 conv2d", "net.Net torch.nn.Sequential torch.nn.Conv2d aten.conv2d")
    nodes = [
        node("Conv", "x stem.0.weight", "a", metadata=told),
        node("Relu", "a", "y", metadata=metadata("relu", "net.Net aten.relu")),
    ]
    found = network(tmp_path, model(graph(nodes, IMAGE, "y", [Weight("stem.0.weight", [4, 3, 3, 3])])))
    assert [(each.name, each.kind) for each in found.operations[0].modules] == [("stem", "Sequential"), ("0", "Conv2d")]
    assert found.operations[1].modules == ()


def test_the_name_of_a_node_tells_its_modules(tmp_path: Path) -> None:
    nodes = [
        node("Conv", "x layer1.0.conv1.weight", "a", name="/layer1/layer1.0/conv1/Conv"),
        node("Relu", "a", "y", name="/layer1/layer1.0/relu/Relu"),
    ]
    assert paths(tmp_path, nodes, [Weight("layer1.0.conv1.weight", [4, 3, 3, 3])]) == [
        "layer1.0.conv1",
        "layer1.0.relu",
    ]


def test_the_names_of_tensors_tell_their_modules_and_those_between(tmp_path: Path) -> None:
    nodes = [node("Conv", "x b.0.conv.weight", "a"), node("Relu", "a", "r"), node("Conv", "r b.0.last.weight", "y")]
    tensors = [Weight("b.0.conv.weight", [4, 3, 3, 3]), Weight("b.0.last.weight", [4, 4, 3, 3])]
    assert paths(tmp_path, nodes, tensors) == ["b.0.conv", "b.0", "b.0.last"]


def test_modules_that_begin_alike_are_one_block(tmp_path: Path) -> None:
    nodes, tensors, value = [], [], "x"
    for index in range(3):
        for number in (1, 2):
            name = f"layers.{index}.conv{number}.weight"
            tensors.append(Weight(name, [3, 3, 3, 3]))
            nodes.append(node("Conv", f"{value} {name}", f"c{index}{number}", pads=[1, 1, 1, 1]))
            value = f"c{index}{number}"
        nodes.append(node("Relu", value, f"r{index}"))
        value = f"r{index}"
    found = network(tmp_path, model(graph(nodes, IMAGE, value, tensors), producer="pytorch"))
    text = spec_text(found)
    assert "blocks:" in text
    assert text.count("- block") == 3
    assert not differences(loads(text), found)


def test_a_layer_that_is_called_again_is_tied(tmp_path: Path) -> None:
    nodes = [
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]),
        node("Relu", "a", "r"),
        node("Conv", "r w", "y", pads=[1, 1, 1, 1]),
    ]
    found = network(tmp_path, model(graph(nodes, IMAGE, "y", [Weight("w", [3, 3, 3, 3])])))
    assert params(found) == 81
    assert not found.remarks
    assert not differences(loads(spec_text(found)), found)


def test_vectors_that_are_only_equal_count_for_each_layer(tmp_path: Path) -> None:
    norm = "ones zeros m v"
    nodes = [
        node("BatchNormalization", f"x {norm}", "a", name="/bn1/BatchNormalization"),
        node("Identity", "ones", "bn2.weight"),
        node("BatchNormalization", "a bn2.weight zeros m v", "y", name="/bn2/BatchNormalization"),
    ]
    tensors = [Weight(name, [3]) for name in norm.split()]
    found = network(tmp_path, model(graph(nodes, IMAGE, "y", tensors)))
    assert params(found) == 12
    assert found.remarks == [
        "2 tensors are equal to others, and the file holds them once: each counts for the layer that uses it"
    ]


def test_weights_that_two_types_of_layers_share_are_tied(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "a"), node("ConvTranspose", "a w", "y")]
    found = network(tmp_path, model(graph(nodes, IMAGE, "y", [Weight("w", [4, 3, 3, 3])])))
    assert params(found) == 108
    assert not differences(loads(spec_text(found)), found)


def folded() -> bytes:
    rule = {"pkg.onnxscript.rewriter.rule_name": "FuseBatchNormIntoConv"}
    told = metadata("bn1 norm", "net.Net torch.nn.BatchNorm2d aten.norm", **rule)
    nodes = [node("Conv", "x conv1.weight conv1.weight_bias", "a", metadata=told), node("Relu", "a", "y")]
    return model(graph(nodes, IMAGE, "y", [Weight("conv1.weight", [4, 3, 3, 3]), Weight("conv1.weight_bias", [4])]))


def test_a_folded_batch_norm_leaves_a_remark(tmp_path: Path) -> None:
    found = network(tmp_path, folded())
    assert (types(found), params(found)) == (["conv2d", "relu"], 112)
    assert found.remarks == ["1 batch norm is folded into a convolution; --restore-batch-norm puts them back"]


def test_a_folded_batch_norm_is_put_back(tmp_path: Path) -> None:
    found = network(tmp_path, folded(), restore_batch_norm=True)
    assert (types(found), params(found)) == (["conv2d", "batch_norm2d", "relu"], 116)
    assert [each.modules[0].name for each in found.operations[:2]] == ["conv1", "bn1"]
    assert not differences(loads(spec_text(found)), found)


def test_the_option_of_the_command(workspace: Workspace) -> None:
    workspace.write({"net.onnx": folded()})
    assert "batch_norm2d" not in workspace.call("import", "net.onnx").text
    assert "batch_norm2d" in workspace.call("import", "net.onnx", "--restore-batch-norm").text


def test_the_names_of_calls_are_the_modules_of_a_function(tmp_path: Path) -> None:
    body = [node("Conv", "v k", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "o")]
    nodes = [
        node("F", "x w1", "a", domain="local", name="first"),
        node("F", "a w2", "y", domain="local", name="second"),
    ]
    content = graph(nodes, IMAGE, "y", [Weight("w1", [3, 3, 3, 3]), Weight("w2", [3, 3, 3, 3])])
    found = network(tmp_path, model(content, functions=[function("F", "v k", "o", body)]))
    assert [each.modules[0].name for each in found.operations] == ["first", "first", "second", "second"]


@pytest.mark.parametrize(("condition", "type"), [(True, "relu"), (False, "sigmoid")])
def test_an_if_whose_condition_is_known_is_its_branch(tmp_path: Path, condition: bool, type: str) -> None:
    yes, no = (graph([node(operator, "x", "o")], {}, "o") for operator in ("Relu", "Sigmoid"))
    nodes = [node("If", "c", "y", then_branch=yes, else_branch=no)]
    found = network(tmp_path, model(graph(nodes, IMAGE, "y", [tensor("c", condition, [], 9)])))
    assert types(found) == [type]


def test_a_class_token_that_is_expanded_to_the_batch_is_one_parameter(tmp_path: Path) -> None:
    nodes = [
        node("Shape", "x", "s"), node("Gather", "s zero", "n"), node("Unsqueeze", "n first", "u"),
        node("Concat", "u minus", "t", axis=0), node("Expand", "token t", "e"), node("Concat", "e x", "y", axis=1),
    ]  # fmt: skip
    tensors: list[bytes | Weight] = [
        Weight("token", [1, 1, 32]),
        tensor("zero", 0, []),
        tensor("first", [0]),
        tensor("minus", [1, 1]),
    ]
    found = network(tmp_path, model(graph(nodes, {"x": ["N", 20, 32]}, "y", tensors)))
    assert (types(found), params(found)) == (["parameter", "concat"], 32)
    assert found.operations[-1].output.shape == (21, 32)
