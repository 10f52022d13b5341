"""Every shipped network, rebuilt row by row in PyTorch from its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pytest

import convcalc

pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'
from torch.utils import flop_counter  # type: ignore[import-not-found, unused-ignore]  # as above

from tests.oracles.torch_layers import Outcome, build, macs, sample

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


def torch_config(row: Row, shapes: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """The row's parameters as the oracle reads them: a size in place of the entry that it is `like`."""
    config = dict(row["config"])
    like = config.pop("like", None)
    if like is not None and config.get("size") is None:
        scopes = accumulate(row["name"].split(".")[:-1], lambda outer, inner: f"{outer}.{inner}")
        names = [like, *(f"{scope}.{like}" for scope in scopes)]
        config["size"] = list(next(shapes[name] for name in reversed(names) if name in shapes)[1:])
    return config


class Rebuilt:
    """A report run as a PyTorch computation on the meta device, with one Outcome for each row."""

    def __init__(self, report: Row) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.shape_only: set[str] = set()
        with torch.device("meta"), flop_counter.FlopCounterMode(display=False) as self._counter:
            self._values = {name: sample(shape) for name, shape in report["inputs"].items()}
            for row in report["layers"]:
                self.outcomes[row["name"]] = self._run(row)

    def _run(self, row: Row) -> Outcome:
        tensors = [self._values[name] for name in row["inputs"]]
        shapes = {name: tuple(value.shape[1:]) for name, value in self._values.items()}
        kind, config = row["type"], torch_config(row, shapes)
        if stand_in := shape_only(row):
            kind = stand_in.kind
            config = {name: value for name, value in config.items() if name not in SHARING}
            self.shape_only.add(row["name"])
        layer = build(kind, config, [tensor.shape[1:] for tensor in tensors])
        before = macs(self._counter)
        output = self._values[row["name"]] = layer.forward(*tensors)
        # Parameters that belong to an earlier entry count there.
        owned = row["tied_to"] is None
        return Outcome(
            tuple(output.shape[1:]),
            layer.parameter_count if owned else 0,
            layer.buffer_count if owned else 0,
            macs(self._counter) - before,
        )


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


@pytest.mark.parametrize("target", sorted(convcalc.zoo()))
def test_network_agrees(target: str) -> None:
    """Every row's shape, parameters, buffers and macs, and the totals where every row could be compared."""
    report = convcalc.analyse(convcalc.load(target)).to_dict()
    rebuilt = Rebuilt(report)
    assert disagreements(report, rebuilt) == []
    if not rebuilt.shape_only:
        for figure in ("params", "buffers", "macs"):
            total = sum(getattr(outcome, figure) for outcome in rebuilt.outcomes.values())
            assert report["totals"][figure] == total, figure
