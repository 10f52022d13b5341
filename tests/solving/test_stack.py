"""The cheapest stack, against an enumeration of all stacks, and against the counts of its spec."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.errors import UsageError
from convcalc.render.stack import StackPrintout
from convcalc.render.style import Screen
from convcalc.solving.stack import COSTS, DOWNSAMPLING, Bounds, StackQuestion, cheapest_stack, in_words, parse_wish

DEPTH = 5
# (stride, is it a convolution) of each layer: the enumeration has its own arithmetic.
LAYERS = {"any": [(1, True), (2, True), (2, False)], "pool": [(1, True), (2, False)], "conv": [(1, True), (2, True)]}


def figures_of(layers: tuple[tuple[int, bool], ...], shape: tuple[int, ...], channels: list[int]) -> dict[str, int]:
    """The figures of a stack, layer by layer; empty where it does not fit."""
    depth, height, width = shape
    field = jump = 1
    macs = params = 0
    for stride, is_convolution in layers:
        field += 2 * jump if is_convolution else jump
        jump *= stride
        if is_convolution:
            if min(height, width) < stride:
                return {}
            height, width = (height + 2 - 3) // stride + 1, (width + 2 - 3) // stride + 1
            after = channels[min(jump.bit_length() - 1, len(channels) - 1)]
            macs += 9 * depth * after * height * width
            params += 9 * depth * after + after
            depth = after
        else:
            if height % 2 or width % 2:
                return {}
            height, width = height // 2, width // 2
    return {"field": field, "stride": jump, "layers": len(layers), "macs": macs, "params": params}


@pytest.mark.slow
@given(
    st.tuples(st.integers(1, 3), st.integers(4, 20), st.integers(4, 20)),
    st.integers(2, 30),
    st.sampled_from([None, 1, 2, 4]),
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
    st.sampled_from(sorted(COSTS)),
    st.sampled_from(sorted(LAYERS)),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_no_stack_is_cheaper(
    shape: tuple[int, ...], field: int, stride: int | None, channels: list[int], by: str, kind: str, exact: bool
) -> None:
    fields = Bounds(field, field if exact else None)
    strides = Bounds() if stride is None else Bounds(stride, stride)
    question = StackQuestion(shape, fields, strides, tuple(channels), by, DOWNSAMPLING[kind])
    found = cheapest_stack(question)
    costs = [
        tuple(figures[name] for name in COSTS[by])
        for depth in range(1, DEPTH + 1)
        for layers in product(LAYERS[kind], repeat=depth)
        if (figures := figures_of(layers, shape, channels))
        and (figures["field"] == field if exact else figures["field"] >= field)
        and stride in (None, figures["stride"])
    ]
    if not costs:
        assert found is None or found.cost.layers > DEPTH
        return
    assert found is not None
    own = figures_of(tuple((piece.stride, piece.is_convolution) for piece, _ in found.pieces), shape, channels)
    assert own == {"field": found.field, "stride": found.stride, **found.cost._asdict()}
    assert tuple(own[name] for name in COSTS[by]) == min(costs) or found.cost.layers > DEPTH
    assert tuple(own[name] for name in COSTS[by]) <= min(costs)


@pytest.mark.parametrize("by", sorted(COSTS))
@pytest.mark.parametrize("kind", sorted(DOWNSAMPLING))
def test_its_spec_has_the_figures_of_the_search(by: str, kind: str) -> None:
    question = StackQuestion((3, 64, 96), *parse_wish("field >= 41, stride 8"), (4, 8), by, DOWNSAMPLING[kind])
    found = cheapest_stack(question)
    assert found is not None
    text = "".join(StackPrintout(found).yaml(Screen()))
    report = convcalc.analyse(convcalc.loads(text))
    totals = report.totals
    assert (totals.params, totals.macs) == (found.cost.params, found.cost.macs)
    assert tuple(totals.receptive_field) == (found.field, found.field)
    assert next(iter(report.outputs.values())) == found.output
    assert found.field >= 41
    assert found.stride == 8


@pytest.mark.parametrize(
    ("text", "field", "stride"),
    [
        ("field >= 101, stride 16", (101, None), (16, 16)),
        ("receptive_field>100 and stride <= 8", (101, None), (1, 8)),
        ("field = 31", (31, 31), (1, None)),
        ("field >= 10, field < 20", (10, 19), (1, None)),
    ],
)
def test_a_wish_is_read(text: str, field: tuple[int, int | None], stride: tuple[int, int | None]) -> None:
    bounds = parse_wish(text)
    assert bounds == (Bounds(*field), Bounds(*stride))
    assert parse_wish(in_words(StackQuestion((3, 8, 8), *bounds))) == bounds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no wish"),
        ("fields >= 3", "is no wish"),
        ("field >= 30, field <= 20", "no field is at least 30 and at most 20"),
        ("field >= 100000", "too large"),
    ],
)
def test_a_wrong_wish_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_wish(text)


def test_a_map_that_is_too_small_has_no_stack() -> None:
    assert cheapest_stack(StackQuestion((3, 8, 8), Bounds(3), Bounds(64, 64))) is None
