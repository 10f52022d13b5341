"""Every shipped network, rebuilt row by row in PyTorch from its report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

import convcalc

pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")

from convcalc import layers
from tests.oracles.torch_layers import Outcome, evaluate
from tests.oracles.torch_networks import torch_config
from tests.specs.reports import report_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class StandIn:
    """The type of PyTorch whose output has the same shape as that of a type which PyTorch lacks."""

    kind: str
    reason: str


STAND_INS = {
    **{
        f"locally_connected{rank}d": StandIn(f"conv{rank}d", "its window moves as a convolution's")
        for rank in (1, 2, 3)
    },
    "subsample2d": StandIn("avg_pool2d", "its window moves as a pooling's; its two weights are a channel's own"),
    "euclidean_rbf": StandIn("linear", "distances to as many centres as there are output features"),
}

SHARING = ("sharing", "connection_table", "bias")
"""Parameters that say which weights are the same, and leave the shape alone."""


def shape_only(row: Row) -> StandIn | None:
    """What stands in for a row of which PyTorch can say no more than the shape."""
    config = row["config"]
    unshared = config.get("sharing", "full") not in ("full", None)
    if unshared or config.get("connection_table") is not None or config.get("bias") == "per_position":
        kind = STAND_INS[row["type"]].kind if row["type"] in STAND_INS else row["type"]
        return StandIn(kind, "PyTorch's convolutions share weights and biases, and read every channel")
    return STAND_INS.get(row["type"])


_known: dict[str, Outcome] = {}


def outcome_of(kind: str, config: Mapping[str, Any], input_shapes: list[list[int]]) -> Outcome:
    """What PyTorch says of a layer; one that many networks have, or one network many times, is asked for once."""
    key = json.dumps([kind, config, input_shapes])
    if key not in _known:
        _known[key] = evaluate(kind, config, input_shapes)
    return _known[key]


class Rebuilt:
    """A report as PyTorch has it: the Outcome of each row, whose input shapes are the outputs of those before it.

    `shape_only` are the rows of which only the shape was compared; of a type that the spec itself defines, nothing.
    """

    def __init__(self, report: Row) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.shape_only: set[str] = set()
        self._shapes: dict[str, list[int]] = dict(report["inputs"])
        for row in report["layers"]:
            outcome = self.outcomes[row["name"]] = self._ask(row)
            self._shapes[row["name"]] = list(outcome.output_shape)

    def _ask(self, row: Row) -> Outcome:
        kind, config = row["type"], torch_config(row)
        if kind not in layers.names():
            return reported(row)
        if stand_in := shape_only(row):
            kind = stand_in.kind
            config = {name: value for name, value in config.items() if name not in SHARING}
            self.shape_only.add(row["name"])
        outcome = outcome_of(kind, config, [self._shapes[name] for name in row["inputs"]])
        # Parameters that belong to an earlier entry count there.
        return outcome if row["tied_to"] is None else replace(outcome, params=0, buffers=0)


def reported(row: Row) -> Outcome:
    return Outcome(tuple(row["output_shape"]), row["params"], row["buffers"], row["macs"])


def disagreements(report: Row, rebuilt: Rebuilt) -> list[str]:
    """A line for each row on which the two disagree."""
    lines = []
    for row in report["layers"]:
        expected, received = rebuilt.outcomes[row["name"]], reported(row)
        if row["name"] in rebuilt.shape_only:
            agree = expected.output_shape == received.output_shape
        else:
            agree = expected == received
        if not agree:
            lines.append(f"{row['name']} ({row['type']}): PyTorch {expected}, convcalc {received}")
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("target", sorted(convcalc.zoo()))
def test_network_agrees(target: str) -> None:
    """Every row's shape, parameters, buffers and macs, and the totals where every row could be compared."""
    report = report_of(target).to_dict()
    rebuilt = Rebuilt(report)
    assert disagreements(report, rebuilt) == []
    if not rebuilt.shape_only:
        for figure in ("params", "buffers", "macs"):
            total = sum(getattr(outcome, figure) for outcome in rebuilt.outcomes.values())
            assert report["totals"][figure] == total, figure
