"""A spec that differs from its source is found: in shapes, parameters, buffers, shared parameters and the total."""

from __future__ import annotations

from dataclasses import replace

import pytest

import convcalc
from convcalc.agreement import differences
from convcalc.importers.network import ForeignNetwork, Input, Operation, Output, Tensor

SPEC = """
input: [3, 5, 5]
layers:
  - conv2d: {name: one, out_channels: 3, kernel_size: 1}
  - conv2d: {name: two, tied: one, out_channels: 3, kernel_size: 1}
  - batch_norm2d: {name: norm}
"""
SHAPE = (3, 5, 5)
CONV = {"weight": Tensor("w", (3, 3, 1, 1)), "bias": Tensor("b", (3,))}
NORM = {"weight": Tensor("gamma", (3,)), "bias": Tensor("beta", (3,))}
STATISTICS = {"running_mean": Tensor("mean", (3,), False), "running_var": Tensor("var", (3,), False)}


def network(*operations: Operation) -> ForeignNetwork:
    return ForeignNetwork("Net", "test", [Input("x", SHAPE)], ["c"], list(operations))


def one() -> Operation:
    return Operation("conv2d", ["x"], [Output("a", SHAPE)], tensors=CONV)


def two() -> Operation:
    return Operation("conv2d", ["a"], [Output("b", SHAPE)], tensors=CONV, place="node 2")


def norm() -> Operation:
    return Operation("batch_norm2d", ["b"], [Output("c", SHAPE)], tensors=NORM, buffers=STATISTICS)


def with_counter() -> Operation:
    counter = {"num_batches_tracked": Tensor("count", (1,), False)}
    return replace(norm(), buffers={**STATISTICS, **counter})


@pytest.mark.parametrize("last", [norm, with_counter])
def test_nothing_differs(last) -> None:  # type: ignore[no-untyped-def]
    assert differences(convcalc.loads(SPEC), network(one(), two(), last())) == []


OTHER = {"weight": Tensor("w2", (3, 3, 1, 1)), "bias": Tensor("b2", (3,))}
PARTLY = {**CONV, "bias": Tensor("b2", (3,))}


@pytest.mark.parametrize(("second", "third", "messages"), [
    (replace(two(), outputs=[Output("b", (3, 5, 4))]), norm(), ["its output is 3x5x5, in the source 3x5x4"]),
    (replace(two(), tensors={"weight": CONV["weight"]}), norm(), ["it has 12 parameters, in the source 9"]),
    (replace(two(), tensors=OTHER), norm(),
     ["it has parameters of its own in the source", "the spec has 18 parameters, the source has 30"]),
    (replace(two(), tensors=PARTLY), norm(), ["the spec has 18 parameters, the source has 21"]),
    (two(), replace(norm(), buffers={"running_mean": STATISTICS["running_mean"]}),
     ["it has 7 elements of buffers, in the source 3"]),
])  # fmt: skip
def test_what_differs(second: Operation, third: Operation, messages: list[str]) -> None:
    assert [each.message for each in differences(convcalc.loads(SPEC), network(one(), second, third))] == messages


def test_another_number_of_layers() -> None:
    (problem,) = differences(convcalc.loads(SPEC), network(one(), norm()))
    assert problem.message == "the spec has 3 layers, the source has 2"


def test_where_it_differs() -> None:
    second = replace(two(), outputs=[Output("b", (3, 5, 4))])
    (problem,) = differences(convcalc.loads(SPEC), network(one(), second, norm()))
    assert (problem.subject, problem.where.line, problem.help) == ("two (conv2d)", 5, "in the source it is node 2")
