"""The difference between two networks as tables: whatever the networks, nothing is left out and columns add up."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from convcalc.render.changed_layers import layers_sheet
from convcalc.render.changes import value_text
from convcalc.render.difference import difference_markdown, totals_sheet
from convcalc.render.formats.json import json_text
from convcalc.render.sheet import Sheet
from convcalc.report.changes import SAME
from convcalc.report.difference import Difference
from convcalc.report.report import Report
from tests.strategies.pairs import pairs

VALUES = [
    (None, "none"),
    (False, "false"),
    (12000, "12,000"),
    (0.1, "0.1"),
    ("same", "same"),
    ((3, 5), "3x5"),
    ([], "–"),
    ([[0, 1], [2, 2]], "0+1x2"),
    (["1/2", 1], "1/2x1"),
    ([None, 7], "?x7"),
    (["a", "b"], "a, b"),
    (((6, 24, 24),), "6x24x24"),
    (((6, 24, 24), (1, 1, 1)), "6x24x24, 1x1x1"),
    ({"fc": (10,), "aux": (2, 6)}, "fc 10, aux 2x6"),
    ({"regions": (3, 3)}, "regions 3x3"),
]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=[case[1] for case in VALUES])
def test_values(value: object, text: str) -> None:
    assert value_text(value) == text


def number(cell: str) -> int:
    return 0 if cell == "–" else int(cell.replace(",", ""))


def assert_adds_up(sheet: Sheet, difference: Difference) -> None:
    for column, name in ((2, "params"), (3, "macs")):
        total = difference.totals[name].difference
        assert sum(number(row[column]) for row in sheet.rows) == total
        assert sheet.total is not None
        assert number(sheet.total[column]) == total


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs())
def test_any_difference_is_shown(pair: tuple[Report, Report]) -> None:
    found = Difference(*pair)
    assert json.loads(json_text(found.to_dict())) == json.loads(json.dumps(found.to_dict()))
    text = "".join(difference_markdown(found))
    differing = [layer for layer in found.layers if layer.status != SAME]
    assert all(f" {layer.row.name} |" in text for layer in differing)
    if differing:
        every = layers_sheet(found, every=True)
        assert len(every.rows) == len(differing)
        for sheet in (every, layers_sheet(found), layers_sheet(found, depth=1), layers_sheet(found, depth=2)):
            assert_adds_up(sheet, found)
        assert all(row[-1] for row in every.rows), "each line says what differs"
    assert {row[0] for row in totals_sheet(found).rows} >= {"layers", "params", "macs"}
