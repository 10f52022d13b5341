"""Layers of two types that share the tensors of one name and one shape in PyTorch."""

from __future__ import annotations

import pytest

from tests.helpers import analysed, assert_one_problem, network

EMBEDDING = "- embedding: {name: e, num_embeddings: 30, embedding_dim: 8}\n"
CONV = "- conv2d: {name: c, out_channels: 6, kernel_size: 3}\n"


@pytest.mark.parametrize(
    ("layers", "input", "own", "total"),
    [
        (EMBEDDING + "- linear: {name: o, out_features: 30, bias: false, tied: e}", "[5]", 0, 240),
        (EMBEDDING + "- linear: {name: o, out_features: 30, tied: e}", "[5]", 30, 270),
        (CONV + "- conv_transpose2d: {name: o, out_channels: 4, kernel_size: 3, tied: c}", "[4, 8, 8]", 4, 226),
        (CONV + "- conv_transpose2d: {name: o, out_channels: 4, kernel_size: 3, bias: false, tied: c}", "[4, 8, 8]",
         0, 222),
        (CONV.replace("6", "4") + "- conv_transpose2d: {name: o, out_channels: 4, kernel_size: 3, tied: c}",
         "[4, 8, 8]", 0, 148),
        (CONV + "- conv2d: {name: d, out_channels: 8, kernel_size: 3, groups: 2}\n"
         "- conv_transpose2d: {name: o, out_channels: 6, kernel_size: 3, groups: 2, tied: d}", "[4, 8, 8]", 6, 452),
        ("- linear: {name: l, out_features: 6}\n- parameter: {name: o, shape: [6, 4], tied: l}", "[4]", 0, 30),
    ],
)  # fmt: skip
def test_what_is_shared_is_counted_once(layers: str, input: str, own: int, total: int) -> None:
    report = analysed(network(layers, input))
    row = report.row("o")
    assert (row.params, row.biases, row.weights) == (own, own, 0)
    assert row.tied_to is not None
    assert report.totals.params == total
    assert row.macs == row.facts.macs


def test_the_other_wirings() -> None:
    """At each position apart an output layer cannot use the one table; on a vector it can."""
    table = analysed(network(EMBEDDING + "- linear: {name: o, out_features: 30, tied: e}", "[5]")).row("o")
    assert (table.params_shared, table.params_unshared) == (30, 5 * 240 + 5 * 30)
    vector = EMBEDDING + "- select: {axis: 0, index: 0}\n- linear: {name: o, out_features: 30, tied: e}"
    row = analysed(network(vector, "[5]")).row("o")
    assert (row.params_shared, row.params_unshared, row.params_fully_connected) == (30, 30, 30)


def test_frozen_biases() -> None:
    row = analysed(network(EMBEDDING + "- linear: {name: o, out_features: 30, tied: e, trainable: false}", "[5]")).row(
        "o"
    )
    assert (row.trainable_params, row.frozen_params) == (0, 30)


def test_a_third_layer() -> None:
    layers = EMBEDDING + "- linear: {name: o, out_features: 30, tied: e}\n- linear: {name: p, out_features: 8}\n"
    report = analysed(network(layers + "- linear: {name: q, out_features: 30, tied: o}", "[5]"))
    assert (report.row("q").params, report.row("q").tied_to) == (0, "e")
    assert report.totals.params == 240 + 30 + (30 * 8 + 8)


@pytest.mark.parametrize(
    ("layers", "input", "message"),
    [
        (EMBEDDING + "- linear: {out_features: 31, tied: §e}", "[5]", "31x8 of linear, weight 30x8 of embedding"),
        ("- conv1d: {name: c, out_channels: 8, kernel_size: 1}\n- permute: {axes: [1, 0]}\n"
         "- linear: {out_features: 8, tied: §c}", "[8, 8]", "weight 8x8 of linear, weight 8x8x1 of conv1d"),
        (CONV + "- conv_transpose2d: {out_channels: 4, kernel_size: 2, tied: §c}", "[4, 8, 8]", "6x4x2x2"),
        (CONV + "- conv_transpose2d: {out_channels: 4, kernel_size: 3, sharing: none, tied: §c}", "[4, 8, 8]", ""),
        (CONV.replace("3}", "3, weight_norm: true}")
         + "- conv_transpose2d: {out_channels: 4, kernel_size: 3, tied: §c}", "[4, 8, 8]", "have different shapes"),
        (CONV + "- batch_norm2d: {tied: §c}", "[4, 8, 8]", "have different shapes"),
    ],
)  # fmt: skip
def test_refused(layers: str, input: str, message: str) -> None:
    assert_one_problem(network(layers, input), "tied-shapes-differ", message)


TWO_SIZES = (
    "input: {a: [3, 9, 9], b: [3, 12, 12], c: [3, 9, 9]}\nlayers:\n"
    "  - conv2d: {name: x, from: a, out_channels: 4, kernel_size: 3, padding: 1}\n"
    "  - conv2d: {name: y, from: b, out_channels: 4, kernel_size: 3, padding: 1, tied: x}\n"
    "  - conv2d: {name: z, from: c, out_channels: 4, kernel_size: 3, padding: 1, tied: x}\n"
)


def test_sharing_none_counts_maps_of_two_sizes_apart_as_compare_does() -> None:
    written, apart = analysed(TWO_SIZES), analysed(TWO_SIZES, sharing="none")
    assert written.totals.params == 112
    assert apart.totals.params == written.totals.params_unshared == 81 * 112 + 144 * 112
    assert [row.tied_to for row in apart.rows] == [None, None, "x"]


def test_sharing_none_of_a_transposed_convolution() -> None:
    layers = CONV + "- conv_transpose2d: {name: o, out_channels: 4, kernel_size: 3, tied: c}"
    written, apart = (analysed(network(layers, "[4, 8, 8]"), sharing=sharing) for sharing in (None, "none"))
    assert apart.totals.params == written.totals.params_unshared
