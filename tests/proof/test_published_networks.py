"""Shipped networks against what their papers, authors and users have published."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.report import Report
from convcalc.report.rows import Row

DATA = Path(__file__).parents[1] / "data"
PUBLISHED = json.loads((DATA / "published.json").read_text(encoding="utf-8"))
ARAUJO = json.loads((DATA / "araujo.json").read_text(encoding="utf-8"))


@cache
def report_of(target: str) -> Report:
    return convcalc.analyse(target)


def field_of(row: Row) -> list[Any]:
    field = row.receptive_field
    assert isinstance(field, ReceptiveField)
    return [field.size, field.stride, field.padding]


@pytest.mark.parametrize("case", ARAUJO["table"], ids=lambda case: case["model"])
def test_the_table_of_araujo_norris_and_sim(case: dict[str, Any]) -> None:
    received = field_of(report_of(case["target"]).row(case["layer"]))
    assert received == [[figure, figure] for figure in case["published"]]


def test_padding_of_pytorch_moves_mobilenet_by_31_pixels() -> None:
    """Published is 126, with TensorFlow's padding; PyTorch pads the five strided layers on the left too."""
    assert field_of(report_of("mobilenet_v1_pytorch").row("layer.8.0.pointwise.relu")) == [
        [315, 315],
        [32, 32],
        [157, 157],
    ]


@pytest.mark.parametrize("target", PUBLISHED["parts"])
def test_parts_of_a_network(target: str) -> None:
    """Sums over a block or a layer, as papers print them."""
    report, published = report_of(target), PUBLISHED["parts"][target]["figures"]
    received = {
        part: {
            figure: sum(getattr(row, figure) for row in report.rows if f"{row.name}.".startswith(f"{part}."))
            for figure in figures
        }
        for part, figures in published.items()
    }
    assert received == published


@pytest.mark.parametrize("target", PUBLISHED["sequences"])
def test_layers_in_order(target: str) -> None:
    """Output shapes in order, with parameters where they are published."""
    published = PUBLISHED["sequences"][target]
    rows = [row for row in report_of(target).rows if row.type in published["types"]]
    received = [[list(row.output_shape), row.params] for row in rows]
    assert [figures[: len(printed)] for figures, printed in zip(received, published["rows"])] == published["rows"]
    assert len(received) == len(published["rows"])


UNITS = {"M": 10**6, "G": 10**9}


@pytest.mark.parametrize(
    ("target", "figure", "printed"),
    [row[:3] for row in PUBLISHED["rounded"]["rows"]],
    ids=[" ".join(row[:2]) for row in PUBLISHED["rounded"]["rows"]],
)
def test_what_a_paper_prints_in_millions(target: str, figure: str, printed: str) -> None:
    """Less than one unit of the last digit away: papers round, or cut off, or both in one table (ResNet's)."""
    number, unit = Decimal(printed[:-1]), UNITS[printed[-1]]
    last_digit = Decimal(1).scaleb(int(number.as_tuple().exponent)) * unit
    assert abs(getattr(report_of(target).totals, figure) - number * unit) < last_digit


@pytest.mark.parametrize(("target", "printed", "extra"), PUBLISHED["caffe_blobs"]["rows"])
def test_caffe_counts_statistics_of_norms_as_parameters(target: str, printed: int, extra: int) -> None:
    """Mean, variance and one scale factor a norm, as many as PyTorch's buffers; `extra` is a bias of Caffe's conv1."""
    totals = report_of(target).totals.to_dict()
    assert totals["params"] + totals["buffers"] + extra == printed


def test_tf_slim_counts_10173112_variables_of_inception_v2() -> None:
    """Without the classifier. Its norms have a shift, a mean and a variance, one number a channel more than here."""
    rows = [row for row in report_of("inception_v2").rows if row.name != "fc"]
    normalised = sum(row.output_shape[0] for row in rows if row.type == "batch_norm2d")
    assert sum(row.to_dict()["params"] for row in rows) + normalised == 10_173_112


def test_a_single_column_alexnet_has_62378344_parameters() -> None:
    """As imgclsmob and darknet have it: the widths of the paper, every convolution reading all maps."""
    assert convcalc.analyse("alexnet@single-column").totals.params == 62_378_344
