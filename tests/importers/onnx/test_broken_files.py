"""Broken and hostile files: an error with the place, and never anything else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from convcalc.errors import SpecError, UsageError
from convcalc.importers.onnx import decoding
from tests.importers.onnx.files import Graph, Weight, field, function, graph, model, network, node, tensor, varint

SMALL = model(
    graph(
        [
            node("Conv", "x w", "a", name="conv", pads=[1, 1, 1, 1]),
            node("Shape", "a", "s"),
            node("Slice", "s zero two", "t"),
            node("Concat", "t minus", "u", axis=0),
            node("Reshape", "a u", "y"),
        ],
        {"x": [1, 3, 8, 8]},
        "y",
        [Weight("w", [4, 3, 3, 3]), tensor("zero", [0]), tensor("two", [1]), tensor("minus", [-1])],
    )
)


def refused(folder: Path, content: bytes) -> str:
    with pytest.raises(SpecError) as error:
        network(folder, content)
    return str(error.value)


def test_a_small_network_is_read(tmp_path: Path) -> None:
    assert [each.output.shape for each in network(tmp_path, SMALL).operations] == [(4, 8, 8), (256,)]


@pytest.mark.parametrize("stop", range(len(SMALL)))
def test_a_truncated_file_is_an_error_or_a_network(tmp_path: Path, stop: int) -> None:
    with suppress(SpecError, UsageError):
        network(tmp_path, SMALL[:stop])


@pytest.mark.parametrize("at", range(0, len(SMALL), 3))
def test_a_changed_byte_is_an_error_or_a_network(tmp_path: Path, at: int) -> None:
    for byte in (0, 127, 255):
        with suppress(SpecError, UsageError):
            network(tmp_path, SMALL[:at] + bytes([byte]) + SMALL[at + 1 :])


def test_a_length_beyond_the_file_names_the_byte(tmp_path: Path) -> None:
    message = refused(tmp_path, varint(7 << 3 | 2) + varint(2**62) + b"abc")
    assert "the field at byte 10 is 4,611,686,018,427,387,904 bytes long" in message


def test_an_integer_without_end_names_the_byte(tmp_path: Path) -> None:
    assert "the integer at byte 0 has no end" in refused(tmp_path, b"\xff" * 20)


def test_an_unknown_wire_type_is_named(tmp_path: Path) -> None:
    assert "wire type 3" in refused(tmp_path, b"\x0b\x00")


def test_a_name_that_is_not_utf8_names_the_byte(tmp_path: Path) -> None:
    bad = field(1, field(4, b"Re\xfflu"))
    assert "is not UTF-8" in refused(tmp_path, field(7, bad))


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    assert "the file is empty" in refused(tmp_path, b"")


def test_a_file_without_a_graph_is_named(tmp_path: Path) -> None:
    assert "holds no ONNX graph" in refused(tmp_path, field(1, 8))


def test_a_cycle_names_the_node_and_the_value(tmp_path: Path) -> None:
    cycle = graph([node("Relu", "b", "a", name="one"), node("Relu", "a", "b")], {"x": [1, 4]}, "b")
    assert "node 0 (one) reads `b`, which no node before it gives" in refused(tmp_path, model(cycle))


def test_too_many_nodes_are_counted_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_FOREIGN_OPERATIONS", 3)
    assert "more than 3 nodes and tensors" in refused(tmp_path, SMALL)


def test_functions_that_call_themselves_end(tmp_path: Path) -> None:
    loop = function("f", "x", "y", [node("f", "x", "y", domain="local")])
    content = model(graph([node("f", "x", "y", domain="local")], {"x": [1, 4]}, "y"), functions=[loop])
    assert "functions call each other more than 32 deep" in refused(tmp_path, content)


def test_functions_that_double_their_nodes_end(tmp_path: Path) -> None:
    functions = [function("f0", "x", "y", [node("Relu", "x", "y")])]
    for level in range(1, 30):
        calls = [node(f"f{level - 1}", "x", "z", domain="local"), node(f"f{level - 1}", "z", "y", domain="local")]
        functions.append(function(f"f{level}", "x", "y", calls))
    content = model(graph([node("f29", "x", "y", domain="local")], {"x": [1, 4]}, "y"), functions=functions)
    assert "run more than" in refused(tmp_path, content)


def test_graphs_inside_each_other_end(tmp_path: Path) -> None:
    inner = graph([node("Relu", "x", "y")], {}, "y")
    for _ in range(20):
        inner = Graph(graph([node("If", "c", "y", then_branch=inner)], {}, "y"))
    content = graph([node("If", "c", "y", then_branch=inner)], {"x": [1, 4]}, "y", [tensor("c", True, [], 9)])
    assert "inside more than 16 others" in refused(tmp_path, model(content))


def test_an_attribute_of_another_type_names_the_node(tmp_path: Path) -> None:
    content = graph([node("Conv", "x w", "y", strides="two")], {"x": [1, 3, 8, 8]}, "y", [Weight("w", [4, 3, 3, 3])])
    assert "node 0 (Conv): Conv is not known here (the attribute strides" in refused(tmp_path, model(content))


def test_an_enormous_range_needs_no_memory(tmp_path: Path) -> None:
    nodes = [node("Range", "a b c", "r"), node("Add", "x r", "y")]
    tensors = [tensor("a", 0, []), tensor("b", 2**46, []), tensor("c", 1, [])]
    found = network(tmp_path, model(graph(nodes, {"x": [1, 1]}, "y", tensors)))
    assert found.operations[-1].output.shape == (2**46,)


def test_a_node_with_too_many_outputs_is_refused(tmp_path: Path) -> None:
    content = graph([node("Split", "x", " ".join(f"y{number}" for number in range(5000)))], {"x": [1, 5000]}, "y0")
    assert "has more than 4,096 outputs" in refused(tmp_path, model(content))
