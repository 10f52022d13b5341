"""Inputs: which axis is the batch, and what `--input` gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convcalc.errors import SpecError, UsageError
from tests.importers.onnx.files import INT64, Weight, graph, model, network, node, tensor, types

CONV = [node("Conv", "x w", "y", pads=[1, 1, 1, 1])]
WEIGHT = [Weight("w", [4, 3, 3, 3])]


def shapes(folder: Path, sizes: Any, input: Any = None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = network(folder, model(graph(CONV, {"x": sizes}, "y", WEIGHT)), input)
    return found.inputs[0].shape, found.operations[-1].output.shape


@pytest.mark.parametrize("batch", [1, 2, 16, "N", ""])
def test_the_first_axis_is_the_batch(tmp_path: Path, batch: int | str) -> None:
    assert shapes(tmp_path, [batch, 3, 8, 10]) == ((3, 8, 10), (4, 8, 10))


def test_an_open_axis_is_given_by_input(tmp_path: Path) -> None:
    assert shapes(tmp_path, ["N", 3, "height", "width"], "3x20x30") == ((3, 20, 30), (4, 20, 30))


def test_an_open_axis_that_is_not_given_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"axis `height` of the input `x`.*is open") as error:
        shapes(tmp_path, ["N", 3, "height", "width"])
    assert "--input 3x224x224" in error.value.help


def test_an_input_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not fit the input `x`"):
        shapes(tmp_path, ["N", 3, 8, 8], "4x8x8")


def test_an_input_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no input `image`"):
        shapes(tmp_path, ["N", 3, "h", "w"], {"image": [3, 8, 8]})


def test_channels_last_are_first_where_the_network_moves_them(tmp_path: Path) -> None:
    nodes = [node("Transpose", "x", "t", perm=[0, 3, 1, 2]), node("Conv", "t w", "y")]
    found = network(tmp_path, model(graph(nodes, {"x": ["N", 8, 10, 3]}, "y", WEIGHT)))
    assert (found.inputs[0].shape, types(found)) == ((3, 8, 10), ["conv2d"])


def test_a_recurrent_network_has_its_steps_first(tmp_path: Path) -> None:
    weights = [Weight("w", [1, 40, 7]), Weight("r", [1, 40, 10])]
    nodes = [node("LSTM", "x w r", "y", hidden_size=10), node("Squeeze", "y one", "z")]
    found = network(tmp_path, model(graph(nodes, {"x": [12, 1, 7]}, "z", [*weights, tensor("one", [1])])))
    assert (found.inputs[0].shape, types(found)) == ((12, 7), ["lstm"])
    assert found.operations[0].output.shape == (12, 10)


def test_an_input_without_a_batch_is_read(tmp_path: Path) -> None:
    nodes = [node("Unsqueeze", "x zero", "u"), node("Conv", "u w", "y")]
    found = network(tmp_path, model(graph(nodes, {"x": [3, 8, 8]}, "y", [*WEIGHT, tensor("zero", [0])])))
    assert (found.inputs[0].shape, found.operations[-1].output.shape) == ((3, 8, 8), (4, 6, 6))


def test_several_inputs_have_names_that_a_spec_may_have(tmp_path: Path) -> None:
    nodes = [node("Gather", "table b:0", "e"), node("Add", "1 e", "y")]
    inputs: dict[str, Any] = {"1": [1, 5, 6], "b:0": ([1, 5], INT64)}
    found = network(tmp_path, model(graph(nodes, inputs, "y", [Weight("table", [30, 6])])))
    assert [(each.name, each.shape, each.is_index) for each in found.inputs] == [
        ("input_1", (5, 6), False), ("b", (5,), True),
    ]  # fmt: skip
    assert types(found) == ["embedding", "add"]


def test_an_initializer_that_is_also_an_input_is_none(tmp_path: Path) -> None:
    content = graph(CONV, {"x": [1, 3, 8, 8], "w": [4, 3, 3, 3]}, "y", WEIGHT)
    assert len(network(tmp_path, model(content)).inputs) == 1


def test_samples_that_are_mixed_are_refused(tmp_path: Path) -> None:
    content = graph([node("ReduceSum", "x", "y", axes=[0])], {"x": [4, "n"]}, "y")
    with pytest.raises(UsageError):
        network(tmp_path, model(content))
    mixed = graph([node("MatMul", "x t", "y")], {"x": ["N", 4], "t": [4, "N"]}, "y")
    with pytest.raises((SpecError, UsageError)):
        network(tmp_path, model(mixed))


def test_a_file_that_says_more_samples_than_it_takes_has_one(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "c"), node("Reshape", "c s", "y")]
    content = graph(nodes, {"x": ["N", 3, 8, 8]}, "y", [*WEIGHT, tensor("s", [1, 144])])
    assert network(tmp_path, model(content)).operations[-1].output.shape == (144,)
