"""The wiring of a layer: its lines against what each unit reads, its colours against its weights, its counts."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.drawing.wiring.cells import MOST_CELLS
from convcalc.drawing.wiring.panels import Panel, wiring
from convcalc.drawing.wiring.picture import wiring_svg
from convcalc.errors import UsageError
from tests.drawing.pictures import parsed, texts
from tests.helpers import analysed, network


def reads(panel: Panel) -> list[list[int]]:
    """The input cells that each output cell reads."""
    outputs = max(each.target for each in panel.connections) + 1
    return [[each.source for each in panel.connections if each.target == unit] for unit in range(outputs)]


def weights(panel: Panel) -> list[list[int]]:
    outputs = max(each.target for each in panel.connections) + 1
    return [[each.weight for each in panel.connections if each.target == unit] for unit in range(outputs)]


def test_the_counts_of_lenet_are_those_of_the_engine() -> None:
    figure = wiring(convcalc.analyse("lenet").row("conv1"))
    assert [panel.figure for panel in figure.panels] == [
        "2,712,960 parameters", "89,856 parameters", "156 parameters",
    ]  # fmt: skip
    assert [len(panel.connections) for panel in figure.panels] == [32, 20, 20]
    assert [panel.weights for panel in figure.panels] == [32, 20, 5]
    shown = texts(wiring_svg(figure))
    assert {"Fully connected", "Locally connected", "Shared weights", "156 parameters"} <= set(shown)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 7), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3), st.integers(12, 40))
def test_each_output_cell_reads_its_window(kernel: int, stride: int, padding: int, dilation: int, size: int) -> None:
    """By the definition of a convolution: output u reads u * stride - padding + tap * dilation."""
    layer = f"- conv1d: {{name: it, out_channels: 2, kernel_size: {kernel}, stride: {stride}, padding: {padding}, "
    try:
        report = analysed(network(f"{layer}dilation: {dilation}}}", f"[3, {size}]"))
    except convcalc.SpecError:
        return
    row = report.row("it")
    figure = wiring(row)
    _, local, shared = figure.panels
    outputs, taps = range(len(reads(local))), range(kernel)
    expected = [[unit * stride - padding + tap * dilation for tap in taps] for unit in outputs]
    assert reads(local) == reads(shared) == expected
    assert weights(shared) == [list(taps)] * len(expected)
    assert len({weight for unit in weights(local) for weight in unit}) == len(local.connections)
    assert figure.panels[2].figure == f"{row.params:,} parameters"
    picture = wiring_svg(figure)
    parsed(picture)
    assert len(re.findall('class="wire', picture)) == sum(len(panel.connections) for panel in figure.panels)
    strokes = re.findall(r'class="wire[^"]*" stroke="([^"]+)"', picture)
    own = strokes[-len(shared.connections) :]
    assert len(set(own)) == kernel


def test_a_transposed_convolution_uses_the_weights_of_its_places_in_turn() -> None:
    """With kernel 4 and stride 2 each output reads two inputs, through the even or the odd taps."""
    report = analysed(network("- conv_transpose1d: {name: it, out_channels: 1, kernel_size: 4, stride: 2}", "[1, 3]"))
    shared = wiring(report.row("it")).panels[2]
    assert shared.weights == 4
    assert weights(shared)[2] == weights(shared)[4]
    assert not set(weights(shared)[2]) & set(weights(shared)[3])


@pytest.mark.parametrize(("sharing", "sets"), [("{tile: [2, 2]}", 2), ("{regions: [2, 2]}", 2), ("{tile: [3, 3]}", 3)])
def test_tiles_and_regions_are_a_panel(sharing: str, sets: int) -> None:
    report = analysed(
        network(f"- conv2d: {{name: it, out_channels: 2, kernel_size: 3, sharing: {sharing}}}", "[1, 8, 8]")
    )
    row = report.row("it")
    panel = wiring(row).panels[3]
    assert panel.weights == sets * 3
    assert panel.figure == f"{row.params} parameters"


def test_a_connection_table_is_a_panel() -> None:
    row = convcalc.analyse("lenet5-1998").row("C3")
    table = wiring(row).table
    assert table is not None
    assert sum(map(len, table.rows)) == 60
    assert table.figure == "1,516 parameters"
    picture = wiring_svg(wiring(row))
    assert picture.count("<circle") == 60


def test_a_linear_layer_is_fully_connected_alone() -> None:
    figure = wiring(convcalc.analyse("lenet").row("fc1"))
    assert [(panel.title, panel.figure) for panel in figure.panels] == [("Fully connected", "30,840 parameters")]


def test_a_layer_without_weights_has_no_wiring() -> None:
    with pytest.raises(UsageError, match="max_pool2d"):
        wiring(convcalc.analyse("lenet").row("pool1"))


def test_a_large_layer_is_drawn_small_and_says_so() -> None:
    for name in ("alexnet", "resnet18", "vgg16"):
        row = next(row for row in convcalc.analyse(name).rows if row.type == "conv2d")
        figure = wiring(row)
        assert figure.example.last - figure.example.first + 1 <= max(MOST_CELLS, row.config["kernel_size"][-1] + 4)
        assert f"in place of {row.input_shapes[0][-1]} and {row.output_shape[-1]}" in figure.note


@pytest.mark.parametrize("name", ["mobilenet_v2", "wavenet", "c3d", "dcgan", "resnext50_32x4d", "textbook@regions-3x3"])
def test_every_convolution_of_a_network_can_be_drawn(name: str) -> None:
    rows = [row for row in convcalc.analyse(name).rows if "conv" in row.type][:12]
    assert rows
    for row in rows:
        parsed(wiring_svg(wiring(row)))


@pytest.mark.parametrize(
    "name", ["capsnet", "stylegan2", "t5", "wav2vec2", "segnet", "recurrent-conv", "eegnet", "lenet5-1998"]
)
def test_every_layer_is_drawn_or_refused(name: str) -> None:
    drawn = 0
    for row in convcalc.analyse(name).rows:
        with suppress(UsageError):
            parsed(wiring_svg(wiring(row)))
            drawn += 1
    assert drawn


def test_groups_are_said() -> None:
    row = next(row for row in convcalc.analyse("mobilenet_v2").rows if row.config.get("groups", 1) > 1)
    assert f"In {row.config['groups']} groups" in wiring(row).note


def test_the_small_example_has_the_positions_of_the_layer() -> None:
    """Drawn with n cells, a layer has as many outputs as the engine gives it on n cells."""
    for kernel, stride in product((2, 3, 5, 11), (1, 2, 4)):
        layer = f"- conv1d: {{name: it, out_channels: 1, kernel_size: {kernel}, stride: {stride}}}"
        example = wiring(analysed(network(layer, "[1, 224]")).row("it")).example
        small = analysed(network(layer, f"[1, {example.size}]")).row("it")
        assert small.output_shape[-1] == len(example.taps)
