"""Exported models run: parameters, statistics and shapes are those of the spec, and so are the figures of an import."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc import api

pytest.importorskip("keras", reason="runs models of Keras: pip install '.[oracle]'")

from tests.exporters.keras_models import FORMATS, differences, keras, network_of, network_of_text, run, source_of_text

LSTM = """
input: [3, 16, 32]
layers:
  - conv2d: {name: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - relu
  - flatten: {end_axis: 1}
  - transpose: {axes: [0, 1]}
  - lstm: {name: lstm, hidden_size: 16, num_layers: 2, bias: one, bidirectional: true, dropout: 0.2}
  - gru: {name: gru, hidden_size: 8}
  - linear: {name: fc, out_features: 5}
"""
# Residuals, concatenations, attention, several outputs, indices, transposed convolutions, unshared weights.
SPREAD = [
    "lenet", "alexnet", "vgg11", "resnet50", "mobilenet_v2", "densenet121", "efficientnet_b0", "unet", "googlenet",
    "shufflenet_v2", "deepface", "bert", "vit_b_16", "m5", "unet3d",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("target", SPREAD)
def test_a_model_has_the_figures_of_its_spec(target: str, tmp_path: Path) -> None:
    assert differences(network_of(target), "channels_last", tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "target", ["resnet18", "mobilenet_v2", "unet", "deepface", "convnext", "textbook@max-pool-3-pad-1"]
)
def test_a_model_with_channels_first_has_the_figures_of_its_spec(target: str, tmp_path: Path) -> None:
    assert differences(network_of(target), "channels_first", tmp_path) == []


ATTENTION = """
input: [3, 10, 16]
layers:
  - multihead_attention: {name: inner, num_heads: 4}
  - select: {axis: 0, index: 1}
  - multihead_attention: {name: grouped, num_heads: 4, num_kv_heads: 2, head_dim: 4}
  - multihead_attention: {name: wide, num_heads: 2, head_dim: 12, value_dim: 6, bias: false, dropout: 0.1}
"""


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("text", [LSTM, ATTENTION], ids=["recurrent", "attention"])
def test_layers_of_sequences(text: str, data_format: str, tmp_path: Path) -> None:
    assert differences(network_of_text(text), data_format, tmp_path) == []


UNSHARED = """
input: [2, 9, 10]
layers:
  - conv2d: {name: own, out_channels: 4, kernel_size: 3, groups: 2, sharing: none}
  - conv2d: {name: channel, out_channels: 4, kernel_size: 3, stride: 2, sharing: none, bias: per_channel}
  - conv2d: {name: tile, out_channels: 4, kernel_size: 1, sharing: {tile: [2, 2]}}
  - conv2d: {name: region, out_channels: 4, kernel_size: 3, padding: 1, sharing: {regions: [2, 3]}, bias: false}
  - conv2d: {name: place, out_channels: 3, kernel_size: 3, padding: 1, bias: per_position}
  - conv2d: {name: table, out_channels: 2, kernel_size: 3, padding: 1, connection_table: [[0, 2], [1]]}
"""


@pytest.mark.parametrize("data_format", FORMATS)
def test_unshared_weights_come_back(data_format: str, tmp_path: Path) -> None:
    assert differences(network_of_text(UNSHARED), data_format, tmp_path) == []


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of PyTorch, in Keras
def test_a_saved_model_is_loaded_and_imported(tmp_path: Path) -> None:
    """The layers that the source defines are registered, so that a .keras file with them can be loaded."""
    file = tmp_path / "net.keras"
    model = run(source_of_text(UNSHARED))
    model.save(file)
    assert keras.models.load_model(file).count_params() == model.count_params()
    imported, report = api.analyse(file).totals, api.analyse(network_of_text(UNSHARED).graph).totals
    assert (imported.params, imported.macs) == (report.params, report.macs)


def test_an_argument_sets_the_size_of_the_last_layer() -> None:
    text = """
    input: [3, 8, 8]
    params: {classes: 10}
    layers: [flatten, linear: {name: fc, out_features: =classes}]
    """
    assert run(source_of_text(text), classes=7).output.shape == (None, 7)
