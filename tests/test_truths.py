"""Figures that others have published, and those that follow from the definitions by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from tests.helpers import analysed, network

DATA = Path(__file__).parent / "data"
PUBLISHED = json.loads((DATA / "published.json").read_text(encoding="utf-8"))

CONV = "conv2d: {out_channels: %d, kernel_size: %s}"
# What: input, one entry, and the figures of its row.
HAND: list[tuple[str, str, str, dict[str, Any]]] = [
    # A well-known article prints 105,415,600 for the unshared parameters: 290,400 x 364 is 105,705,600.
    ("AlexNet conv1", "[3, 227, 227]", "conv2d: {out_channels: 96, kernel_size: 11, stride: 4}",
     {"output_shape": (96, 55, 55), "units": 290400, "params": 34944, "params_unshared": 105705600,
      "params_fully_connected": 290400 * 3 * 227 * 227 + 290400}),
    ("LeNet conv1", "[1, 28, 28]", CONV % (6, 5),
     {"output_shape": (6, 24, 24), "units": 3456, "params": 156, "params_unshared": 89856}),
    ("a million units on a million pixels", "[1, 1000, 1000]",
     "conv2d: {out_channels: 1, kernel_size: 10, padding: same, bias: false}",
     {"output_shape": (1, 1000, 1000), "units": 10**6, "params": 100, "params_unshared": 10**8,
      "params_fully_connected": 10**12}),
    ("one 3x3 kernel", "[3, 32, 32]", CONV % (1, 3),
     {"output_shape": (1, 30, 30), "params": 28, "params_unshared": 25200}),
    ("one 3x3 kernel without a bias", "[3, 32, 32]", "conv2d: {out_channels: 1, kernel_size: 3, bias: false}",
     {"params": 27, "params_unshared": 24300}),
    ("10 maps of 3x3", "[3, 256, 256]", CONV % (10, 3), {"params": 280}),
    ("padding 2", "[3, 100, 100]", "conv2d: {out_channels: 4, kernel_size: 3, padding: 2}",
     {"output_shape": (4, 102, 102), "params": 112}),
    ("a kernel of (3, 5)", "[2, 3, 5]", "conv2d: {out_channels: 3, kernel_size: [3, 5], padding: [1, 2]}",
     {"output_shape": (3, 3, 5), "weights": 3 * 2 * 3 * 5, "biases": 3}),
    ("pooling with two strides", "[1, 4, 4]", "max_pool2d: {kernel_size: 3, padding: 1, stride: [2, 1]}",
     {"output_shape": (1, 2, 4), "params": 0}),
    ("10x10 pooling", "[1, 20, 20]", "max_pool2d: {kernel_size: 10}", {"output_shape": (1, 2, 2)}),
    ("Keras's LocallyConnected2D", "[3, 32, 32]", "locally_connected2d: {out_channels: 64, kernel_size: 3}",
     {"params": 1612800, "params_shared": 1792}),
    ("YOLO v1's local layer", "[1024, 7, 7]", "locally_connected2d: {out_channels: 256, kernel_size: 3, padding: 1}",
     {"params": 115618048, "params_shared": 2359552, "params_fully_connected": 629420288}),
    ("taps on padding are counted", "[3, 8, 8]", "locally_connected2d: {out_channels: 5, kernel_size: 3, padding: "
                                                 "same}",
     {"weights": 8640, "params": 8960}),
    ("CS231n's demonstration", "[3, 5, 5]", "conv2d: {out_channels: 2, kernel_size: 3, stride: 2, padding: 1}",
     {"output_shape": (2, 3, 3), "params": 56}),
    ("CS231n: the next layer of AlexNet's two", "[4, 11, 11]", "conv2d: {out_channels: 1, kernel_size: 5, stride: 2}",
     {"output_shape": (1, 4, 4)}),
    ("CS231n: 75 weights of a neuron", "[3, 32, 32]", "conv2d: {out_channels: 1, kernel_size: 5}", {"weights": 75}),
    ("CS231n: 180 connections of a neuron", "[20, 16, 16]", "conv2d: {out_channels: 1, kernel_size: 3}",
     {"weights": 180}),
    ("CS231n: VGG's first linear layer as a convolution", "[512, 12, 12]",
     "conv2d: {out_channels: 4096, kernel_size: 7}",
     {"output_shape": (4096, 6, 6), "weights": 102760448}),
    ("a transposed convolution", "[4, 5, 5]", "conv_transpose2d: {out_channels: 6, kernel_size: 3, groups: 2}",
     {"output_shape": (6, 7, 7), "params": 4 * 3 * 9 + 6, "params_unshared": 4 * 25 * 3 * 9 + 6 * 49,
      "params_fully_connected": 100 * 294 + 294}),
]  # fmt: skip


@pytest.mark.parametrize(("input", "entry", "figures"), [case[1:] for case in HAND], ids=[case[0] for case in HAND])
def test_one_layer(input: str, entry: str, figures: dict[str, Any]) -> None:
    (row,) = analysed(network(f"- {entry}", input=input)).rows
    assert {figure: getattr(row, figure) for figure in figures} == figures


def test_a_linear_layer_over_an_image() -> None:
    report = analysed(network("- flatten\n- linear: {out_features: 1000}", input="[3, 256, 256]"))
    assert report.totals.params == 196_609_000


FIELDS = [
    ("[3, 3]", "[5]", [5, 5]), ("[2, 2]", "[3]", [3, 3]), ("[3, 3, 3]", "[7]", [7, 7]), ("[1, 1]", "[1]", [1, 1]),
]  # fmt: skip


@pytest.mark.parametrize(("kernels", "one", "size"), FIELDS)
def test_small_kernels_see_as_much_as_a_large_one(kernels: str, one: str, size: list[int]) -> None:
    def field(sizes: str) -> Any:
        head = f"params: {{sizes: {sizes}}}"
        layer = "- conv2d: {out_channels: 1, kernel_size: '=sizes[index]', repeat: =len(sizes)}"
        return analysed(network(layer, input="[1, 20, 20]", head=head)).totals.receptive_field

    assert field(kernels) == field(one) == size


def test_a_1x1_convolution_is_a_linear_layer_at_each_position() -> None:
    convolution = analysed(network("- conv2d: {out_channels: 7, kernel_size: 1}")).totals
    linear = analysed(network("- permute: {axes: [1, 2, 0]}\n- linear: {out_features: 7}")).totals
    figures = ("params", "params_shared", "params_unshared", "params_fully_connected", "macs", "connections")
    assert [getattr(convolution, name) for name in figures] == [getattr(linear, name) for name in figures]


ARITHMETIC = PUBLISHED["convolution_arithmetic"]["examples"]


@pytest.mark.parametrize(
    ("kind", "config", "size", "output"), [e[:4] for e in ARITHMETIC], ids=[e[4] for e in ARITHMETIC]
)
def test_convolution_arithmetic(kind: str, config: dict[str, int], size: int, output: int) -> None:
    parameters = ", ".join(f"{name}: {value}" for name, value in config.items())
    report = analysed(network(f"- {kind}: {{out_channels: 1, {parameters}}}", input=f"[1, {size}, {size}]"))
    assert report.rows[0].output_shape == (1, output, output)


@pytest.mark.parametrize("name", PUBLISHED["networks"])
def test_published_layers_and_totals(name: str) -> None:
    published, report = PUBLISHED["networks"][name], convcalc.analyse(name)
    received = {
        layer: {figure: _plain(getattr(report.row(layer), figure)) for figure in figures}
        for layer, figures in published["layers"].items()
    }
    assert received == published["layers"]
    assert {figure: getattr(report.totals, figure) for figure in published["totals"]} == published["totals"]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def test_the_zip_code_network_has_1256_units() -> None:
    """The 256 pixels are counted as units in the paper."""
    assert convcalc.analyse("lenet-1989").totals.activations == 1256 - 256


def test_lenet5_has_a_fixed_output() -> None:
    totals = convcalc.analyse("lenet5-1998").totals
    assert (totals.params, totals.frozen_params, totals.trainable_params) == (60840, 840, 60000)


def test_vgg16_as_the_course_notes_print_it() -> None:
    rows = [row for row in convcalc.analyse("vgg16").rows if row.type in ("conv2d", "max_pool2d", "linear")]
    received = [[list(row.output_shape), row.weights] for row in rows]
    expected = PUBLISHED["vgg16_weights"]["rows"][1:]
    assert [weights for _, weights in received] == [weights for _, weights in expected]
    assert [shape for shape, _ in received[:18]] == [shape for shape, _ in expected[:18]]


def test_a_fully_connected_vgg16_has_over_10_to_the_13() -> None:
    assert convcalc.analyse("vgg16").totals.to_dict()["params_fully_connected"] > 10**13
