"""Further outputs of a layer, read by name: their shapes are PyTorch's, and they see what the layer sees."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import convcalc
from tests.helpers import analysed, assert_one_problem, network

torch = pytest.importorskip("torch")


def shapes_of(spec: str) -> dict[str, tuple[int, ...]]:
    return {row.name: row.output_shape for row in analysed(spec).rows}


@pytest.mark.filterwarnings("ignore::UserWarning:torch")  # about what makes projections slow
@pytest.mark.parametrize(
    ("kind", "layers", "both", "projected"),
    [
        (kind, layers, both, projected)
        for kind, layers, both, projected in product(("lstm", "gru", "rnn"), (1, 3), (False, True), (0, 2))
        if kind == "lstm" or not projected
    ],
)
def test_the_last_state_of_recurrent_layers(kind: str, layers: int, both: bool, projected: int) -> None:
    settings = {"hidden_size": 5, "num_layers": layers, "bidirectional": both}
    more: dict[str, Any] = {"proj_size": projected} if projected else {}
    written = ", ".join(f"{key}: {str(value).lower()}" for key, value in {**settings, **more}.items())
    parts = ["h", "c"] if kind == "lstm" else ["h"]
    readers = [f"- identity: {{from: r.{part}}}" for part in parts]
    found = shapes_of(network("\n".join([f"- {kind}: {{name: r, {written}}}", *readers]), "[7, 4]"))
    module = getattr(torch.nn, kind.upper())(input_size=4, **settings, **more)
    states = module(torch.zeros(7, 4))[1]
    states = states if kind == "lstm" else (states,)
    assert [found[f"r.{part}"] for part in parts] == [tuple(state.shape) for state in states]


def test_leading_axes_come_before_the_layers_of_a_state() -> None:
    found = shapes_of(network("- lstm: {name: r, hidden_size: 5, num_layers: 2}\n- relu: {from: r.h}", "[3, 7, 4]"))
    assert found["r.h"] == (3, 2, 5)


@pytest.mark.parametrize("kind", ["max_pool2d", "adaptive_max_pool2d"])
def test_indices_of_pooling(kind: str) -> None:
    given = {"kernel_size": 3, "stride": 2} if kind == "max_pool2d" else {"output_size": 3}
    written = ", ".join(f"{key}: {value}" for key, value in given.items())
    found = shapes_of(network(f"- {kind}: {{name: p, {written}}}\n- relu: {{from: p.indices}}", "[3, 9, 8]"))
    module = torch.nn.MaxPool2d if kind == "max_pool2d" else torch.nn.AdaptiveMaxPool2d
    assert found["p.indices"] == tuple(module(**given, return_indices=True)(torch.zeros(3, 9, 8))[1].shape)


def test_weights_of_attention() -> None:
    found = shapes_of(
        "input: {q: [7, 8], k: [5, 8]}\nlayers:\n"
        "  - multihead_attention: {name: a, num_heads: 2, add_zero_attn: true, from: [q, k]}\n"
        "  - mean: {from: a.weights, axis: 0}\n"
    )
    module = torch.nn.MultiheadAttention(8, 2, add_zero_attn=True)
    query, key = torch.zeros(7, 8), torch.zeros(5, 8)
    assert found["a.weights"] == tuple(module(query, key, key, average_attn_weights=False)[1].shape)
    assert found["mean_1"] == tuple(module(query, key, key)[1].shape)


def test_a_further_output_is_a_row_without_cost() -> None:
    report = analysed(network("- topk: {name: t, k: 2}\n- relu: {from: t.indices}\n- relu: {from: t.indices}"))
    assert [row.name for row in report.rows] == ["t", "t.indices", "relu_1", "relu_2"]
    row = report.row("t.indices")
    assert (row.type, row.inputs, row.params, row.macs, row.buffers) == ("output", ["t"], 0, 0, 0)


def test_in_blocks_copies_and_outputs() -> None:
    spec = (
        "input: [7, 4]\nblocks:\n  b:\n    layers: [lstm: {name: r, hidden_size: 4}]\nlayers:\n"
        "  - b: {name: b, repeat: 2}\n  - lstm: {name: s, hidden_size: 3, repeat: 2}\noutputs: [b.0.r.h, s.c, s.*.h]\n"
    )
    graph = convcalc.loads(spec)
    assert list(graph.outputs) == ["b.0.r.h", "s.c", "s.0.h", "s.1.h"]
    assert [node.name for node in graph.nodes if node.layer.is_further_output] == [
        "b.0.r.h", "s.1.c", "s.0.h", "s.1.h",
    ]  # fmt: skip


def test_a_further_output_is_alive_from_the_layer_on() -> None:
    """The indices are kept while the map that was pooled away may go."""
    layers = (
        "- max_pool2d: {name: p, kernel_size: 2}\n- conv2d: {name: c, out_channels: 1, kernel_size: 1}\n"
        "- conv2d: {name: d, out_channels: 3, kernel_size: 1}\n- max_unpool2d: {from: [d, p.indices], kernel_size: 2}"
    )
    report = analysed(network(layers, "[3, 8, 8]"))
    # The last step: the map, its indices, and the unpooled map; all else is freed.
    assert report.analysis.peak_elements == max(192 + 48 + 48, 48 + 48 + 192)


@pytest.mark.parametrize(
    ("layers", "help"),
    [
        ("- lstm: {name: r, hidden_size: 3}\n- relu: {from: §r.cell}", "r.h and r.c"),
        ("- gru: {name: r, hidden_size: 3}\n- relu: {from: §r.c}", "r.h"),
        ("- relu: {name: r}\n- relu: {from: §r.h}", "no output but its own"),
    ],
)
def test_a_part_that_is_not_there(layers: str, help: str) -> None:
    problem = assert_one_problem(network(layers, "[7, 4]"), "unknown-name")
    assert help in str(problem.help)


def test_what_could_not_be_built_has_no_second_problem() -> None:
    assert_one_problem(network("- lstm: {name: r, hidden_size: §0}\n- relu: {from: r.h}", "[7, 4]"), "wrong-value")


def test_fields() -> None:
    spec = network(
        "- conv2d: {name: c, out_channels: 4, kernel_size: 3}\n- max_pool2d: {name: p, kernel_size: 2}\n"
        "- max_unpool2d: {name: u, from: [p, p.indices], kernel_size: 2}",
        "[3, 12, 12]",
    )
    sizes = {row.name: row.field_size for row in analysed(spec).rows}
    assert sizes == {"c": [3, 3], "p": [4, 4], "p.indices": [4, 4], "u": [4, 4]}
    state = analysed(network("- lstm: {name: r, hidden_size: 3}\n- relu: {from: r.h}", "[7, 4]"))
    field = state.row("r.h").receptive_fields["input"]
    assert field is not None
    assert field.clipped == [7]
