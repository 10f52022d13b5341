"""Layers that a source has written out, in the forms of several exporters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convcalc.agreement import differences
from convcalc.api import loads
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.specs import spec_text
from tests.importers.onnx.files import Weight, graph, model, network, node, params, tensor, types

TOKENS, MAP = [1, 20, 32], [1, 8, 6, 6]


def number(name: str, value: float) -> bytes:
    return tensor(name, value, [])


def read(folder: Path, nodes: list[bytes], tensors: list[Any], input: list[int]) -> ForeignNetwork:
    found = network(folder, model(graph(nodes, {"x": input}, "y", tensors)))
    assert not differences(loads(spec_text(found)), found)
    return found


NORM = [
    node("ReduceMean", "x", "m", axes=[-1]),
    node("Sub", "x m", "d"),
    node("Pow", "d two", "p"),
    node("ReduceMean", "p", "v", axes=[-1]),
    node("Add", "v eps", "e"),
    node("Sqrt", "e", "s"),
    node("Div", "d s", "n"),
    node("Mul", "n w", "g"),
    node("Add", "g b", "y"),
]


def test_layer_norm(tmp_path: Path) -> None:
    tensors = [number("two", 2.0), number("eps", 1e-6), Weight("w", [32]), Weight("b", [32])]
    found = read(tmp_path, NORM, tensors, TOKENS)
    assert [(each.type, each.parameters) for each in found.operations] == [("layer_norm", {"eps": 1e-6})]
    assert params(found) == 64


def test_rms_norm(tmp_path: Path) -> None:
    nodes = [
        node("Mul", "x x", "p"), node("ReduceMean", "p", "v", axes=[-1]), node("Add", "v eps", "e"),
        node("Sqrt", "e", "s"), node("Reciprocal", "s", "r"), node("Mul", "x r", "n"), node("Mul", "w n", "y"),
    ]  # fmt: skip
    found = read(tmp_path, nodes, [number("eps", 1e-6), Weight("w", [32])], TOKENS)
    assert (types(found), params(found)) == (["rms_norm"], 32)


@pytest.mark.parametrize("half", ["first", "last", "middle"])
def test_gelu(tmp_path: Path, half: str) -> None:
    start = [node("Div", "x root", "a"), node("Erf", "a", "f"), node("Add", "f one", "c")]
    end = {
        "first": [node("Mul", "x half", "h"), node("Mul", "h c", "y")],
        "last": [node("Mul", "x c", "h"), node("Mul", "h half", "y")],
        "middle": [node("Mul", "c half", "h"), node("Mul", "x h", "y")],
    }[half]
    tensors = [number("root", 2**0.5), number("one", 1.0), number("half", 0.5)]
    assert types(read(tmp_path, start + end, tensors, TOKENS)) == ["gelu"]


def test_gelu_by_tanh(tmp_path: Path) -> None:
    nodes = [
        node("Pow", "x three", "a"), node("Mul", "a k", "b"), node("Add", "x b", "c"), node("Mul", "c s", "d"),
        node("Tanh", "d", "e"), node("Add", "e one", "f"), node("Mul", "x f", "g"), node("Mul", "g half", "y"),
    ]  # fmt: skip
    tensors = [number("three", 3.0), number("k", 0.044715), number("s", 0.7978845608), number("one", 1.0),
               number("half", 0.5)]  # fmt: skip
    found = read(tmp_path, nodes, tensors, TOKENS)
    assert [(each.type, each.parameters) for each in found.operations] == [("gelu", {"approximate": "tanh"})]


@pytest.mark.parametrize(
    ("nodes", "type"),
    [
        ([node("Sigmoid", "x", "a"), node("Mul", "x a", "y")], "silu"),
        ([node("HardSigmoid", "x", "a"), node("Mul", "a x", "y")], "hardswish"),
        ([node("Softplus", "x", "a"), node("Tanh", "a", "b"), node("Mul", "x b", "y")], "mish"),
        (
            [node("Add", "x three", "a"), node("Clip", "a zero six", "b"), node("Mul", "x b", "c"),
             node("Div", "c six", "y")], "hardswish",
        ),
        ([node("Add", "x three", "a"), node("Clip", "a zero six", "b"), node("Div", "b six", "y")], "hardsigmoid"),
    ],
)  # fmt: skip
def test_activations(tmp_path: Path, nodes: list[bytes], type: str) -> None:
    tensors = [number("three", 3.0), number("zero", 0.0), number("six", 6.0)]
    assert types(read(tmp_path, nodes, tensors, MAP)) == [type]


def test_a_value_that_is_read_elsewhere_keeps_its_layers(tmp_path: Path) -> None:
    nodes = [node("Sigmoid", "x", "a"), node("Mul", "x a", "b"), node("Add", "a b", "y")]
    assert types(read(tmp_path, nodes, [], MAP)) == ["sigmoid", "mul", "add"]


def test_group_norm(tmp_path: Path) -> None:
    nodes = [
        node("Reshape", "x s", "a"), node("InstanceNormalization", "a one zero", "b"), node("Shape", "x", "z"),
        node("Reshape", "b z", "c"), node("Mul", "c w", "d"), node("Add", "d b0", "y"),
        node("Constant", "", "one", value=tensor("", [1.0, 1.0])),
        node("Constant", "", "zero", value=tensor("", [0.0, 0.0])),
    ]  # fmt: skip
    tensors = [tensor("s", [0, 2, -1]), Weight("w", [8, 1, 1]), Weight("b0", [8, 1, 1])]
    found = read(tmp_path, nodes[-2:] + nodes[:-2], tensors, MAP)
    assert [(each.type, each.parameters) for each in found.operations] == [("group_norm", {"num_groups": 2})]
    assert params(found) == 16


def test_keras_batch_norm_behind_transposes(tmp_path: Path) -> None:
    nodes = [
        node("Transpose", "x", "t", perm=[0, 3, 1, 2]), node("Conv", "t w", "c"),
        node("Transpose", "c", "l", perm=[0, 2, 3, 1]), node("Sub", "l mean", "a"), node("Mul", "a scale", "b"),
        node("Add", "b shift", "d"), node("Relu", "d", "e"), node("Transpose", "e", "y", perm=[0, 3, 1, 2]),
    ]  # fmt: skip
    tensors = [Weight("w", [4, 3, 3, 3]), *(Weight(name, [1, 1, 1, 4]) for name in ("mean", "scale", "shift"))]
    found = network(tmp_path, model(graph(nodes, {"x": ["N", 8, 8, 3]}, "y", tensors)))
    assert types(found) == ["conv2d", "batch_norm2d", "relu"]
    assert params(found) == 108 + 8
    assert not differences(loads(spec_text(found)), found)


def test_the_bias_of_a_convolution_is_its_own(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "c"), node("Add", "c b", "y")]
    found = read(tmp_path, nodes, [Weight("w", [4, 8, 3, 3]), Weight("b", [1, 4, 1, 1])], MAP)
    assert (types(found), params(found)) == (["conv2d"], 4 * 72 + 4)


@pytest.mark.parametrize("form", ["transposed", "permuted", "both scaled", "masked"])
def test_attention(tmp_path: Path, form: str) -> None:
    heads = [node("Reshape", "x s", "r"), node("Transpose", "r", "q", perm=[0, 2, 1, 3])]
    turned = [node("Transpose", "q", "k", perm=[0, 1, 3, 2])]
    if form == "permuted":
        turned = [node("Transpose", "r", "k", perm=[0, 2, 3, 1])]
    scores = [node("MatMul", "q k", "a"), node("Div", "a eight", "c")]
    if form == "both scaled":
        scores = [node("Mul", "q small", "q2"), node("Mul", "k small", "k2"), node("MatMul", "q2 k2", "c")]
    weights = [node("Softmax", "c", "p")]
    if form == "masked":
        weights = [node("Add", "c mask", "d"), node("Softmax", "d", "p")]
    nodes = [*heads, *turned, *scores, *weights, node("MatMul", "p q", "y")]
    tensors = [tensor("s", [0, 0, 2, 16]), number("eight", 4.0), number("small", 0.5),
               node_free_mask() if form == "masked" else number("unused", 0.0)]  # fmt: skip
    found = read(tmp_path, nodes, tensors, TOKENS)
    others = ("parameter", "transpose")
    assert [each for each in types(found) if each not in others] == ["unflatten", "scaled_dot_product_attention"]
    assert len(found.operations[-1].inputs) == (4 if form == "masked" else 3)


def node_free_mask() -> Weight:
    return Weight("mask", [1, 1, 20, 20])


def test_rolls(tmp_path: Path) -> None:
    nodes, value = [], "x"
    for axis in (1, 2):
        ends, axes = f"cut{axis}", f"axis{axis}"
        nodes.append(node("Slice", f"{value} cut last {axes}", f"a{axis}"))
        nodes.append(node("Slice", f"{value} zero cut {axes}", f"b{axis}"))
        nodes.append(node("Concat", f"a{axis} b{axis}", ends, axis=axis))
        value = ends
    tensors = [
        tensor("cut", [3]),
        tensor("last", [99]),
        tensor("zero", [0]),
        tensor("axis1", [1]),
        tensor("axis2", [2]),
    ]
    found = network(tmp_path, model(graph(nodes, {"x": TOKENS}, value, tensors)))
    assert [(each.type, each.parameters) for each in found.operations] == [
        ("roll", {"shifts": [-3, -3], "axes": [0, 1]})
    ]


def test_reshapes_that_undo_each_other_vanish(tmp_path: Path) -> None:
    nodes = [
        node("Unsqueeze", "x one", "a"), node("Relu", "a", "r"), node("Squeeze", "r one", "b"),
        node("Transpose", "b", "c", perm=[0, 2, 1]), node("Transpose", "c", "d", perm=[0, 2, 1]),
        node("Relu", "d", "y"),
    ]  # fmt: skip
    assert types(read(tmp_path, nodes, [tensor("one", [1])], TOKENS)) == ["unsqueeze", "relu", "squeeze", "relu"]
    nodes = [node("Unsqueeze", "x one", "a"), node("Squeeze", "a one", "b"), node("Relu", "b", "y")]
    assert types(read(tmp_path, nodes, [tensor("one", [1])], TOKENS)) == ["relu"]
