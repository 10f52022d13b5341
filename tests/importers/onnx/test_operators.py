"""Each operator as a layer: its type, parameters and shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convcalc.agreement import differences
from convcalc.api import loads
from convcalc.importers.specs import spec_text
from tests.importers.onnx.files import FLOAT, INT64, Weight, graph, model, network, node, params, tensor

IMAGE, TOKENS = [1, 8, 12, 16], [1, 20, 32]


def w(*shape: int) -> Weight:
    return Weight("w", shape)


CASES: dict[str, tuple[list[bytes], list[int], list[Any], Any, tuple[int, ...], int]] = {
    "conv": (
        [node("Conv", "x w b", "y", pads=[1, 2, 1, 2], strides=[2, 2], group=2)],
        IMAGE, [w(16, 4, 3, 5), Weight("b", [16])],
        [("conv2d", {"stride": 2, "padding": [1, 2], "groups": 2, "out_channels": 16, "kernel_size": [3, 5]})],
        (16, 6, 8), 16 * 4 * 15 + 16,
    ),
    "conv, uneven pads": (
        [node("Conv", "x w", "y", pads=[0, 0, 1, 1], strides=[2, 2])], IMAGE, [w(16, 8, 3, 3)],
        [("conv2d", {"stride": 2, "padding": [[0, 1], [0, 1]], "out_channels": 16, "kernel_size": 3, "bias": False})],
        (16, 6, 8), 1152,
    ),
    "conv, same lower": (
        [node("Conv", "x w", "y", auto_pad="SAME_LOWER", strides=[2, 2])], IMAGE, [w(16, 8, 3, 3)],
        [("conv2d", {"stride": 2, "padding": [[1, 0], [1, 0]], "out_channels": 16, "kernel_size": 3, "bias": False})],
        (16, 6, 8), 1152,
    ),
    "transposed, by shape": (
        [node("ConvTranspose", "x w", "y", strides=[3, 2], output_shape=[37, 30])], IMAGE, [w(8, 4, 3, 3)],
        [("conv_transpose2d",
          {"stride": [3, 2], "padding": [[0, 0], [2, 1]], "out_channels": 4, "kernel_size": 3, "bias": False,
           "output_padding": [1, 0]})],
        (4, 37, 30), 288,
    ),
    "max pool, ceil": (
        [node("MaxPool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)], IMAGE, [],
        [("max_pool2d", {"kernel_size": 3, "stride": 2, "ceil_mode": True})], (8, 6, 8), 0,
    ),
    "average pool": (
        [node("AveragePool", "x", "y", kernel_shape=[3, 3], strides=[3, 3], pads=[1, 1, 1, 1])], IMAGE, [],
        [("avg_pool2d", {"kernel_size": 3, "padding": 1, "count_include_pad": False})], (8, 4, 6), 0,
    ),
    "global pools": ([node("GlobalMaxPool", "x", "y")], IMAGE, [], [("global_max_pool", {})], (8, 1, 1), 0),
    "gemm": (
        [node("Gemm", "x w b", "y", transB=1)], [1, 30], [w(10, 30), Weight("b", [10])],
        [("linear", {"out_features": 10})], (10,), 310,
    ),
    "matmul with bias": (
        [node("MatMul", "x w", "a"), node("Add", "b a", "y")], TOKENS, [w(32, 10), Weight("b", [10])],
        [("linear", {"out_features": 10})], (20, 10), 330,
    ),
    "layer norm": (
        [node("LayerNormalization", "x w b", "y", axis=-1, epsilon=1e-6)], TOKENS, [w(32), Weight("b", [32])],
        [("layer_norm", {"eps": 1e-6})], (20, 32), 64,
    ),
    "batch norm": (
        [node("BatchNormalization", "x w b m v", "y")], IMAGE,
        [w(8), Weight("b", [8]), Weight("m", [8]), Weight("v", [8])], [("batch_norm2d", {})], (8, 12, 16), 16,
    ),
    "relu6": (
        [node("Clip", "x low high", "y")], IMAGE, [tensor("low", 0.0, []), tensor("high", 6.0, [])], [("relu6", {})],
        (8, 12, 16), 0,
    ),
    "softmax before opset 13": (
        [node("Softmax", "x", "y", axis=2)], TOKENS, [], [("softmax", {"axis": 1})], (20, 32), 0,
    ),
    "numbers": (
        [node("Mul", "x two", "a"), node("Sub", "one a", "y")], TOKENS,
        [tensor("two", 2.0, []), tensor("one", 1.0, [])],
        [("scalar", {"multiply": 2}), ("scalar", {"multiply": -1, "add": 1})], (20, 32), 0,
    ),
    "slices": (
        [node("Slice", "x s e a t", "y")], IMAGE,
        [tensor("s", [0, -1]), tensor("e", [2**60, -(2**60)]), tensor("a", [2, 3]), tensor("t", [2, -1])],
        [("slice", {"axis": 1, "step": 2}), ("flip", {"axes": 2})], (8, 6, 16), 0,
    ),
    "gather": (
        [node("Gather", "x i", "y", axis=1)], TOKENS, [tensor("i", 0, [])], [("select", {"index": 0})], (32,), 0,
    ),
    "pad of channels": (
        [node("Pad", "x p", "y")], IMAGE, [tensor("p", [0, 2, 0, 0, 0, 2, 0, 0])],
        [("unsqueeze", {"axis": 0}), ("pad", {"padding": [2, 0, 0]}), ("squeeze", {"axis": 0})], (12, 12, 16), 0,
    ),
    "resize": (
        [node("Resize", "x - s", "y", mode="linear")], IMAGE, [tensor("s", [1.0, 1.0, 2.0, 2.0])],
        [("upsample", {"mode": "bilinear", "scale_factor": 2})], (8, 24, 32), 0,
    ),
    "mean of a map": (
        [node("ReduceMean", "x", "y", axes=[2, 3])], IMAGE, [], [("global_avg_pool", {})], (8, 1, 1), 0,
    ),
    "mean without the axes": (
        [node("ReduceMean", "x", "y", axes=[-1, -2], keepdims=0)], IMAGE, [], [("mean", {"axis": [1, 2]})], (8,), 0,
    ),
    "places of the greatest": (
        [node("ArgMax", "x", "y", axis=1, keepdims=0)], IMAGE, [],
        [("topk", {"k": 1, "axis": 0}), ("squeeze", {"axis": 0})], (12, 16), 0,
    ),
    "einsum": (
        [node("Einsum", "x w", "y", equation="bti,io->bto")], TOKENS, [w(32, 10)],
        [("parameter", {"shape": [32, 10]}), ("einsum", {"equation": "ti,io->to"})], (20, 10), 320,
    ),
    "depth to space": ([node("DepthToSpace", "x", "y", blocksize=2)], IMAGE, [],
                       [("pixel_shuffle", {"upscale_factor": 2})], (2, 24, 32), 0),
    "frames in the batch": (
        [node("Reshape", "x s", "a"), node("Conv", "a w", "c"), node("Reshape", "c t", "y")], [1, 5, 2, 6, 6],
        [tensor("s", [-1, 2, 6, 6]), w(4, 2, 3, 3), tensor("t", [1, 5, 4, 4, 4])],
        [("conv2d", {"out_channels": 4, "kernel_size": 3, "bias": False, "leading_axes": 1})], (5, 4, 4, 4), 72,
    ),
    "gru of both directions": (
        [node("Transpose", "x", "s", perm=[1, 0, 2]), node("GRU", "s w r b", "y3 h", direction="bidirectional"),
         node("Transpose", "y3", "p", perm=[2, 0, 1, 3]), node("Reshape", "p t", "y")], TOKENS,
        [w(2, 30, 32), Weight("r", [2, 30, 10]), Weight("b", [2, 60]), tensor("t", [0, 0, -1])],
        [("gru", {"hidden_size": 10, "bidirectional": True})], (20, 20), 2 * (30 * 32 + 300 + 60),
    ),
    "attention": (
        [node("Attention", "x x x", "y", q_num_heads=4, kv_num_heads=4)], TOKENS, [],
        [("unflatten", {"axis": 1, "shape": [4, -1]}), ("transpose", {"axes": [0, 1]})] * 3
        + [("scaled_dot_product_attention", {}), ("transpose", {"axes": [0, 1]}), ("flatten", {"start_axis": 1})],
        (20, 32), 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_operator_is_a_layer(tmp_path: Path, name: str) -> None:
    nodes, input, tensors, expected, shape, count = CASES[name]
    opset = 12 if "before opset 13" in name else 17
    found = network(tmp_path, model(graph(nodes, {"x": input}, "y", tensors), opset))
    assert [(each.type, each.parameters) for each in found.operations] == expected
    assert found.operations[-1].outputs[-1].shape == shape
    assert params(found) == count
    assert not differences(loads(spec_text(found)), found)


def test_further_outputs_are_parts(tmp_path: Path) -> None:
    weights = [Weight("w", [1, 40, 32]), Weight("r", [1, 40, 10])]
    nodes = [node("Transpose", "x", "s", perm=[1, 0, 2]), node("LSTM", "s w r", "- h c"), node("Add", "h c", "y")]
    found = network(tmp_path, model(graph(nodes, {"x": TOKENS}, "y", weights)))
    assert [each.part for each in found.operations[0].outputs] == ["", "h", "c"]
    assert found.operations[1].output.shape == (1, 10)
    assert not differences(loads(spec_text(found)), found)


def test_an_operator_without_a_layer_has_its_stated_shape(tmp_path: Path) -> None:
    nodes = [node("Mystery", "x w", "a", domain="my.own"), node("Relu", "a", "y")]
    content = graph(nodes, {"x": ["N", 8, 4, 4]}, "y", [w(3, 8)], {"a": ["N", 3, 4, 4]})
    found = network(tmp_path, model(content))
    assert [(each.known, each.output.shape) for each in found.operations] == [(False, (3, 4, 4)), (True, (3, 4, 4))]
    assert params(found) == 24


def test_a_split_gives_only_what_is_read(tmp_path: Path) -> None:
    nodes = [node("Split", "x s", "a b c", axis=1), node("Concat", "c a", "y", axis=1)]
    found = network(tmp_path, model(graph(nodes, {"x": IMAGE}, "y", [tensor("s", [2, 2, 4])])))
    assert [each.parameters.get("index") for each in found.operations] == [0, 2, None]


def test_an_embedding_is_a_table_that_is_looked_up(tmp_path: Path) -> None:
    nodes = [node("Gather", "w x", "y")]
    found = network(tmp_path, model(graph(nodes, {"x": ([1, 7], INT64)}, "y", [w(50, 6)])))
    assert (found.operations[0].type, found.operations[0].output.shape, params(found)) == ("embedding", (7, 6), 300)
    assert found.inputs[0].is_index


def test_quantised_numbers_leave_a_remark(tmp_path: Path) -> None:
    nodes = [node("QuantizeLinear", "x s", "q"), node("DequantizeLinear", "q s", "d"), node("Relu", "d", "y")]
    found = network(tmp_path, model(graph(nodes, {"x": IMAGE}, "y", [tensor("s", 0.5, [], FLOAT)])))
    assert [each.type for each in found.operations] == ["relu"]
    assert found.remarks == ["2 changes between floats and quantised numbers are left out"]


@pytest.mark.parametrize(
    ("upper", "shift", "numbers", "repeats"),
    [
        (0, None, [1, 9, 9, 0, 2, 9, 0, 0, 3], (2, 3)),
        (0, 0, [1, 9, 9, 0, 2, 9, 0, 0, 3], (2, 3)),
        (1, 1, [9, 2, 1, 9, 9, 3, 9, 9, 9], (2, 3)),
        (0, -1, [9, 9, 9, 1, 9, 9, 1, 4, 9], (4, 0)),
    ],
)
def test_a_triangle_of_numbers(
    tmp_path: Path, upper: int, shift: int | None, numbers: list[int], repeats: tuple[int, int]
) -> None:
    nodes = [
        node("Trilu", "numbers" if shift is None else "numbers shift", "triangle", upper=upper),
        node("ReduceMax", "triangle", "largest", axes=[0], keepdims=0),
        node("Max", "largest one", "repeats"),
        node("Tile", "x repeats", "y"),
    ]
    tensors = [tensor("numbers", numbers, [3, 3], INT64), tensor("one", [1], [1], INT64)]
    tensors += [] if shift is None else [tensor("shift", [shift], [], INT64)]
    found = network(tmp_path, model(graph(nodes, {"x": TOKENS}, "y", tensors)))
    assert found.operations[-1].output.shape == (20 * max(1, repeats[0]), 32 * max(1, repeats[1]))


def test_places_of_a_learned_table_that_are_read_several_times(tmp_path: Path) -> None:
    """A table of relative positions: it has no more parameters for it."""
    nodes = [node("Gather", "w places", "bias", axis=0), node("Add", "x bias", "y")]
    found = network(tmp_path, model(graph(nodes, {"x": TOKENS}, "y", [w(3, 32), tensor("places", [0, 1, 2, 1] * 5, [20],
                                                                                 INT64)])))  # fmt: skip
    assert params(found) == 3 * 32
    assert found.operations[-1].output.shape == (20, 32)
