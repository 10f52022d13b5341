"""An exported model of Keras computes what the exported PyTorch module computes, from the same weights."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convcalc.errors import ConvcalcError, SpecError

pytest.importorskip("keras", reason="runs models of Keras: pip install '.[oracle]'")

from tests.exporters.keras_models import FORMATS, network_of, network_of_text, run, source_of_text
from tests.exporters.keras_weights import outputs_of_both, torch

NETWORKS = ["lenet", "resnet18", "mobilenet_v2", "googlenet", "dcgan", "efficientnet_b0", "shufflenet_v2", "convnext"]


def assert_same(network: Any, data_format: str, batch: int = 2) -> None:
    expected, found = outputs_of_both(network, data_format, batch)
    for one, other in zip(found, expected, strict=True):
        scale = max(float(other.abs().max()), 1e-30)
        torch.testing.assert_close(one / scale, other / scale, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("target", NETWORKS)
def test_outputs_of_a_network(target: str, data_format: str) -> None:
    assert_same(network_of(target), data_format, batch=1)


TEXTS = {
    "flattened map": "[3, 4, 5]|conv2d: {out_channels: 2, kernel_size: 1}|flatten|linear: {out_features: 3}",
    "tokens": "[3, 4, 6]|conv2d: {out_channels: 4, kernel_size: 1}|flatten: {start_axis: 1}|transpose: {axes: [0, 1]}"
    "|multihead_attention: {num_heads: 2}|layer_norm|linear: {out_features: 3}",
    "causal attention": "[5, 6]|multihead_attention: {num_heads: 2, causal: true}",
    "cross attention": "[5, 6]|linear: {name: a, out_features: 4}|linear: {name: b, from: input, out_features: 4}"
    "|linear: {name: c, from: input, out_features: 4}|multihead_attention: {num_heads: 2, from: [a, b, c]}",
    "products": "[2, 5, 6]|linear: {name: a, out_features: 4}|linear: {name: b, from: input, out_features: 4}"
    "|scaled_dot_product_attention: {from: [a, b, b]}|softmax: {axis: 0}",
    "map to tokens to map": "[3, 4, 6]|conv2d: {out_channels: 4, kernel_size: 1}|permute: {axes: [1, 2, 0]}"
    "|layer_norm|permute: {axes: [2, 0, 1]}|max_pool2d: {kernel_size: 2}",
    "shuffles": "[8, 4, 6]|channel_shuffle: {groups: 4}|pixel_shuffle: {upscale_factor: 2}"
    "|conv2d: {out_channels: 3, kernel_size: 3}|pixel_unshuffle: {downscale_factor: 2}",
    "cuts": "[8, 4, 6]|conv2d: {out_channels: 8, kernel_size: 1}|slice: {axis: 0, start: 1, stop: 7}"
    "|chunk: {axis: 0, chunks: 2, index: 1}|slice: {axis: 2, start: 1, step: 2}|pad: {padding: [[1, 0], [0, 2]]}",
    "reductions": "[8, 4, 6]|conv2d: {out_channels: 8, kernel_size: 1}|mean: {axis: 0, keepdim: true}|sum: {axis: 1}",
    "gru": "[5, 6]|gru: {hidden_size: 3, bidirectional: true}|linear: {out_features: 2}",
    "lstm": "[5, 6]|lstm: {hidden_size: 3, bias: false}|linear: {out_features: 2}",
    "names of operations": "[3, 4, 5]|relu: {name: a}|permute: {name: transpose, axes: [0, 2, 1]}|exp"
    "|matmul: {name: matmul, from: [a, exp_1]}",
    "norms": "[8, 4, 6]|group_norm: {num_groups: 2}|prelu: {num_parameters: 8}|local_response_norm: {size: 3}|prelu",
    "norms of maps": "[8, 4, 6]|instance_norm2d: {affine: true}|layer_norm2d|global_response_norm",
    "learned": "[8, 4, 6]|conv2d: {out_channels: 8, kernel_size: 1}|positional_embedding|layer_scale",
    "depthwise": "[4, 6, 7]|conv2d: {out_channels: 8, kernel_size: 3, groups: 4}",
    "sequence": "[4, 20]|conv1d: {out_channels: 6, kernel_size: 3, stride: 2, padding: 1}|batch_norm1d|max_pool1d: "
    "{kernel_size: 2}|dropout1d|conv_transpose1d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1}",
    "cut sequence": "[4, 20]|conv1d: {out_channels: 4, kernel_size: 1}|upsample: {scale_factor: 2}|crop: {cropping: 3}"
    "|conv_transpose1d: {out_channels: 3, kernel_size: 4, stride: 2, padding: 1, output_padding: 1}",
    "volume": "[2, 5, 6, 7]|conv3d: {out_channels: 3, kernel_size: 3, padding: 1, stride: 2}|batch_norm3d"
    "|upsample: {scale_factor: 2}|avg_pool3d: {kernel_size: 2}",
}


@pytest.mark.slow
@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("name", TEXTS)
def test_outputs_of_small_networks(name: str, data_format: str) -> None:
    shape, *entries = TEXTS[name].split("|")
    text = f"input: {shape}\nlayers:\n" + "".join(f"  - {entry}\n" for entry in entries)
    assert_same(network_of_text(text), data_format)


sizes = st.integers(1, 4)


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    kind=st.sampled_from(["conv2d", "max_pool2d", "avg_pool2d", "conv_transpose2d"]),
    length=st.integers(5, 9), kernel=sizes, stride=sizes, padding=st.integers(0, 2), more=st.booleans(),
    is_rectified=st.booleans(), data_format=st.sampled_from(FORMATS),
)  # fmt: skip
def test_windows_of_any_size(
    kind: str, length: int, kernel: int, stride: int, padding: int, more: bool, is_rectified: bool, data_format: str
) -> None:
    """Padding is exact, or an error: no window is moved by a cell."""
    keys = f"kernel_size: {kernel}, stride: {stride}, padding: {padding}"
    if "pool" in kind:
        keys += f", ceil_mode: {str(more).lower()}"
    else:
        keys += ", out_channels: 3" + (", dilation: 2" if more and stride == 1 else "")
    first = "  - relu\n" if is_rectified else ""
    try:
        network = network_of_text(f"input: [2, {length}, 7]\nlayers:\n{first}  - {kind}: {{{keys}}}\n")
        source_of_text(network.graph.source.text, data_format)
    except SpecError as error:
        assume(any(problem.rule != "cannot-export" for problem in error.problems) or "counts other" in str(error))
        return
    except ConvcalcError:
        assume(False)
    assert_same(network, data_format)


# The output of UNSHARED cases has 4 x 5 positions, or 2 x 3 with stride 2.
HEAD = "input: [2, 4, 5]\nlayers:\n  - conv2d: {name: conv, out_channels: 4, kernel_size: 3, padding: 1, "
SETS = {
    "none": lambda place, shape: place[0] * shape[1] + place[1],
    "{tile: [2, 3]}": lambda place, shape: place[0] % 2 * 3 + place[1] % 3,
    "{regions: [2, 2]}": lambda place, shape: place[0] * 2 // shape[0] * 2 + place[1] * 2 // shape[1],
}


@pytest.mark.parametrize("sharing", SETS)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("data_format", FORMATS)
def test_unshared_weights_by_a_loop(sharing: str, stride: int, groups: int, data_format: str) -> None:
    text = f"{HEAD}stride: {stride}, groups: {groups}, sharing: {sharing}}}"
    model = run(source_of_text(text, data_format))
    layer, generator = model.get_layer("conv"), np.random.default_rng(0)
    for weight in layer.weights:
        weight.assign(torch.tensor(generator.normal(size=tuple(weight.shape)), dtype=torch.float32))
    kernel, bias = (weight.detach().numpy() for weight in (layer.kernel.value, layer.bias.value))
    image = generator.normal(size=(4, 5, 2)).astype("float32")
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    rows, columns = ((size - 1) // stride + 1 for size in image.shape[:2])
    expected = np.zeros((rows, columns, 4), "float32")
    for row, column, channel in itertools.product(range(rows), range(columns), range(4)):
        number = SETS[sharing]((row, column), (rows, columns))
        first = channel // (4 // groups) * (2 // groups)
        total = float(bias[number if len(bias) > 1 else 0, channel])
        for tap, read in itertools.product(range(9), range(2 // groups)):
            cell = padded[row * stride + tap // 3, column * stride + tap % 3, first + read]
            total += float(cell * kernel[number, tap, read, channel])
        expected[row, column, channel] = total
    given = image[None] if data_format == "channels_last" else np.moveaxis(image, -1, 0)[None]
    with torch.no_grad():
        found = model(torch.tensor(given)).numpy()[0]
    found = found if data_format == "channels_last" else np.moveaxis(found, 0, -1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("keys", ["connection_table: [[0], [1], [0, 1], [1]]", "bias: per_position"])
def test_tables_and_biases_of_positions(keys: str, data_format: str) -> None:
    """A table is a convolution with zeros; a bias of positions is added behind one."""
    layer = run(source_of_text(f"{HEAD}{keys}}}", data_format))
    own = layer.get_layer("conv")
    generator = np.random.default_rng(0)
    for weight in own.weights:
        weight.assign(torch.tensor(generator.normal(size=tuple(weight.shape)), dtype=torch.float32))
    kernel, bias = (weight.value.detach().numpy() for weight in own.weights)
    dense = np.zeros((3, 3, 2, 4), "float32")
    if "table" in keys:
        entries = [(read, channel) for channel, row in enumerate([[0], [1], [0, 1], [1]]) for read in row]
        for entry, (read, channel) in enumerate(entries):
            dense[:, :, read, channel] = kernel[..., entry]
    else:
        dense = kernel
    image = generator.normal(size=(2, 4, 5)).astype("float32")
    weights = torch.tensor(np.moveaxis(dense, (-1, -2), (0, 1)).copy())
    expected = torch.nn.functional.conv2d(torch.tensor(image), weights, padding=1).numpy()
    is_last = data_format == "channels_last"
    added = bias if bias.ndim == 1 or is_last else np.moveaxis(bias, 0, -1)
    expected = np.moveaxis(expected, 0, -1) + added
    given = np.moveaxis(image, 0, -1).copy() if is_last else image
    with torch.no_grad():
        found = layer(torch.tensor(given[None])).numpy()[0]
    np.testing.assert_allclose(found if is_last else np.moveaxis(found, 0, -1), expected, rtol=1e-4, atol=1e-5)
