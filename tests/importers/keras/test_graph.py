"""How layers are wired: calls, nested models, several inputs, operators, in Keras 2 and 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convcalc.errors import SpecError, UsageError
from tests.importers.keras.configs import (
    called,
    functional,
    imported,
    layer,
    read,
    sequential,
    source,
    tensor,
    types,
)

CONV = layer("Conv2D", "conv", filters=3, kernel_size=3, padding="same")


def test_a_layer_called_twice_is_tied(tmp_path: Path) -> None:
    layers = [source([8, 8, 3]), called(CONV, [tensor("image")], [tensor("conv")])]
    config = functional(layers, ["conv"])
    config["config"]["output_layers"] = ["conv", 1, 0]
    network = imported(tmp_path, config)
    assert types(network) == ["conv2d", "conv2d"]
    assert network.params == 84


def _siamese(left: int, right: int) -> dict[str, Any]:
    """Keras 2: the calls of a nested model are counted from 1."""
    encoder = sequential([8, 8, 1], CONV, layer("Flatten"), layer("Dense", units=4), name="encoder")
    encoder = {**encoder, "name": "encoder", "inbound_nodes": [[["left", 0, 0, {}]], [["right", 0, 0, {}]]]}
    both = {**layer("Subtract", "both"), "name": "both",
            "inbound_nodes": [[["encoder", left, 0, {}], ["encoder", right, 0, {}]]]}  # fmt: skip
    sources = [source([8, 8, 1], "left"), source([8, 8, 1], "right")]
    return functional([*sources, encoder, both], ["both"], ["left", "right"])


def test_a_nested_model_called_twice_is_tied(tmp_path: Path) -> None:
    network = imported(tmp_path, _siamese(1, 2))
    assert types(network) == ["conv2d", "flatten", "linear"] * 2 + ["sub"]
    assert [module.name for module in network.operations[0].modules] == ["encoder"]
    assert network.params == 30 + 772
    assert [each.name for each in network.inputs] == ["left", "right"]


def test_nested_models_freeze_their_layers(tmp_path: Path) -> None:
    inner = sequential([8, 8, 3], CONV, name="backbone")
    inner["config"]["trainable"] = False
    network = imported(tmp_path, sequential([8, 8, 3], inner, layer("Flatten"), layer("Dense", units=2)))
    trained = [tensor.trainable for each in network.operations for tensor in each.tensors.values()]
    assert trained == [False, False, True, True]


def test_merges(tmp_path: Path) -> None:
    two = [tensor("image"), tensor("conv")]
    layers = [
        source([8, 6, 3]),
        called(CONV, [tensor("image")]),
        called(layer("Concatenate", "joined", axis=-1), [two]),
        called(layer("Concatenate", "below", axis=1), [two]),
        called(layer("Average", "mean"), [two]),
        called(layer("GlobalAveragePooling2D", "pool"), [tensor("image")]),
        called(layer("Multiply", "scaled"), [[tensor("image"), tensor("pool")]]),
        called(layer("Dot", "dot", axes=-1), [[tensor("pool"), tensor("pool")]]),
    ]
    network = imported(tmp_path, functional(layers, ["joined", "below", "mean", "scaled", "dot"]))
    shapes = {each.name or each.type: each.output.shape for each in network.operations}
    assert shapes["joined"] == (6, 8, 6)
    assert shapes["below"] == (3, 16, 6)
    assert shapes["scaled"] == (3, 8, 6)
    assert shapes["dot"] == (1,)
    assert [each.parameters for each in network.operations if each.type == "scalar"] == [{"multiply": 0.5}]


def _operator(kind: str, name: str, args: list[Any], **config: Any) -> dict[str, Any]:
    return called({**layer(kind, name, **config), "module": "keras.src.ops.numpy"}, args)


def test_operators_of_keras_3(tmp_path: Path) -> None:
    whole = {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}}
    layers = [
        source([8, 6, 4]),
        _operator("Multiply", "double", [tensor("image"), 2.0]),
        _operator("Mean", "mean", [tensor("double")], axis=[1, 2], keepdims=False),
        _operator("Reshape", "tokens", [tensor("image")], newshape=[-1, 48, 4]),
        _operator("GetItem", "first", [tensor("tokens"), [whole, 0]]),
        _operator("Add", "both", [tensor("first"), tensor("mean")]),
        _operator("Transpose", "turned", [tensor("tokens")], axes=[0, 2, 1]),
        _operator("Matmul", "product", [tensor("tokens"), tensor("turned")]),
        _operator("Add", "shifted", [tensor("both"), {"class_name": "__tensor__", "config": {"value": [1.0] * 4}}]),
    ]
    network = imported(tmp_path, functional(layers, ["shifted", "product"]))
    shapes = {each.name: each.output.shape for each in network.operations if each.name}
    assert shapes == {
        "double": (4, 8, 6), "mean": (4,), "tokens": (4, 48), "first": (4,), "both": (4,), "product": (48, 48),
        "shifted": (4,),
    }  # fmt: skip


def test_functions_of_keras_2(tmp_path: Path) -> None:
    def function(name: str, function: str, *nodes: Any) -> dict[str, Any]:
        return {"class_name": "TFOpLambda", "name": name, "config": {"name": name, "function": function},
                "inbound_nodes": list(nodes)}  # fmt: skip

    layers = [
        source([8, 6, 4]),
        function("tf.math.multiply", "math.multiply", [["image", 0, 0, {"y": 2.0, "name": None}]]),
        function("tf.nn.relu", "nn.relu", [["tf.math.multiply", 0, 0, {"name": None}]]),
        function("tf.math.add", "__operators__.add", [["tf.nn.relu", 0, 0, {"y": ["image", 0, 0], "name": None}]]),
        function("tf.concat", "concat", [["tf.math.add", 0, 0, {"axis": -1}], ["image", 0, 0, {"axis": -1}]]),
        function("tf.mean", "math.reduce_mean", [["tf.concat", 0, 0, {"axis": [1, 2]}]]),
    ]
    network = imported(tmp_path, functional(layers, ["tf.mean"]))
    assert types(network) == ["scalar", "relu", "add", "concat", "mean"]
    assert network.operations[-1].output.shape == (8,)


def test_attention(tmp_path: Path) -> None:
    heads = layer("MultiHeadAttention", "heads", num_heads=4, key_dim=8, value_dim=5)
    layers = [
        source([9, 16]),
        called(layer("Dense", "memory", units=12), [tensor("image")]),
        called(heads, [tensor("image"), tensor("memory")]),
        called(layer("MultiHeadAttention", "self", num_heads=4, key_dim=4), [tensor("heads"), tensor("heads")]),
    ]
    network = imported(tmp_path, functional(layers, ["self"]))
    assert [each.parameters for each in network.operations[1:]] == [
        {"num_heads": 4, "head_dim": 8, "value_dim": 5}, {"num_heads": 4},
    ]  # fmt: skip
    assert [len(each.inputs) for each in network.operations] == [1, 2, 1]


def test_a_state_that_another_layer_gives(tmp_path: Path) -> None:
    layers = [
        source([9, 5]),
        called(layer("LSTM", "encoder", units=8, return_state=True), [tensor("image")]),
        called(
            layer("LSTM", "decoder", units=8, return_sequences=True),
            [tensor("image"), tensor("encoder", 0, 1), tensor("encoder", 0, 2)],
        ),
    ]
    network = imported(tmp_path, functional(layers, ["decoder"]))
    assert [each.known for each in network.operations] == [True, True, True, False]
    assert network.operations[-1].output.shape == (9, 8)
    assert network.params == 2 * 4 * 8 * 14


def test_a_layer_of_the_user_has_the_shape_that_its_reader_states(tmp_path: Path) -> None:
    dense = {**layer("Dense", units=2), "build_config": {"input_shape": [None, 5]}}
    network = imported(tmp_path, sequential([8], layer("Mine"), dense))
    assert [(each.type, each.known, each.output.shape) for each in network.operations] == [
        ("Mine", False, (5,)), ("linear", True, (2,)),
    ]  # fmt: skip


def test_a_layer_of_the_user_without_a_shape_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, sequential([8], layer("Mine", "mine")))
    assert str(caught.value.problems[0].message) == (
        "layer mine (Mine): no layer type does what it does, and no layer after it tells the shape of its output"
    )


def test_what_the_source_states_is_what_is_compared(tmp_path: Path) -> None:
    layers = [source([8, 8, 3]), called(CONV, [tensor("image")]),
              called(layer("ReLU", "relu"), [tensor("conv", shape=[None, 8, 9, 3])])]  # fmt: skip
    with pytest.raises(AssertionError):
        imported(tmp_path, functional(layers, ["relu"]))


@pytest.mark.parametrize("given", ["3x20x30", "20x30x3", {"image": [3, 20, 30]}])
def test_open_axes_are_given(tmp_path: Path, given: Any) -> None:
    network = imported(tmp_path, sequential([None, None, 3], CONV), given)
    assert network.inputs[0].shape == (3, 20, 30)


def test_open_axes_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"axis 1 of input image, \(None, None, None, 3\), is open") as caught:
        read(tmp_path, sequential([None, None, 3], CONV))
    assert "--input 3x224x224" in str(caught.value)


def test_an_input_that_is_not_stated_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not state the shape of its input"):
        read(tmp_path, sequential(None, layer("Dense", units=2)))
    assert imported(tmp_path, sequential(None, layer("Dense", units=2)), "8").inputs[0].shape == (8,)


def test_the_first_layer_of_a_chain_may_state_the_input(tmp_path: Path) -> None:
    dense = layer("Dense", units=2, batch_input_shape=[None, 8])
    assert imported(tmp_path, sequential(None, dense)).inputs[0].shape == (8,)
    assert imported(tmp_path, sequential(None, sequential([8, 8, 3], CONV))).inputs[0].shape == (3, 8, 8)


@pytest.mark.parametrize("given", ["8", "1x2x3,4", "label=4"])
def test_inputs_that_do_not_fit(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError):
        read(tmp_path, sequential([8, 8, 3], CONV), given)
