"""The list of figures: what it declares is what reports give."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.arith.units import parse_quantity
from convcalc.report.figure import COUNT, LAYER, NETWORK, Figure
from convcalc.report.figures import BY_NAME, FIGURES, columns, totals
from tests.helpers import analysed

TIED = """\
input: [2, 6, 6]
layers:
  - conv2d: {name: first, out_channels: 2, kernel_size: 3, padding: same}
  - batch_norm2d: {name: norm}
  - conv2d: {name: tied, tied: first, out_channels: 2, kernel_size: 3, padding: same}
"""
# Columns that are a part of another field of the rows: of `config`, of `receptive_field`.
PARTS = {"kernel_size", "stride", "clipped", "field_stride", "field_padding"}
COUNTS = [figure for figure in FIGURES if figure.is_sum and figure.of != NETWORK]


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(FIGURES)


def test_the_rows_of_the_json_report_are_the_columns() -> None:
    keys = convcalc.analyse("lenet").rows[0].to_dict().keys()
    fields = {figure.json or figure.name for figure in columns().values()} - PARTS
    # What is frozen is what params has more than trainable_params; output_elements is units by the name of its total.
    assert keys == fields - {"frozen_params"} | {"config", "output_elements"}


def test_a_layer_has_every_count_in_its_json() -> None:
    keys = convcalc.analyse("lenet").rows[0].to_dict().keys()
    assert [figure.name for figure in COUNTS if figure.name not in keys] == ["frozen_params"]


def test_the_totals_are_those_of_the_list() -> None:
    assert list(convcalc.analyse("lenet").totals.to_dict()) == [figure.name for figure in totals()]


@pytest.mark.parametrize("figure", COUNTS, ids=lambda figure: figure.name)
def test_what_is_owned_is_zero_in_a_tied_layer(figure: Figure) -> None:
    report = analysed(TIED)
    first, tied = figure.of_layer(report.row("first")), figure.of_layer(report.row("tied"))
    of_one_size = ("params_unshared", "params_fully_connected")  # zero as well, for both maps have the same size
    assert tied == (0 if figure.owned or figure.name in of_one_size else first)


@pytest.mark.parametrize("figure", [figure for figure in FIGURES if figure.is_number], ids=lambda figure: figure.name)
def test_a_quantity_may_say_what_it_counts(figure: Figure) -> None:
    assert parse_quantity(f"5 {figure.counts}", figure.counts) == 5
    assert parse_quantity(f"5k{figure.counts}", figure.counts) == 5000


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_an_entry_is_complete(figure: Figure) -> None:
    assert figure.help
    assert figure.header
    assert (figure.formula is not None) == figure.is_sum
    assert figure.kind != COUNT or figure.is_sum or figure.of == LAYER
    assert not figure.tables or figure.label
    assert figure.importance or figure.of == NETWORK or figure.json
