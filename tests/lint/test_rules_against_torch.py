"""What rules say about values, compared with PyTorch: a bias without effect, an activation that changes nothing.

The norms compute with the statistics of the batch, as in training; dropout is off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import convcalc

pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from convcalc.checking.check_source import check_source
from convcalc.checking.fixing import fix_text
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError
from convcalc.text.source import Source
from tests.oracles.torch_networks import Network

RULES = ("bias-before-norm", "no-effect", "repeated-activation")
CONV = "conv2d: {name: c, out_channels: 4, kernel_size: 3}"
ONE = "conv2d: {name: c, out_channels: 4, kernel_size: 1}"


@pytest.fixture(autouse=True, scope="module")
def double_precision() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def spec(*entries: str, input: str = "[4, 12, 12]") -> str:
    return f"input: {input}\nlayers:\n" + "".join(f"  - {entry}\n" for entry in entries)


def network_of(text: str) -> tuple[Any, list[Any]]:
    """The network in PyTorch with random weights, and random inputs of a batch of four."""
    report = convcalc.analyse(convcalc.loads(text)).to_dict()
    torch.manual_seed(7)
    network = Network(report)
    for row in report["layers"]:
        if "track_running_stats" in row["config"]:
            is_fixed = row["config"].get("as_buffers") or row["config"].get("fixed_statistics")
            network.calls[row["name"]].train(not is_fixed)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    return network, [torch.randn(4, *shape) for shape in report["inputs"].values()]


def output_depends_on_bias(text: str, layer: str) -> bool:
    """Whether other biases of a layer give another output."""
    network, inputs = network_of(text)
    with torch.no_grad():
        first = network(*inputs)
        network.get_submodule(layer).bias += 1 + torch.arange(len(network.get_submodule(layer).bias))
        second = network(*inputs)
    return not torch.allclose(first, second, rtol=1e-3, atol=1e-3)


def layers_found(text: str, rule: str) -> list[str]:
    return [
        problem.subject.split(" ")[0] for problem in check_source(Source("s.yaml", text), Settings((rule,))).problems
    ]


NORM = "batch_norm2d"
REMOVED = {
    "directly": [CONV, NORM],
    "instance norm": [CONV, "instance_norm2d"],
    "group norm with one channel a group": [CONV, "group_norm: {num_groups: 4}"],
    "layer norm over positions": [CONV, "layer_norm: {normalized_shape: [10, 10]}"],
    "max pooling, padded": [CONV, "max_pool2d: {kernel_size: 3, padding: 1, ceil_mode: true}", NORM],
    "average pooling": [CONV, "avg_pool2d: {kernel_size: 3, ceil_mode: true}", NORM],
    "average pooling that does not count zeros": [
        CONV, "avg_pool2d: {kernel_size: 3, padding: 1, count_include_pad: false}", NORM,
    ],
    "adaptive pooling": [CONV, "adaptive_avg_pool2d: {output_size: 3}", "adaptive_max_pool2d: {output_size: 2}", NORM],
    "global pooling": [CONV, "global_max_pool", NORM],
    "interpolation": [CONV, "upsample: {scale_factor: 2, mode: bicubic}", NORM],
    "reflected borders": [CONV, "pad: {padding: 1, mode: reflect}", "crop: {cropping: [1, 0]}", NORM],
    "a blur": [CONV, "blur_pool2d", NORM],
    "flattened to a vector": [CONV, "flatten", "batch_norm1d"],
    "flattened positions": [CONV, "flatten: {start_axis: 1}", "batch_norm1d"],
    "channels in another order": [CONV, "channel_shuffle: {groups: 2}", "slice: {axis: 0, stop: 3}", NORM],
    "positions into channels": [CONV, "pixel_unshuffle: {downscale_factor: 2}", NORM],
    "a depthwise convolution without padding": [CONV, "conv2d: {out_channels: 4, kernel_size: 3, groups: 4}", NORM],
    "a convolution that pads no zeros": [
        CONV, "pad: {padding: 1, mode: circular}", "conv2d: {out_channels: 6, kernel_size: 3}", NORM,
    ],
    "depthwise, then pointwise": [
        "conv2d: {name: c, out_channels: 4, kernel_size: 3, groups: 4, padding: 1}",
        "conv2d: {out_channels: 8, kernel_size: 1, bias: false}", NORM,
    ],
    "concatenation of channels": [ONE, "conv2d: {name: d, from: input, out_channels: 2, kernel_size: 1}",
                                  "concat: {from: [c, d]}", NORM],
    "a sum with a map": [ONE, "add: {from: [previous, input]}", NORM],
    "a sum with itself": [
        ONE, "relu: {from: input, name: r}", "sub: {from: [r, c]}", "add: {from: [previous, c]}", NORM,
    ],
    "a sum over the map": [ONE, "global_avg_pool", "add: {from: [previous, input]}", NORM],
    "two norms": [ONE, "batch_norm2d: {name: n}", "batch_norm2d: {from: c}", "add: {from: [previous, n]}"],
    "linear layers on a vector": [
        "flatten", "linear: {name: c, out_features: 5}", "linear: {out_features: 3}", "batch_norm1d",
    ],
    "a linear layer on tokens, channels first": [
        "flatten: {start_axis: 1}", "permute: {axes: [1, 0]}", "linear: {name: c, out_features: 6}",
        "permute: {axes: [1, 0]}", "batch_norm1d",
    ],
    "a transposed convolution": ["conv_transpose2d: {name: c, out_channels: 4, kernel_size: 3, stride: 2}", NORM],
}  # fmt: skip
NEEDED = {
    "padded average pooling": [CONV, "avg_pool2d: {kernel_size: 3, padding: 1}", NORM],
    "a padded convolution": [CONV, "conv2d: {out_channels: 4, kernel_size: 3, padding: 1}", NORM],
    "a padded depthwise convolution": [
        CONV, "conv2d: {out_channels: 4, kernel_size: 3, groups: 4, padding: same}", NORM,
    ],
    "a transposed convolution between": [CONV, "conv_transpose2d: {out_channels: 4, kernel_size: 2, stride: 2}", NORM],
    "zeros around": [CONV, "pad: {padding: 1}", NORM],
    "a blur with zeros around": [CONV, "blur_pool2d: {padding_mode: zeros}", NORM],
    "channels into positions": [CONV, "pixel_shuffle: {upscale_factor: 2}", NORM],
    "an activation": [CONV, "relu", NORM],
    "a product": [ONE, "mul: {from: [previous, input]}", NORM],
    "a second reader": [ONE, "batch_norm2d: {name: n}", "relu: {from: c}", "add: {from: [previous, n]}"],
    "joined along positions": [ONE, "concat: {axis: 1, from: [previous, input]}", NORM],
    "group norm with two channels a group": [CONV, "group_norm: {num_groups: 2}"],
    "layer norm over all": [CONV, "layer_norm: {normalized_shape: [4, 10, 10]}"],
    "rms norm": [CONV, "rms_norm: {normalized_shape: [10, 10]}"],
    "axes of a sum that do not meet": [ONE, "slice: {axis: 0, stop: 1}", "permute: {axes: [1, 0, 2]}",
                                       "global_avg_pool: {from: input, name: g}", "flatten: {from: c, start_axis: 1}",
                                       "permute: {axes: [1, 0]}", "batch_norm1d"],
    "features of tokens": ["flatten: {start_axis: 1}", "permute: {axes: [1, 0]}", "linear: {name: c, out_features: 6}",
                           "batch_norm1d"],
    "the output itself": [CONV],
    "fixed statistics": [CONV, "batch_norm2d: {fixed_statistics: true}"],
    "statistics that are buffers": [CONV, "batch_norm2d: {as_buffers: true}"],
}  # fmt: skip


@pytest.mark.parametrize("name", REMOVED)
def test_a_bias_that_a_norm_removes(name: str) -> None:
    text = spec(*REMOVED[name])
    assert "c" in layers_found(text, "bias-before-norm")
    assert not output_depends_on_bias(text, "c")


@pytest.mark.parametrize("name", NEEDED)
def test_a_bias_with_an_effect(name: str) -> None:
    text = spec(*NEEDED[name])
    assert "c" not in layers_found(text, "bias-before-norm")
    assert output_depends_on_bias(text, "c")


BLURS = {
    "avg_pool2d: {kernel_size: 2, stride: 1}": True,
    "avg_pool2d: {kernel_size: 4, stride: 3}": True,
    "avg_pool2d: {kernel_size: 3, stride: 1}": False,
    "blur_pool2d: {kernel_size: 4, stride: 1}": True,
    "blur_pool2d: {kernel_size: 2, stride: 1}": True,
    "blur_pool2d: {padding: 2, padding_mode: zeros}": True,
    "conv2d: {out_channels: 2, kernel_size: 3}": False,
}


@pytest.mark.parametrize("blur", BLURS)
def test_a_blur_that_evens_a_checkerboard_out(blur: str) -> None:
    """With equal weights on an image of one colour, every output away from the border is the same."""
    text = spec("conv_transpose2d: {out_channels: 1, kernel_size: 3, stride: 2}", blur, input="[1, 20, 20]")
    network, (image, *_) = network_of(text)
    for parameter in network.parameters():
        torch.nn.init.ones_(parameter)
    with torch.no_grad():
        inside = network(torch.ones_like(image))[..., 4:-4, 4:-4]
    assert bool(inside.max() - inside.min() < 1e-9) == BLURS[blur]
    assert (not layers_found(text, "checkerboard")) == BLURS[blur]


BETWEEN = [
    "relu", "relu6", "hardtanh", "tanh", "sigmoid", "leaky_relu", "elu", "softplus", "dropout", "identity",
    "max_pool2d: {kernel_size: 2}", "max_pool2d: {kernel_size: 1}",
    "avg_pool2d: {kernel_size: 3, stride: 1, padding: 1}",
    "avg_pool2d: {kernel_size: 2}", "blur_pool2d", "adaptive_max_pool2d: {output_size: 2}", "global_avg_pool",
    "upsample: {scale_factor: 2}", "upsample: {scale_factor: 2, mode: bicubic}", "pad: {padding: 1}",
    "pad: {padding: 1, value: -0.5}", "pad: {padding: 1, mode: replicate}", "channel_shuffle: {groups: 2}",
    "pixel_shuffle: {upscale_factor: 2}", "batch_norm2d", "instance_norm2d", "group_norm: {num_groups: 2}",
    "conv2d: {name: NAME, out_channels: 4, kernel_size: 1}", "conv2d: {name: NAME, out_channels: 4, kernel_size: 3}",
    "conv2d: {name: NAME, out_channels: 4, kernel_size: 3, padding: 1}",
    "conv2d: {name: NAME, out_channels: 4, kernel_size: 3, groups: 4}", "add: {from: [previous, PREVIOUS]}",
    "concat: {from: [previous, PREVIOUS]}", "mul: {from: [previous, PREVIOUS]}", "flatten: {start_axis: 1}",
]  # fmt: skip


@st.composite
def chains(draw: st.DrawFn) -> str:
    """A spec of layers between which a constant or a range of values passes, and of others."""
    entries, named = [], "input"
    for number, entry in enumerate(draw(st.lists(st.sampled_from(BETWEEN), min_size=3, max_size=9))):
        entries.append(entry.replace("NAME", f"layer{number}").replace("PREVIOUS", named))
        if "NAME" in entry:
            named = f"layer{number}"
    text = spec(*entries, draw(st.sampled_from(["batch_norm2d", "instance_norm2d", "relu", "identity"])))
    try:
        rows = convcalc.analyse(convcalc.loads(text)).rows
    except SpecError:
        assume(False)
    # PyTorch refuses a norm of single values.
    assume(not any(row.type == "instance_norm2d" and row.output_shape[1:] == (1, 1) for row in rows))
    return text


def source_of(text: str) -> Source:
    return Source("s.yaml", text)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(chains())
def test_fixes_change_no_output(text: str) -> None:
    """The fixed network with the same weights, less the removed biases, gives the same outputs."""
    fixed = fix_text(text, source_of, Settings(RULES)).text
    network, inputs = network_of(text)
    other, _ = network_of(fixed)
    weights = network.state_dict()
    other.load_state_dict({name: weights[name] for name in other.state_dict()})
    with torch.no_grad():
        one, two = network(*inputs), other(*inputs)
    assert one.shape == two.shape
    assert torch.allclose(one, two, rtol=1e-3, atol=1e-3)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(chains())
def test_a_bias_that_is_found_has_no_effect(text: str) -> None:
    for layer in layers_found(text, "bias-before-norm"):
        assert not output_depends_on_bias(text, layer)
