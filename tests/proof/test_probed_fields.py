"""Receptive fields of every module that was probed in torchvision's networks, blocks and stages included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.rows import Row

DATA = Path(__file__).parents[1] / "data"
PROBED: dict[str, list[list[Any]]] = json.loads((DATA / "probed_fields.json").read_text())["models"]
TARGETS = {"alexnet": "alexnet@torchvision", "inception_v3": "inception_v3_no_aux"}
"""Of the models whose own name is another network: AlexNet as published, and Inception with its auxiliary head."""


def field_of(row: Row) -> list[Any]:
    field = row.receptive_field
    assert isinstance(field, ReceptiveField)
    return [field.size, field.stride, field.padding]


@pytest.mark.parametrize("model", PROBED)
def test_every_probed_module(model: str) -> None:
    """Convolutions agree one by one; any other module with a row between its last convolution and the next."""
    rows = convcalc.analyse(TARGETS.get(model, model)).rows
    convolutions = [index for index, row in enumerate(rows) if row.type == "conv2d"]
    probed = PROBED[model]
    assert len([row for row in probed if row[1] == "Conv2d"]) == len(convolutions)
    seen = 0
    for name, kind, *field in probed:
        if kind == "Conv2d":
            assert field_of(rows[convolutions[seen]]) == field, name
            seen += 1
            continue
        end = convolutions[seen] if seen < len(convolutions) else len(rows)
        candidates = [field_of(row) for row in rows[convolutions[seen - 1] : end]]
        assert field in candidates, name
