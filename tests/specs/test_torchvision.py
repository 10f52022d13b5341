"""The models of torchvision: totals of all, what is published of their weights, and 17 of them call by call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import convcalc
from convcalc.report.report import Report
from convcalc.report.rows import Row
from tests.specs import reports

DATA = Path(__file__).parents[1] / "data"
MODELS: dict[str, dict[str, Any]] = json.loads((DATA / "torchvision.json").read_text(encoding="utf-8"))["models"]
LAYERS = sorted(path.stem for path in (DATA / "torchvision_layers").glob("*.json"))
TARGETS = {"alexnet": "alexnet@torchvision"}
"""Targets that are not found by the model's own name: that name is the network of the paper."""


def report_of(model: str) -> Report:
    return reports.report_of(TARGETS.get(model, model))


@pytest.mark.parametrize("model", MODELS)
def test_totals(model: str) -> None:
    report, expected = report_of(model), MODELS[model]
    assert [list(shape) for shape in report.inputs.values()] == [expected["input"]]
    assert [list(shape) for shape in report.outputs.values()] == expected["outputs"]
    figures = ("params", "buffers", "macs")
    assert {name: getattr(report.totals, name) for name in figures} == {name: expected[name] for name in figures}


PUBLISHED = [(model, *figures) for model, expected in MODELS.items() for figures in expected["published"]]


@pytest.mark.parametrize(("model", "size", "params", "gmacs"), PUBLISHED)
def test_published(model: str, size: int, params: int | None, gmacs: float | None) -> None:
    """The metadata of the weights, at the input that they are for."""
    same = MODELS[model]["input"][1] == size
    totals = (report_of(model) if same else convcalc.analyse(model, input=[3, size, size])).totals
    assert params in (None, totals.params)
    assert totals.macs is not None
    assert gmacs in (None, round(totals.macs / 10**9, 3))


SMALLEST = [(model, expected["min_size"]) for model, expected in MODELS.items() if "min_size" in expected]
NOT_THE_SMALLEST = {
    "efficientnet_v2": "33 is published, and PyTorch takes less",
    "maxvit": "the size of the image is a parameter of the model, which a spec gives by its input",
    "swin": "PyTorch fills up a map that its windows do not divide, and takes less",
    "vit": "as maxvit",
}
"""Models whose published size works, as every other's does, and is not the first that works."""


@pytest.mark.parametrize(("model", "size"), SMALLEST)
def test_smallest_input(model: str, size: int) -> None:
    """It works without a change of parameters, and one pixel less is refused."""
    target = TARGETS.get(model, model)
    assert convcalc.analyse(target, input=[3, size, size]).totals.params == MODELS[model]["params"]
    if size > 1 and not model.startswith(tuple(NOT_THE_SMALLEST)):
        with pytest.raises(convcalc.SpecError):
            convcalc.analyse(target, input=[3, size - 1, size - 1])


class Call(NamedTuple):
    """A call of torch, as torchvision_layers has it: no number where the call alone does not tell."""

    name: str
    module: str | None
    shape: list[Any]
    params: int | None
    macs: int | None

    @property
    def kind(self) -> str:
        """The module's class, or the function's name without where it lies."""
        return self.module or self.name.rpartition(".")[2]

    @property
    def outputs(self) -> list[list[int]]:
        return self.shape if isinstance(self.shape[0], list) else [self.shape]


ATTENTION = ("MultiheadAttention", "ShiftedWindowAttention")
"""Modules whose multiply-accumulates were measured with the whole model only."""

LEARNED = ("class_token", "positional_embedding", "layer_scale")
"""Rows with parameters that torch hands to a function, so that no call tells how many they are."""


class Rule(NamedTuple):
    """Calls of torch, one after the other, and the types of the rows that stand for them."""

    calls: tuple[str, ...]
    types: tuple[str, ...]


def rules(text: str) -> list[Rule]:
    lines = [line.strip() for line in text.strip().splitlines()]
    pairs = [line.split(":") for line in lines if not line.startswith("#")]
    return [Rule(tuple(calls.split()), tuple(types.split())) for calls, types in pairs]


# The first rule that fits is taken.
RULES = rules("""
    Conv2d: conv2d
    Linear: linear
    MultiheadAttention: multihead_attention
    ShiftedWindowAttention: window_attention
    BatchNorm2d: batch_norm2d
    LayerNorm: layer_norm
    LayerNorm2d: layer_norm2d
    ReLU: relu
    relu: relu
    ReLU6: relu6
    SiLU: silu
    GELU: gelu
    Sigmoid: sigmoid
    Hardswish: hardswish
    Hardsigmoid: hardsigmoid
    MaxPool2d: max_pool2d
    max_pool2d: max_pool2d
    AvgPool2d: avg_pool2d
    avg_pool2d: avg_pool2d
    AdaptiveAvgPool2d: global_avg_pool
    AdaptiveAvgPool2d: adaptive_avg_pool2d
    adaptive_avg_pool2d: global_avg_pool
    adaptive_avg_pool2d: adaptive_avg_pool2d
    Dropout: dropout
    StochasticDepth: drop_path
    Flatten: flatten
    flatten: flatten
    Permute: permute
    add: add
    add_: add
    mul: mul
    cat: concat
    reshape: flatten
    permute: permute
    mul: layer_scale
    expand cat: class_token
    add: positional_embedding
    # One position is taken out of a sequence, and its axis dropped.
    __getitem__: slice flatten
    # A mean over the positions drops their axes.
    mean: global_avg_pool flatten
    # Channels are split in two axes, these exchanged and joined again.
    view transpose contiguous view: channel_shuffle
    # One call gives both halves.
    chunk: chunk chunk
    # Every second row and column, in four ways: here rows first, and of both halves columns.
    __getitem__ __getitem__ __getitem__ __getitem__ cat: slice slice concat slice slice concat
""")

LONGEST = max(len(part) for rule in RULES for part in rule)

WITHOUT_EFFECT = {
    "cat": "DenseNet's blocks concatenate what they have before each layer: before the first, one map",
    "pad": "Swin pads a map to an even size, which it has",
}
"""Calls that no row stands for where they give the shape that the call before gave."""


def fitting(kinds: Sequence[str], types: Sequence[str]) -> Rule | None:
    """The rule for the first of the calls and the first of the rows."""
    for rule in RULES:
        if tuple(kinds[: len(rule.calls)]) == rule.calls and tuple(types[: len(rule.types)]) == rule.types:
            return rule
    return None


def aligned(calls: Sequence[Call], rows: Sequence[Row]) -> Iterator[tuple[Sequence[Call], Sequence[Row]]]:
    """All calls and all rows in order, in pairs of what stands for each other."""
    kinds, types = [call.kind for call in calls], [row.type for row in rows]
    at = seen = 0
    while at < len(calls):
        rule = fitting(kinds[at : at + LONGEST], types[seen : seen + LONGEST])
        if rule is not None:
            yield calls[at : at + len(rule.calls)], rows[seen : seen + len(rule.types)]
            at, seen = at + len(rule.calls), seen + len(rule.types)
            continue
        found = f"{rows[seen].name}, {types[seen]}" if seen < len(rows) else "none"
        assert kinds[at] in WITHOUT_EFFECT, f"no row stands for {calls[at]}; the next is {found}"
        assert calls[at].outputs == calls[at - 1].outputs, f"no row stands for {calls[at]}, which has an effect"
        at += 1
    assert types[seen:] == [], f"torch does not call {rows[seen].name}"


def assert_same(calls: Sequence[Call], rows: Sequence[Row]) -> None:
    """Every call has its row, in order, with the same shape, parameters and multiply-accumulates.

    What no call tells, `test_totals` leaves over: the sum of LEARNED, and of the products in ATTENTION.
    """
    for called, standing in aligned(calls, rows):
        # Of several calls for several rows the last give what leaves them, as many maps as there may be.
        one_to_one = len(called) == len(standing)
        told = list(called) if one_to_one else [called[-1]] * len(standing)
        outputs = [shape for call in (called if one_to_one else called[-1:]) for shape in call.outputs]
        assert [list(row.output_shape) for row in standing[-len(outputs) :]] == outputs, called
        for row, call in zip(standing, told, strict=True):
            assert row.type in LEARNED or row.params == (call.params or 0), (row.name, call)
            assert call.kind in ATTENTION or row.macs == (call.macs or 0), (row.name, call)


def calls_of(model: str) -> list[Call]:
    path = DATA / "torchvision_layers" / f"{model}.json"
    return [Call(*row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


@pytest.mark.parametrize("model", LAYERS)
def test_every_call_in_order(model: str) -> None:
    assert_same(calls_of(model), report_of(model).rows)


@pytest.mark.parametrize("model", ["resnet18", "shufflenet_v2_x1_0", "vit_b_16"])
def test_no_call_and_no_row_may_be_missing_or_elsewhere(model: str) -> None:
    """The comparison itself: it notices each row that is left out, each call, and each two that change places."""
    calls, rows = calls_of(model), report_of(model).rows
    for at in range(len(calls)):
        with pytest.raises(AssertionError):
            assert_same(calls[:at] + calls[at + 1 :], rows)
    for at in range(len(rows)):
        with pytest.raises(AssertionError):
            assert_same(calls, rows[:at] + rows[at + 1 :])
        if at > 0 and rows[at].type != rows[at - 1].type:
            with pytest.raises(AssertionError):
                assert_same(calls, [*rows[: at - 1], rows[at], rows[at - 1], *rows[at + 1 :]])
