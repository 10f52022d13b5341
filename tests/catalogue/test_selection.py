"""Networks chosen and ordered by their figures."""

from __future__ import annotations

from typing import Any

import pytest

from convcalc.catalogue.figures import ZooNetwork
from convcalc.catalogue.selection import FIGURES, Condition, at_least, at_most, chosen, mentions, ordered, reads
from convcalc.catalogue.selection import without_each as wider
from convcalc.report.figures import BY_NAME
from convcalc.report.sums import Partial


def _figures(params: int | None, macs: int | None, field: Any) -> dict[str, Any]:
    return {"params": params, "macs": macs, "receptive_field": field}


ENTRIES = [
    ZooNetwork("b", "Bee", "Sees", "Doe, A Network, 2001", {"input": [3, 32, 32]}, _figures(10, 500, [7, 9])),
    ZooNetwork("a", "Ay", "", "Roe 1999", {"left": [1, 8, 8], "right": [1, 8, 8]},
          _figures(Partial(30), 100,
                   {"out": {"left": [5, 5], "right": [11, 11]}, "aux": {"left": [3, 3], "right": None}})),
    ZooNetwork("c", "", "", "", {"input": [10]}, _figures(None, 300, [None, 20])),
]  # fmt: skip


def targets(entries: list[ZooNetwork]) -> str:
    return "".join(entry.target for entry in entries)


def test_the_field_is_the_largest_of_the_least() -> None:
    assert [entry.number(BY_NAME["receptive_field"]) for entry in ENTRIES] == [7, 11, None]


@pytest.mark.parametrize(
    ("order", "largest_first", "reversed_"),
    [
        ("target", "abc", "cba"),
        ("params", "abc", "bac"),
        ("macs", "bca", "acb"),
        ("receptive_field", "abc", "bac"),
        ("input", "bac", "cab"),
        ("source", "cba", "abc"),
    ],
)
def test_orders(order: str, largest_first: str, reversed_: str) -> None:
    assert targets(ordered(ENTRIES, order)) == largest_first
    assert targets(ordered(ENTRIES, order, reverse=True)) == reversed_


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (at_least(FIGURES["params"], 10), "ba"),
        (at_least(FIGURES["params"], 11), "a"),
        (at_most(FIGURES["params"], 30), "b"),  # of a there may be more, of c nobody knows
        (at_most(FIGURES["macs"], 300), "ac"),
        (at_least(FIGURES["receptive_field"], 8), "a"),
        (reads([1, 8, 8]), "a"),
        (reads({"left": [1, 8, 8], "right": [1, 8, 8]}), "a"),
        (reads({"left": [1, 8, 8]}), ""),
        (mentions("NETWORK"), "b"),
        (mentions("bee"), "b"),
    ],
)
def test_conditions(condition: Condition, found: str) -> None:
    assert targets(chosen(ENTRIES, [condition])) == found


def test_what_each_condition_keeps_out() -> None:
    conditions: dict[str, Any] = {"few": at_most(FIGURES["params"], 5), "much": at_least(FIGURES["macs"], 400)}
    assert chosen(ENTRIES, conditions.values()) == []
    assert wider(ENTRIES, conditions) == {"few": 1, "much": 0}
