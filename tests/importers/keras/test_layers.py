"""Layers of Keras, one by one: the type, its parameters, the shape of its output, the number of its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.importers.keras.configs import imported, layer, sequential, types

MAP = [13, 12, 6]
TOKENS = [9, 8]
STEPS = [4, 16, 14, 3]

# The layer, what it reads (the order of Keras), its types, its output (channels first), its parameters.
LAYERS: list[tuple[dict[str, Any], list[int], list[str], tuple[int, ...], int]] = [
    (layer("Conv1D", filters=4, kernel_size=3, padding="causal"), [9, 8], ["conv1d"], (4, 9), 100),
    (layer("Conv2D", filters=4, kernel_size=[3, 3]), MAP, ["conv2d"], (4, 11, 10), 220),
    (layer("Conv2D", filters=4, kernel_size=[3, 3], strides=[2, 2], padding="same"), MAP, ["conv2d"], (4, 7, 6), 220),
    (layer("Conv2D", filters=4, kernel_size=[3, 3], groups=2, use_bias=False), MAP, ["conv2d"], (4, 11, 10), 108),
    (layer("Conv2D", filters=4, kernel_size=1, activation="relu"), MAP, ["conv2d", "relu"], (4, 13, 12), 28),
    (layer("Conv3D", filters=4, kernel_size=3), STEPS, ["conv3d"], (4, 2, 14, 12), 328),
    (layer("Conv2DTranspose", filters=4, kernel_size=3, strides=2, padding="same"), MAP, ["conv_transpose2d"],
     (4, 26, 24), 220),
    (layer("Conv2DTranspose", filters=4, kernel_size=3, strides=2), MAP, ["conv_transpose2d"], (4, 27, 25), 220),
    (layer("Conv2DTranspose", filters=4, kernel_size=1, strides=2), MAP, ["conv_transpose2d"], (4, 26, 24), 28),
    (layer("Conv2DTranspose", filters=4, kernel_size=2, strides=3, padding="same"), MAP, ["conv_transpose2d"],
     (4, 39, 36), 100),
    (layer("Conv2DTranspose", filters=4, kernel_size=3, strides=2, padding="same", output_padding=1), MAP,
     ["conv_transpose2d"], (4, 26, 24), 220),
    (layer("DepthwiseConv2D", kernel_size=3, depth_multiplier=2), MAP, ["conv2d"], (12, 11, 10), 120),
    (layer("SeparableConv2D", filters=5, kernel_size=3, depth_multiplier=2), MAP, ["conv2d", "conv2d"],
     (5, 11, 10), 108 + 65),
    (layer("LocallyConnected1D", filters=2, kernel_size=3), TOKENS, ["locally_connected1d"], (2, 7), 7 * 2 * 25),
    (layer("LocallyConnected2D", filters=2, kernel_size=3), MAP, ["locally_connected2d"], (2, 11, 10), 110 * 2 * 55),
    (layer("Dense", units=5), [8], ["linear"], (5,), 45),
    (layer("Dense", units=5), TOKENS, ["linear"], (9, 5), 45),
    (layer("Dense", units=5, activation="softmax"), MAP, ["conv2d", "softmax"], (5, 13, 12), 35),
    (layer("Embedding", input_dim=50, output_dim=4), [9], ["embedding"], (9, 4), 200),
    (layer("BatchNormalization"), MAP, ["batch_norm2d"], (6, 13, 12), 12),
    (layer("BatchNormalization", scale=False, center=False), MAP, ["batch_norm2d"], (6, 13, 12), 0),
    (layer("BatchNormalization", scale=False), MAP, ["batch_norm2d", "parameter", "add"], (6, 13, 12), 6),
    (layer("BatchNormalization", axis=1), MAP, ["batch_norm2d"], (13, 12, 6), 26),
    (layer("LayerNormalization", axis=[3]), MAP, ["layer_norm2d"], (6, 13, 12), 12),
    (layer("LayerNormalization", axis=[1, 2, 3]), MAP, ["layer_norm"], (6, 13, 12), 2 * 936),
    (layer("LayerNormalization", center=False), TOKENS, ["layer_norm"], (9, 8), 8),
    (layer("LayerNormalization", scale=False), TOKENS, ["layer_norm", "parameter", "add"], (9, 8), 8),
    (layer("RMSNormalization"), TOKENS, ["rms_norm"], (9, 8), 8),
    (layer("GroupNormalization", groups=3), MAP, ["group_norm"], (6, 13, 12), 12),
    (layer("GroupNormalization", groups=-1), MAP, ["group_norm"], (6, 13, 12), 12),
    (layer("UnitNormalization", axis=-1), MAP, ["normalize"], (6, 13, 12), 0),
    (layer("Normalization", axis=[-1], mean=[0.0] * 6, variance=[1.0] * 6), MAP, ["batch_norm2d"], (6, 13, 12), 0),
    (layer("Rescaling", scale=0.5, offset=-1.0), MAP, ["scalar"], (6, 13, 12), 0),
    (layer("MaxPooling2D", pool_size=[2, 2], strides=[2, 2]), MAP, ["max_pool2d"], (6, 6, 6), 0),
    (layer("MaxPooling2D", pool_size=3, strides=2, padding="same"), MAP, ["max_pool2d"], (6, 7, 6), 0),
    (layer("AveragePooling2D", pool_size=2, padding="same"), MAP, ["avg_pool2d"], (6, 7, 6), 0),
    (layer("GlobalAveragePooling2D"), MAP, ["global_avg_pool", "flatten"], (6,), 0),
    (layer("GlobalMaxPooling2D", keepdims=True), MAP, ["global_max_pool"], (6, 1, 1), 0),
    (layer("GlobalAveragePooling1D"), TOKENS, ["mean"], (8,), 0),
    (layer("AdaptiveAveragePooling2D", output_size=[4, 3]), MAP, ["adaptive_avg_pool2d"], (6, 4, 3), 0),
    (layer("ZeroPadding2D", padding=[[0, 1], [2, 2]]), MAP, ["pad"], (6, 14, 16), 0),
    (layer("Cropping2D", cropping=[[0, 1], [2, 2]]), MAP, ["crop"], (6, 12, 8), 0),
    (layer("UpSampling2D", size=[2, 3], interpolation="bilinear"), MAP, ["upsample"], (6, 26, 36), 0),
    (layer("Resizing", height=5, width=7), MAP, ["upsample"], (6, 5, 7), 0),
    (layer("CenterCrop", height=5, width=7), MAP, ["crop"], (6, 5, 7), 0),
    (layer("Reshape", target_shape=[-1, 6]), MAP, ["flatten", "permute"], (156, 6), 0),
    (layer("Reshape", target_shape=[12, 13, 6]), MAP, ["reshape"], (6, 12, 13), 0),
    (layer("Reshape", target_shape=[39, 24]), MAP, ["reshape"], (39, 24), 0),
    (layer("Reshape", target_shape=[2, 3, 4]), [24], ["reshape"], (4, 2, 3), 0),
    (layer("Reshape", target_shape=[9, 8, 1]), TOKENS, ["reshape"], (1, 9, 8), 0),
    (layer("Flatten"), MAP, ["flatten"], (936,), 0),
    (layer("RepeatVector", n=3), [8], ["expand"], (3, 8), 0),
    (layer("ReLU", max_value=6.0), MAP, ["relu6"], (6, 13, 12), 0),
    (layer("ReLU", max_value=4.0), MAP, ["clamp"], (6, 13, 12), 0),
    (layer("LeakyReLU", alpha=0.1), MAP, ["leaky_relu"], (6, 13, 12), 0),
    (layer("ThresholdedReLU", theta=2.0), MAP, ["threshold"], (6, 13, 12), 0),
    (layer("PReLU", shared_axes=[1, 2]), MAP, ["prelu"], (6, 13, 12), 6),
    (layer("PReLU"), MAP, ["relu", "clamp", "parameter", "mul", "add"], (6, 13, 12), 936),
    (layer("Softmax", axis=1), MAP, ["softmax"], (6, 13, 12), 0),
    (layer("Dropout", rate=0.2), MAP, ["dropout"], (6, 13, 12), 0),
    (layer("SpatialDropout2D", rate=0.2), MAP, ["dropout2d"], (6, 13, 12), 0),
    (layer("GaussianNoise", stddev=0.2), MAP, ["identity"], (6, 13, 12), 0),
    (layer("LSTM", units=5, return_sequences=True), TOKENS, ["lstm"], (9, 5), 4 * 5 * (8 + 5 + 1)),
    (layer("LSTM", units=5, use_bias=False), TOKENS, ["lstm", "flatten"], (5,), 4 * 5 * 13),
    (layer("GRU", units=5), TOKENS, ["gru", "flatten"], (5,), 3 * 5 * (8 + 5 + 2)),
    (layer("GRU", units=5, reset_after=False), TOKENS, ["gru", "flatten"], (5,), 3 * 5 * (8 + 5 + 1)),
    (layer("SimpleRNN", units=5, activation="relu"), TOKENS, ["rnn", "flatten"], (5,), 5 * 14),
    (layer("Bidirectional", layer=layer("LSTM", units=5, return_sequences=True)), TOKENS, ["lstm"], (9, 10), 560),
    (layer("Bidirectional", layer=layer("LSTM", units=5)), TOKENS, ["lstm", "flatten"], (10,), 560),
    (layer("Bidirectional", layer=layer("GRU", units=5), merge_mode="sum"), TOKENS,
     ["gru", "select", "select", "add"], (5,), 450),
    (layer("RNN", cell=layer("LSTMCell", units=5)), TOKENS, ["lstm", "flatten"], (5,), 280),
    (layer("RNN", return_sequences=True, cell=layer("StackedRNNCells", cells=[
        layer("LSTMCell", units=5), layer("LSTMCell", units=3)])), TOKENS, ["lstm", "lstm"], (9, 3), 280 + 108),
    (layer("ConvLSTM2D", filters=4, kernel_size=3), STEPS, ["conv_lstm2d"], (4, 14, 12), 16 * (27 + 36 + 1)),
    (layer("ConvLSTM2D", filters=4, kernel_size=3, return_sequences=True, padding="same"), STEPS, ["conv_lstm2d"],
     (4, 4, 16, 14), 1024),
    (layer("TimeDistributed", layer=layer("Conv2D", filters=4, kernel_size=3)), STEPS, ["conv2d"],
     (4, 4, 14, 12), 112),
    (layer("TimeDistributed", layer=layer("Flatten")), STEPS, ["flatten"], (4, 672), 0),
    (layer("TimeDistributed", layer=layer("ZeroPadding2D", padding=[1, 2])), STEPS, ["pad"], (4, 3, 18, 18), 0),
    (layer("TimeDistributed", layer=layer("GlobalAveragePooling2D")), STEPS, ["global_avg_pool", "flatten"],
     (4, 3), 0),
    (layer("TimeDistributed", layer=layer("Dense", units=5)), TOKENS, ["linear"], (9, 5), 45),
    (layer("SpectralNormalization", layer=layer("Conv2D", filters=4, kernel_size=1)), MAP, ["conv2d"],
     (4, 13, 12), 28),
    (layer("EinsumDense", equation="abc,cde->abde", output_shape=[None, 2, 3], bias_axes="de"), TOKENS,
     ["parameter", "einsum", "parameter", "add"], (9, 2, 3), 54),
    (layer("EinsumDense", equation="...x,xy->...y", output_shape=4), TOKENS, ["linear"], (9, 4), 32),
]  # fmt: skip


@pytest.mark.parametrize(("each", "reads", "types_", "shape", "count"), LAYERS, ids=lambda value: (
    value["class_name"] if isinstance(value, dict) else None))  # fmt: skip
def test_layer(
    tmp_path: Path, each: dict[str, Any], reads: list[int], types_: list[str], shape: tuple[int, ...], count: int
) -> None:
    network = imported(tmp_path, sequential(reads, each))
    assert types(network) == types_
    shapes = {output.name: output.shape for operation in network.operations for output in operation.outputs}
    assert shapes[network.outputs[0]] == shape
    assert network.params == count


@pytest.mark.parametrize(
    ("activation", "type_name"),
    [
        ("relu6", "relu6"), ("swish", "silu"), ("hard_sigmoid", "hardsigmoid"), ("exponential", "exp"),
        ({"class_name": "function", "config": "gelu", "registered_name": "function"}, "gelu"),
        ({"class_name": "ReLU", "config": {"name": "r", "max_value": 6}}, "relu6"),
    ],
)  # fmt: skip
def test_activation(tmp_path: Path, activation: Any, type_name: str) -> None:
    assert types(imported(tmp_path, sequential([4], layer("Activation", activation=activation)))) == [type_name]


def test_activation_without_counterpart_is_unknown(tmp_path: Path) -> None:
    network = imported(tmp_path, sequential([4], layer("Dense", units=2, activation="sparsemax")))
    assert [(each.type, each.known) for each in network.operations] == [("linear", True), ("sparsemax", False)]


def test_frozen_layers_and_moving_statistics(tmp_path: Path) -> None:
    network = imported(tmp_path, sequential(MAP, layer("BatchNormalization", trainable=False)))
    (norm,) = network.operations
    assert not any(tensor.trainable for tensor in norm.tensors.values())
    assert {name: tensor.shape for name, tensor in norm.buffers.items()} == {
        "moving_mean": (6,), "moving_variance": (6,)
    }  # fmt: skip
    assert network.remarks == [
        "Keras counts 12 moving means and variances among its parameters, 24 together: here they are buffers"
    ]


def test_channels_first_layers_read_maps_as_they_are(tmp_path: Path) -> None:
    layers = [
        layer("Conv2D", filters=4, kernel_size=3, data_format="channels_first"),
        layer("BatchNormalization", axis=1),
        layer("MaxPooling2D", pool_size=2, data_format="channels_first"),
        layer("GlobalAveragePooling2D", data_format="channels_first"),
    ]
    network = imported(tmp_path, sequential([3, 12, 14], *layers))
    assert network.inputs[0].shape == (3, 12, 14)
    assert types(network) == ["conv2d", "batch_norm2d", "max_pool2d", "global_avg_pool", "flatten"]


def test_an_input_has_the_order_in_which_it_is_read_first(tmp_path: Path) -> None:
    conv = imported(
        tmp_path, sequential([20, 3], layer("Dropout", rate=0.1), layer("Conv1D", filters=2, kernel_size=3))
    )
    lstm = imported(tmp_path, sequential([20, 3], layer("Dropout", rate=0.1), layer("LSTM", units=2)))
    assert conv.inputs[0].shape == (3, 20)
    assert lstm.inputs[0].shape == (20, 3)


def test_same_average_pooling_leaves_the_padding_out(tmp_path: Path) -> None:
    (pool,) = imported(tmp_path, sequential(MAP, layer("AveragePooling2D", pool_size=2, padding="same"))).operations
    assert pool.parameters == {"kernel_size": 2, "padding": "same", "count_include_pad": False}


def test_a_matrix_of_local_connections_is_counted_by_its_windows(tmp_path: Path) -> None:
    network = imported(tmp_path, sequential(TOKENS, layer("LocallyConnected1D", filters=2, kernel_size=3,
                                                          implementation=2)))  # fmt: skip
    assert network.params == 350
    assert network.remarks[0].startswith("locallyconnected1d is saved as one matrix of 1,008 numbers")
