"""Transformers and their kin against torchvision's models, module by module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.report.receptive_field import ReceptiveField

DATA = Path(__file__).parents[1] / "data"
TORCHVISION = json.loads((DATA / "transformers.json").read_text(encoding="utf-8"))


def report_of(target: str) -> convcalc.Report:
    file, variant = target.split("@")
    return convcalc.analyse(f"{DATA / 'specs' / file}.yaml@{variant}")


@pytest.mark.parametrize("target", TORCHVISION["totals"])
def test_totals(target: str) -> None:
    totals, expected = report_of(target).totals, TORCHVISION["totals"][target]
    assert {figure: getattr(totals, figure) for figure in expected} == expected


@pytest.mark.parametrize("target", TORCHVISION["rows"])
def test_weighted_layers_in_order(target: str) -> None:
    expected: list[list[Any]] = TORCHVISION["rows"][target]
    types = {type for type, *_ in expected}
    rows = [row for row in report_of(target).rows if row.type in types]
    assert [[row.type, list(row.output_shape), row.params] for row in rows] == [row[:3] for row in expected]
    assert [(row.name, row.macs) for row, (*_, macs) in zip(rows, expected) if macs is not None] == [
        (row.name, macs) for row, (*_, macs) in zip(rows, expected) if macs is not None
    ]


@pytest.mark.parametrize("depth", [1, 12])
def test_attention_over_patches_sees_the_whole_image(depth: int) -> None:
    """From the first block on, though each patch saw 16x16 pixels and flattening put positions out of order."""
    report = convcalc.analyse(f"{DATA / 'specs' / 'vit.yaml'}@vit_b_16", params={"depth": depth})
    for name in ("encoder.0.self_attention", "ln", "class", "head"):
        field = report.row(name).receptive_field
        assert isinstance(field, ReceptiveField)
        assert field.size == field.clipped == [224, 224], name
        assert field.stride is None, name


def test_windows_of_swin_grow_by_half_a_window_on_each_side() -> None:
    """28 pixels are one window of 7 patches; shifted by 3, a window reaches into two of those before it."""
    report = report_of("swin@swin_t")
    names = ("patch", "stage1.block.0.attn", "stage1.block.1.attn", "stage2.merge.reduction", "stage2.block.0.attn")
    fields = [report.row(name).receptive_field for name in names]
    assert [field.size for field in fields if isinstance(field, ReceptiveField)] == [
        [size, size] for size in (4, 28, 56, 84, 112)
    ]
