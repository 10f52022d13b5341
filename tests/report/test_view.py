"""Folding, filtering, sorting and cutting rows."""

import pytest

import convcalc
from convcalc.errors import UsageError
from convcalc.report.columns import ALL, COLUMNS, DEFAULT, Column, columns
from convcalc.report.view import FoldedRows, View

SUMS = [column for column in COLUMNS.values() if column.is_sum]


@pytest.mark.parametrize("depth", [1, 2, 3, 9])
@pytest.mark.parametrize("target", ["resnet50", "lenet"])
def test_folded_rows_add_up_to_the_totals(target: str, depth: int) -> None:
    report = convcalc.analyse(target)
    view = View(report, columns(DEFAULT), depth=depth)
    for column in SUMS:
        assert sum(column.get(line) for line in view.lines) == view.total(column)
    assert view.hidden == 0
    assert all(len(line.name.split(".")) <= depth for line in view.lines)


def test_a_block_shows_its_size_and_its_last_output() -> None:
    lines = {line.name: line for line in View(convcalc.analyse("resnet50"), columns(DEFAULT), depth=1).lines}
    layer4 = lines["layer4"]
    assert isinstance(layer4, FoldedRows)
    assert layer4.type == f"{len(layer4.rows)} layers"
    assert layer4.output_shape == (2048, 7, 7)
    assert COLUMNS["params"].get(layer4) == 14_964_736
    assert layer4.input_shapes == ((1024, 14, 14),)
    assert not isinstance(lines["conv1"], FoldedRows)


def test_a_block_of_one_layer_keeps_its_type() -> None:
    conv = "conv2d: {name: c, out_channels: 2, kernel_size: 3}"
    text = f"input: [1, 8, 8]\nlayers:\n  - sequential: {{name: stem, layers: [{conv}]}}\n"
    (line,) = View(convcalc.analyse(convcalc.loads(text)), columns(DEFAULT), depth=1).lines
    assert (line.name, line.type, line.config["kernel_size"]) == ("stem", "conv2d", (3, 3))


def test_a_filter_counts_what_it_hides() -> None:
    view = View(convcalc.analyse("lenet"), columns(DEFAULT), patterns=["conv*", "linear"])
    assert [line.name for line in view.lines] == ["conv1", "conv2", "fc1", "fc2", "output"]
    assert view.hidden == 7
    assert view.total(COLUMNS["params"]) == 44426


def test_top_of_folded_rows_counts_layers() -> None:
    view = View(convcalc.analyse("resnet50"), columns(DEFAULT), depth=1, sort=COLUMNS["params"], top=1)
    (layer4,) = view.lines
    assert layer4.name == "layer4"
    assert view.hidden == 175 - len(layer4.rows)


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [
        ("params", "fc1", "relu_4"),
        ("macs", "conv2", "relu_4"),
        ("name", "conv1", "relu_4"),
        ("output_shape", "fc1", None),
        ("receptive_field", "fc1", "relu_1"),
        ("line", "output", "conv1"),
    ],
)
def test_sorting_starts_with_the_largest_figure_or_the_first_word(column: str, first: str, last: str | None) -> None:
    lines = View(convcalc.analyse("lenet"), columns(DEFAULT), sort=COLUMNS[column]).lines
    if column == "output_shape":
        assert lines[0].output_shape == max(line.output_shape for line in lines)
    else:
        assert lines[0].name == first
        assert lines[-1].name == last


def test_sorting_by_a_stride_that_is_a_fraction() -> None:
    text = "input: [1, 8, 8]\nlayers:\n  - upsample: {scale_factor: 2}\n  - max_pool2d: {kernel_size: 4}\n  - flatten\n"
    lines = View(convcalc.analyse(convcalc.loads(text)), columns(DEFAULT), sort=COLUMNS["field_stride"]).lines
    assert [line.type for line in lines] == ["max_pool2d", "upsample", "flatten"]


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        columns(["name", "prams"])
    assert "`prams`" in caught.value.message
    assert caught.value.help == "did you mean params or params %? `--columns help` lists them"


@pytest.mark.parametrize("column", ALL.values(), ids=lambda column: column.name)
def test_a_column_has_two_names(column: Column) -> None:
    assert columns([column.header]) == columns([column.header.upper()]) == columns([column.name]) == [column]


def test_a_share_is_of_the_whole_network() -> None:
    view = View(convcalc.analyse("lenet"), columns(["params %"]), sort=columns(["macs %"])[0], top=1)
    assert [view.columns[0].get(line) for line in view.lines] == [2416 / 44426]


def test_columns_come_once_and_in_order() -> None:
    assert [column.name for column in columns(["macs", "name", "macs"])] == ["macs", "name"]


@pytest.mark.parametrize("column", COLUMNS.values(), ids=lambda column: column.name)
def test_every_column_has_a_figure_of_every_line(column: "convcalc.report.columns.Column") -> None:
    for depth in (None, 1):
        for line in View(convcalc.analyse("resnet18"), columns(DEFAULT), depth=depth).lines:
            assert column.get(line) is not None
    assert column.help
