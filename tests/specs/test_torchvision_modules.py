"""Networks with attention, or on a dilated backbone, against torchvision's models, module by module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.report.rows import Row

FILE = Path(__file__).parents[1] / "data" / "torchvision_modules.json"
MODULES: dict[str, list[list[Any]]] = json.loads(FILE.read_text(encoding="utf-8"))["modules"]


def sliding(config: dict[str, Any]) -> list[int]:
    """Kernel, stride, padding, dilation and groups of a convolution that is the same on all sides."""
    padding = [cells for sides in config["padding"] for cells in sides]
    windows = [set(config["kernel_size"]), set(config["stride"]), set(padding), set(config["dilation"])]
    return [*(number for (number,) in windows), config["groups"]]


def module(row: Row) -> list[Any]:
    """A row as the file would have it."""
    figures = [row.type, list(row.output_shape), row.params, row.macs]
    return [*figures, sliding(row.config)] if row.type == "conv2d" else figures


@pytest.mark.parametrize("model", MODULES)
def test_modules_in_order(model: str) -> None:
    expected = MODULES[model]
    types = {type for type, *_ in expected}
    rows = [row for row in convcalc.analyse(model).rows if row.type in types]
    assert [(row.name, module(row)) for row in rows] == [(row.name, wanted) for row, wanted in zip(rows, expected)]
    assert len(rows) == len(expected)
