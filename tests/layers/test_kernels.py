"""What layers with causal, fixed and given kernels see, and their figures by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import convcalc
from convcalc.layers.base import Link
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.rows import Row
from tests.helpers import analysed, field_map, network

torch = pytest.importorskip("torch")
Boxes = list[list[list[int] | None]]


def seen(forward: Callable[[Any], Any], shape: tuple[int, ...], unit: tuple[int, ...]) -> list[list[int]]:
    """For each axis the first and the last position of the input that a unit depends on, by its gradient."""
    tensor = torch.rand(1, *shape, requires_grad=True)
    output = forward(tensor)[0]
    (gradient,) = torch.autograd.grad(output[(slice(None), *unit)].sum(), tensor)
    places = gradient[0].abs().sum(0).nonzero()
    return [[int(axis.min()), int(axis.max())] for axis in places.T]


def boxes(entry: str, shape: tuple[int, ...], unit: tuple[int, ...]) -> list[list[int] | None]:
    report = analysed(network(f"- {entry}", input=str(list(shape))))
    found = field_map(report, report.rows[0].name)["clipped"]
    return [axis[place] for axis, place in zip(found, unit, strict=True)]


def sizes_of(row: Row) -> list[int | None]:
    field = row.receptive_field
    assert isinstance(field, ReceptiveField)
    return list(field.size)


@pytest.mark.parametrize("place", range(10))
@pytest.mark.parametrize("dilation", [1, 2, 4])
def test_a_causal_convolution_sees_no_later_step(place: int, dilation: int) -> None:
    convolution = torch.nn.Conv1d(2, 3, 3, dilation=dilation)
    padded = lambda tensor: convolution(torch.nn.functional.pad(tensor, (2 * dilation, 0)))  # noqa: E731
    entry = f"conv1d: {{out_channels: 3, kernel_size: 3, dilation: {dilation}, causal: true}}"
    assert boxes(entry, (2, 10), (place,)) == seen(padded, (2, 10), (place,))
    assert analysed(network(f"- {entry}", input="[2, 10]")).rows[0].output_shape == (3, 10)


MASKED = [
    ([3, 3], "true"),
    ([5, 3], "true"),
    ([1, 5], "true"),
    ([5, 1], "strict"),
    ([1, 5], "strict"),
    ([7, 7], "strict"),
]


@pytest.mark.parametrize(("kernel", "causal"), MASKED)
def test_a_masked_convolution_sees_what_is_before(kernel: list[int], causal: str) -> None:
    """At a unit whose rows before are all inside the map; after PixelCNN's masks B and A."""
    convolution = torch.nn.Conv2d(2, 3, kernel, padding=[size // 2 for size in kernel])
    middle = kernel[0] // 2, kernel[1] // 2
    mask = torch.ones(kernel)
    mask[middle[0], middle[1] + (causal == "true") :] = 0
    mask[middle[0] + 1 :] = 0
    convolution.weight.data *= mask
    pads = [size // 2 for size in kernel]
    entry = f"conv2d: {{out_channels: 3, kernel_size: {kernel}, padding: {pads}, causal: {causal}}}"
    for unit in ((4, 4), (8, 8), (5, 1)):
        assert boxes(entry, (2, 9, 9), unit) == seen(convolution, (2, 9, 9), unit)
    row = analysed(network(f"- {entry}", input="[2, 9, 9]")).rows[0]
    assert row.params == 3 * 2 * kernel[0] * kernel[1] + 3


def test_the_weights_of_a_mask_that_meet_a_pixel() -> None:
    """By hand: 2x2 positions, kernel 3x3: of 5 taps 1, 2, 3 and 4 meet the map."""
    row = analysed(network("- conv2d: {out_channels: 1, kernel_size: 3, padding: 1, causal: true}", input="[1, 2, 2]"))
    layer = row.rows[0].facts.layer
    assert layer.weights_on_input(((1, 2, 2),), (1, 2, 2)) == 1 + 2 + 3 + 4


def test_strict_needs_a_tap_before() -> None:
    with pytest.raises(convcalc.SpecError, match="masks the only tap"):
        analysed(network("- conv2d: {out_channels: 1, kernel_size: 1, causal: strict}", input="[1, 2, 2]"))


def recurrence(kind: str, sequence: list[Any], kernel: int) -> list[Any]:
    """The states of a convolutional LSTM (the gates at their own place) or GRU (the reset gate convolved again)."""

    def convolve(tensor: Any) -> Any:
        weights = torch.rand(1, 1, kernel) / 10  # small, so that tanh does not become 1, with a gradient of 0
        return torch.nn.functional.conv1d(tensor, weights, padding="same")

    state, states = torch.zeros_like(sequence[0]), []
    for frame in sequence:
        if kind == "conv_gru1d":
            reset = torch.sigmoid(convolve(frame) + convolve(state))
            state = torch.tanh(convolve(frame) + convolve(reset * state)) + state
        else:
            state = torch.tanh(convolve(frame) + convolve(state))
        states.append(state)
    return states


@pytest.mark.parametrize("kind", ["conv_lstm1d", "conv_gru1d"])
@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_last_state_sees_further_with_each_step_and_layer(kind: str, steps: int, layers: int) -> None:
    """Positions of all frames together: the first frame is seen widest."""
    shape = (steps, 1, 23)
    settings = f"hidden_channels: 1, kernel_size: 3, padding: same, return_sequences: false, num_layers: {layers}"
    entry = f"{kind}: {{{settings}}}"
    layer = analysed(network(f"- {entry}", input=str(list(shape)))).rows[0].facts.layer
    (flow,) = layer.flow((shape,), (1, 23))
    for place in (0, 1, 11, 22):
        tensor = torch.rand(1, *shape, requires_grad=True)
        states = list(tensor.unbind(1))
        for _ in range(layers):
            states = recurrence(kind, states, 3)
        (gradient,) = torch.autograd.grad(states[-1][0, 0, place], tensor)
        cells = gradient[0].abs().sum((0, 1)).nonzero()
        assert flow is not None
        assert isinstance(flow[1], Link)
        assert flow[1].window is not None
        taps = flow[1].window.inside(place, 23)
        assert taps is not None
        first, last, _ = taps
        assert [first, last] == [int(cells.min()), int(cells.max())]


def test_states_of_every_step_have_no_one_window_on_a_frame() -> None:
    """The state of each step sees more of the map than the one before; of the steps it sees those before it."""
    entry = "- conv_lstm2d: {name: it, hidden_channels: 4, kernel_size: 3, padding: same}"
    report = analysed(network(entry, input="[5, 2, 8, 8]"))
    assert report.rows[0].output_shape == (5, 4, 8, 8)
    assert sizes_of(report.rows[0]) == [5, None, None]


def test_the_last_state_sees_all_steps() -> None:
    settings = "hidden_channels: 4, kernel_size: 3, padding: same, return_sequences: false"
    report = analysed(network(f"- conv_lstm2d: {{name: it, {settings}}}", input="[5, 2, 16, 16]"))
    assert sizes_of(report.rows[0]) == [5, 11, 11]


def test_states_of_a_kernel_of_one_cell_see_one_pixel_of_each_step() -> None:
    entry = "- conv_gru2d: {name: it, hidden_channels: 4, kernel_size: 1}"
    clipped = field_map(analysed(network(entry, input="[3, 2, 2, 4]")), "it")["clipped"]
    assert clipped == [[[0, 0], [0, 1], [0, 2]], [[0, 0], [1, 1]], [[cell, cell] for cell in range(4)]]


def test_a_scan_sees_the_steps_before() -> None:
    inputs = "{u: [6, 4], d: [6, 4], A: [4, 2], B: [6, 2], C: [6, 2]}"
    layers = """
        - linear: {name: x, from: u, out_features: 4}
        - selective_scan: {name: it, from: [x, d, A, B, C]}
    """
    report = analysed(network(layers, input=inputs))
    assert field_map(report, "it", "u")["clipped"][0] == [[0, step] for step in range(6)]
    assert field_map(report, "it", "C")["clipped"][0] == [[step, step] for step in range(6)]


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_columns_of_one_row_of_windows(stride: int, padding: int) -> None:
    settings = f"kernel_size: [1, 4], stride: [1, {stride}], padding: [0, {padding}]"
    report = analysed(network(f"- unfold: {{name: it, {settings}}}", input="[2, 1, 12]"))
    convolved = analysed(network(f"- conv2d: {{name: it, out_channels: 1, {settings}}}", input="[2, 1, 12]"))
    assert field_map(report, "it")["clipped"][1] == field_map(convolved, "it")["clipped"][1]


def test_columns_of_a_grid_of_windows() -> None:
    settings = "kernel_size: [3, 2], stride: [1, 2], padding: 1, dilation: [2, 1]"
    convolved = analysed(network(f"- conv2d: {{name: it, out_channels: 4, {settings}}}", input="[2, 8, 9]"))
    _, height, width = convolved.rows[0].output_shape
    layers = f"""
        - unfold: {{name: columns, {settings}}}
        - reshape: {{name: it, shape: [12, {height}, {width}]}}
    """
    report = analysed(network(layers, input="[2, 8, 9]"))
    assert sizes_of(report.row("columns"))[-2:] == [5, 2]
    assert field_map(report, "it") == field_map(convolved, "it")


def test_moved_taps_are_unknown() -> None:
    layers = """
        - conv2d: {name: offset, out_channels: 18, kernel_size: 3, padding: 1}
        - deform_conv2d: {name: it, from: [input, offset], out_channels: 4, kernel_size: 3, padding: 1}
    """
    report = analysed(network(layers, input="[4, 8, 8]"))
    assert sizes_of(report.rows[1]) == [None, None]


def test_a_grid_reads_anywhere() -> None:
    spec = network("- grid_sample: {name: it, from: [map, grid]}", input="{map: [1, 5, 7], grid: [3, 4, 2]}")
    assert field_map(analysed(spec), "it", "map")["clipped"] == [[[0, 4]] * 3, [[0, 6]] * 4]


def test_a_transform_sees_the_whole_of_its_axes() -> None:
    report = analysed(network("- rfft: {name: it, axes: [2]}", input="[3, 4, 6]"))
    assert field_map(report, "it")["clipped"] == [[[row, row] for row in range(4)], [[0, 5]] * 4]


HAND: list[tuple[str, str, dict[str, Any]]] = [
    ("conv1d: {out_channels: 512, kernel_size: 7, padding: 3, weight_norm: true}", "[80, 100]",
     {"params": 287_744, "params_unshared": 51_200 * (80 * 7 + 2)}),
    ("conv2d: {out_channels: 8, kernel_size: 3, groups: 2, spectral_norm: true}", "[4, 5, 5]",
     {"params": 8 * 2 * 9 + 8, "buffers": 8 + 2 * 9}),
    ("conv_transpose2d: {out_channels: 8, kernel_size: 3, spectral_norm: true}", "[4, 5, 5]",
     {"params": 4 * 8 * 9 + 8, "buffers": 8 + 4 * 9}),
    ("conv_transpose1d: {out_channels: 8, kernel_size: 3, weight_norm: true}", "[4, 5]", {"params": 4 * 8 * 3 + 4 + 8}),
    ("locally_connected2d: {out_channels: 2, kernel_size: 3, weight_norm: true}", "[1, 4, 4]",
     {"params": 8 * 9 + 8 + 8}),
    ("conv2d: {out_channels: 64, kernel_size: 8, stride: 8, fixed_weights: true, bias: false}", "[1, 64, 64]",
     {"params": 0, "buffers": 4096, "macs": 64 * 64 * 64}),
    ("linear: {out_features: 10, weight_norm: true}", "[7, 4]", {"params": 60, "params_unshared": 7 * 60}),
    ("blur_pool2d", "[64, 56, 56]", {"output_shape": (64, 28, 28), "params": 0, "buffers": 576, "macs": 451_584}),
    ("conv_lstm2d: {hidden_channels: 64, kernel_size: 5, padding: same}", "[18, 1, 64, 64]", {"params": 416_256}),
    ("conv_gru2d: {hidden_channels: 4, kernel_size: 3, padding: same, bias: false}", "[2, 3, 5, 5]",
     {"params": 3 * 4 * 7 * 9, "params_unshared": 25 * 3 * 4 * 7 * 9,
      "params_fully_connected": 3 * 100 * (75 + 100), "macs": 2 * 25 * 3 * 4 * 7 * 9}),
    ("embedding_bag: {num_embeddings: 95811, embedding_dim: 64}", "[50]",
     {"output_shape": (64,), "params": 6_131_904, "macs": 0}),
    ("unfold: {kernel_size: 7, stride: 4, padding: 2}", "[3, 224, 224]", {"output_shape": (147, 3136), "macs": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "input", "figures"), HAND, ids=[entry for entry, *_ in HAND])
def test_figures_by_hand(entry: str, input: str, figures: dict[str, Any]) -> None:
    (row,) = analysed(network(f"- {entry}", input=input)).rows
    assert {figure: getattr(row, figure) for figure in figures} == figures


def test_an_output_takes_the_size_of_an_entry() -> None:
    layers = """
        - conv2d: {out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
        - conv_transpose2d: {out_channels: 8, kernel_size: 3, stride: 2, padding: 1, like: input}
    """
    for size in (7, 8):
        assert analysed(network(layers, input=f"[3, {size}, {size}]")).rows[1].output_shape == (8, size, size)


REFUSED = [
    ("conv_transpose2d: {out_channels: 1, kernel_size: 3, stride: 2, output_size: 20}", "[1, 8, 8]",
     "does not become 20x20"),
    ("conv_transpose2d: {out_channels: 1, kernel_size: 3, stride: 2, output_size: 17, output_padding: 1}", "[1, 8, 8]",
     "both say how large"),
    ("conv1d: {out_channels: 1, kernel_size: 3, causal: true, padding: 1}", "[1, 8]", "leaves no place for padding"),
    ("conv2d: {out_channels: 1, kernel_size: 3, weight_norm: true, spectral_norm: true}", "[1, 8, 8]",
     "exclude each other"),
    ("conv2d: {out_channels: 1, kernel_size: 3, padding: 4, padding_mode: reflect}", "[1, 4, 4]",
     "too large for size 4"),
    ("irfft: {axes: [0]}", "[1]", "would become 0"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "input", "message"), REFUSED, ids=[entry for entry, *_ in REFUSED])
def test_refusals(entry: str, input: str, message: str) -> None:
    with pytest.raises(convcalc.SpecError, match=message):
        analysed(network(f"- {entry}", input=input))
