"""What layers on tokens see, and how their figures are put together."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import convcalc
from convcalc.layers.window_attention import grid, tiles
from tests.helpers import analysed, field_map, network
from tests.oracles.boolean_probe import Sources, hull

# -- receptive fields --------------------------------------------------------------------------------------------


def swin_neighbours(size: int, window: int, shift: int) -> Sources:
    """The definition in Swin's code: pad, roll, cut into windows, and mask those that were not neighbours."""
    padded = -(-size // window) * window
    shift = shift if padded > window else 0
    rolled = [(place + shift) % padded for place in range(padded)]
    found: Sources = [[] for _ in range(size)]
    for start in range(0, padded, window):
        cells = rolled[start : start + window]
        for one, other in product(cells, cells):
            neighbours = abs(one - other) < window
            if neighbours and one < size and other < size:
                found[one].append(other)
    return [sorted(places) for places in found]


@pytest.mark.parametrize(
    ("size", "window", "shift"),
    [(size, window, shift) for size in range(1, 12) for window in range(1, 6) for shift in range(window)],
)
def test_window_attention_sees_its_window(size: int, window: int, shift: int) -> None:
    # Along the other axis there is one window of two.
    sizes = f"window_size: [{window}, 2], shift_size: [{shift}, 0]"
    entry = f"- window_attention: {{name: it, num_heads: 1, {sizes}}}"
    spec = network(f"- permute: {{axes: [1, 2, 0]}}\n{entry}", input=f"[3, {size}, 2]")
    boxes = field_map(analysed(spec), "it")["clipped"]
    assert boxes == [[hull(places) for places in swin_neighbours(size, window, shift)], [[0, 1], [0, 1]]]


def test_grid_attention_sees_every_so_many_pixels() -> None:
    spec = network(
        "- permute: {axes: [1, 2, 0]}\n- grid_attention: {name: it, num_heads: 1, window_size: 3}", input="[2, 12, 3]"
    )
    boxes = field_map(analysed(spec), "it")["clipped"]
    assert boxes == [[[place % 4, place % 4 + 8] for place in range(12)], [[0, 2]] * 3]


def test_windows_of_a_grid_and_of_tiles() -> None:
    assert [grid(12, 3).at(place) for place in (0, 5, 11)] == [(0, 8, 4), (1, 9, 4), (3, 11, 4)]
    assert [tiles(4, 1).at(place) for place in (0, 1, 4, 5)] == [(-3, 0, 1), (1, 4, 1), (1, 4, 1), (5, 8, 1)]


RECURRENT = ["lstm", "gru", "rnn"]


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_recurrent_layer_sees_what_was_before(kind: str, bidirectional: bool) -> None:
    """By the gradient of each output step towards each input step."""
    torch = pytest.importorskip("torch")
    module = getattr(torch.nn, kind.upper())(2, 3, num_layers=2, batch_first=True, bidirectional=bidirectional)
    sequence = torch.rand(1, 5, 2, requires_grad=True)
    steps = module(sequence)[0].sum(-1)[0]
    seen = [torch.autograd.grad(step, sequence, retain_graph=True)[0][0].abs().sum(-1).nonzero() for step in steps]
    entry = f"- {kind}: {{name: it, hidden_size: 3, num_layers: 2, bidirectional: {str(bidirectional).lower()}}}"
    boxes = field_map(analysed(network(entry, input="[5, 2]")), "it")["clipped"]
    assert boxes == [[hull(places.flatten().tolist()) for places in seen]]


def test_a_recurrent_layer_after_convolutions_is_causal_along_the_width() -> None:
    layers = """
        - conv2d: {out_channels: 4, kernel_size: [8, 3], stride: [1, 2], padding: [0, 1]}
        - squeeze: {axis: 1}
        - permute: {axes: [1, 0]}
        - gru: {name: it, hidden_size: 4}
    """
    report = analysed(network(layers, input="[1, 8, 10]"))
    assert field_map(report, "it")["clipped"][1] == [[0, 2 * step + 1] for step in range(5)]


def test_cross_attention_sees_one_query_and_all_keys() -> None:
    spec = network(
        "- multihead_attention: {name: it, num_heads: 1, from: [query, keys]}", input="{query: [3, 4], keys: [5, 6]}"
    )
    report = analysed(spec)
    assert field_map(report, "it", "query")["clipped"] == [[[0, 0], [1, 1], [2, 2]]]
    assert field_map(report, "it", "keys")["clipped"] == [[[0, 4]] * 3]


# -- figures by hand ---------------------------------------------------------------------------------------------

HAND: list[tuple[str, str, dict[str, Any]]] = [
    ("class_token", "[196, 768]", {"output_shape": (197, 768), "params": 768, "macs": 0}),
    ("positional_embedding", "[197, 768]", {"output_shape": (197, 768), "params": 151_296}),
    ("parameter: {shape: [100, 256]}", "[4]", {"output_shape": (100, 256), "params": 25_600, "input_shapes": ()}),
    ("layer_scale", "[96, 56, 56]", {"params": 96, "connections": 96 * 56 * 56}),
    ("layer_scale: {axis: -1}", "[56, 56, 96]", {"params": 96}),
    ("multihead_attention: {num_heads: 12}", "[197, 768]", {"params": 4 * 768 * 769, "macs": 524_391_936}),
    ("multihead_attention: {num_heads: 2, add_bias_kv: true, bias: false}", "[5, 8]",
     {"params": 4 * 64 + 2 * 8, "macs": 4 * 5 * 64 + 2 * 5 * 6 * 8}),
    # 60 cells are padded to 63: 81 windows of 49.
    ("window_attention: {window_size: 7, num_heads: 3, shift_size: 3}", "[60, 60, 96]",
     {"params": 37_755, "buffers": 49**2, "macs": 81 * 49 * (4 * 96 * 96 + 2 * 49 * 96)}),
    ("window_attention: {window_size: [2, 3], num_heads: 1, qkv_bias: false, proj_bias: false}", "[4, 6, 5]",
     {"params": 4 * 25 + 3 * 5, "buffers": 36}),
    ("window_attention_v2: {window_size: 8, num_heads: 3}", "[64, 64, 96]",
     {"params": 4 * 96 * 97 + 3 + 2 * 512 + 512 + 512 * 3, "buffers": 64**2 + 2 * 15 * 15,
      "macs": 64 * 64 * (4 * 96 * 96 + 2 * 64 * 96) + 15 * 15 * (2 * 512 + 512 * 3)}),
    ("grid_attention: {window_size: 7, num_heads: 2}", "[56, 56, 64]", {"params": 16_978}),
    ("lstm: {hidden_size: 256, bidirectional: true}", "[26, 512]", {"output_shape": (26, 512), "params": 1_576_960}),
    ("lstm: {hidden_size: 8, proj_size: 3, num_layers: 2}", "[5, 4]",
     {"output_shape": (5, 3), "weights": 32 * 4 + 32 * 3 + 24 + 32 * 3 + 32 * 3 + 24, "biases": 4 * 32}),
    ("gru: {hidden_size: 8, bias: false}", "[5, 4]", {"params": 24 * 4 + 24 * 8, "macs": 5 * (24 * 4 + 24 * 8)}),
    ("rnn: {hidden_size: 8}", "[5, 4]", {"params": 8 * 4 + 8 * 8 + 2 * 8}),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "input", "figures"), HAND, ids=[entry for entry, *_ in HAND])
def test_figures_by_hand(entry: str, input: str, figures: dict[str, Any]) -> None:
    (row,) = analysed(network(f"- {entry}", input=input)).rows
    assert {figure: getattr(row, figure) for figure in figures} == figures
    assert row.params == row.params_shared == row.params_unshared == row.params_fully_connected


REFUSED = [
    ("class_token", "[3, 8, 8]", "reads [T, D]"),
    ("lstm: {hidden_size: 4, proj_size: 4}", "[5, 4]", "proj_size 4 is not below hidden_size 4"),
    ("rnn: {hidden_size: 4, num_layers: 17}", "[5, 4]", "at most 16"),
    ("multihead_attention: {num_heads: 5}", "[3, 8]", "num_heads 5 does not divide the 8 features"),
    ("window_attention: {window_size: 4, num_heads: 2, shift_size: 4}", "[8, 8, 8]", "is not below window_size"),
    ("window_attention: {window_size: 4, num_heads: 2}", "[8, 8]", "channels last, [H, W, C]"),
    ("grid_attention: {window_size: 3, num_heads: 2}", "[8, 8, 8]", "window_size 3 does not divide"),
    ("parameter: {shape: [2], from: input}", "[3]", "reads 0 entries, not 1"),
]


@pytest.mark.parametrize(("entry", "input", "message"), REFUSED, ids=[entry for entry, *_ in REFUSED])
def test_refusals(entry: str, input: str, message: str) -> None:
    with pytest.raises(convcalc.SpecError, match=message.replace("[", r"\[")):
        analysed(network(f"- {entry}", input=input))


def test_keys_and_values_come_in_pairs() -> None:
    spec = network("- multihead_attention: {num_heads: 1, from: [q, k, v]}", input="{q: [3, 4], k: [5, 4], v: [6, 4]}")
    with pytest.raises(convcalc.SpecError, match="5 keys for 6 values"):
        analysed(spec)


def test_a_learned_tensor_is_read_like_any_other() -> None:
    layers = """
        - parameter: {name: queries, shape: [10, 8]}
        - multihead_attention: {num_heads: 2, from: [queries, input]}
    """
    report = analysed(network(layers, input="[49, 8]"))
    queries, attention = report.rows
    assert (queries.inputs, queries.params, queries.receptive_field) == ([], 80, None)
    assert attention.output_shape == (10, 8)
    assert field_map(report, attention.name)["clipped"] == [[[0, 48]] * 10]
