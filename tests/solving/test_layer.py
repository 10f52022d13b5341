"""The values of a layer's unknown parameters: tables of questions, and a full search with PyTorch's formulas."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convcalc import layers
from convcalc.errors import UsageError
from convcalc.layers.base import LayerError
from convcalc.layers.parameters import REQUIRED
from convcalc.solving.choices import Choices, Place, choices
from convcalc.solving.layer import LayerAnswers, solve_layer
from convcalc.solving.layer_question import LayerQuestion
from convcalc.sweeping.conditions import parse_conditions

Shape = tuple[int, ...]


def asked(
    kind: str, unknowns: str, inputs: Shape, output: Shape | None = None, want: str = "", **given: Any
) -> LayerAnswers:
    found = layers.find(kind)
    assert found is not None
    wants = parse_conditions([want], found.parameters) if want else []
    return solve_layer(LayerQuestion(found, given, unknowns.split(), (inputs,), output, wants))


def values_of(found: LayerAnswers) -> list[Any]:
    """The answers, each as its value or, for several unknowns, its values."""
    each = [tuple(answer.values.values()) for answer in found.answers]
    return [values[0] if len(values) == 1 else values for values in each]


@pytest.mark.parametrize(
    ("kind", "given", "unknown", "inputs", "output", "answers"),
    [
        # AlexNet as it is drawn: 224 pixels, and no padding on both sides that reads all of them.
        ("conv2d", {"kernel_size": 11, "stride": 4, "out_channels": 96}, "padding", (3, 224, 224), (96, 55, 55),
         [2, 3, [[1, 2], [1, 2]]]),
        ("conv2d", {"kernel_size": 11, "stride": 4, "out_channels": 96}, "padding", (3, 227, 227), (55, 55), [0, 1]),
        ("conv2d", {"kernel_size": 4, "out_channels": 8}, "padding", (3, 7, 7), (8, 7, 7), ["same", [[1, 2], [1, 2]]]),
        ("conv2d", {"kernel_size": 4, "out_channels": 8}, "padding", (3, 7, 9), (7, 7), [[[1, 2], [0, 1]]]),
        ("conv2d", {"kernel_size": 3, "padding": 1, "out_channels": 8}, "stride", (3, 224, 320), (56, 40), [[4, 8]]),
        ("conv2d", {"kernel_size": [3, 5], "out_channels": 8}, "padding", (3, 9, 9), (9, 9), ["same", [1, 2]]),
        ("conv2d", {"kernel_size": 4}, "out_channels", (3, 7, 9), (8, 4, 6), [8]),
        ("conv1d", {"out_channels": 1, "kernel_size": 3}, "dilation", (1, 9), (1, 3), [3]),
        ("max_pool2d", {"stride": 2}, "kernel_size", (64, 55, 55), (27, 27), [3, 2]),
        ("max_pool2d", {"kernel_size": 3, "stride": 2}, "ceil_mode", (4, 8, 8), (4, 4, 4), [True]),
        ("conv_transpose2d", {"out_channels": 3, "kernel_size": 3, "stride": 2, "padding": 1}, "output_padding",
         (4, 7, 7), (14, 14), [1]),
        ("upsample", {}, "scale_factor", (3, 8, 8), (12, 12), [1.5]),
        ("upsample", {}, "scale_factor", (3, 8, 8), (3, 16, 24), [[2, 3]]),
        ("adaptive_avg_pool2d", {}, "output_size", (12, 4, 4), (2, 3), [[2, 3]]),
        ("linear", {}, "out_features", (400,), (120,), [120]),
        ("reshape", {}, "shape", (3, 8, 8), (12, 16), [[12, 16]]),
        ("permute", {}, "axes", (3, 4, 5), (5, 3, 4), [[2, 0, 1]]),
        ("flatten", {}, "start_axis", (3, 4, 5), (3, 20), [1, -2]),
        ("pixel_shuffle", {}, "upscale_factor", (12, 4, 4), (3, 8, 8), [2]),
        ("lstm", {}, "hidden_size bidirectional", (20, 10), (20, 8), [(8, False), (4, True)]),
    ],
)  # fmt: skip
def test_the_answers_come_in_order(
    kind: str, given: dict[str, Any], unknown: str, inputs: Shape, output: Shape, answers: list[Any]
) -> None:
    assert values_of(asked(kind, unknown, inputs, output, **given)) == answers


@pytest.mark.parametrize(
    ("unknowns", "inputs", "output", "plainest"),
    [
        ("kernel_size stride padding", (3, 227, 227), (55, 55), (11, 4, 0)),
        ("kernel_size stride padding", (3, 224, 224), (224, 224), (1, 1, 0)),
        ("kernel_size stride padding", (3, 224, 224), (112, 112), (2, 2, 0)),
        ("kernel_size padding", (3, 14, 14), (14, 14), (1, 0)),
    ],
)
def test_the_plainest_answer_is_the_first(unknowns: str, inputs: Shape, output: Shape, plainest: Any) -> None:
    assert values_of(asked("conv2d", unknowns, inputs, output, out_channels=8))[0] == plainest


@given(st.integers(5, 40), st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_no_answer_is_missing(size: int, wanted: int) -> None:
    ranges = {name: Choices(range(first, 7), "") for name, first in (("kernel_size", 1), ("stride", 1), ("padding", 0))}
    kind = layers.find("conv2d")
    assert kind is not None
    question = LayerQuestion(
        kind, {"out_channels": 1}, list(ranges), ((1, size, size),), (1, wanted, wanted), (), ranges
    )
    expected = {
        (kernel, stride, padding)
        for kernel, stride, padding in product(range(1, 7), range(1, 7), range(7))
        if size + 2 * padding >= kernel and (size + 2 * padding - kernel) // stride + 1 == wanted
    }
    found = solve_layer(question)
    assert set(values_of(found)) == expected
    assert {answer.unread for answer in found.answers} <= {
        (size + 2 * padding - kernel) % stride for kernel, stride, padding in expected
    }


@given(st.tuples(st.integers(8, 30), st.integers(8, 30)), st.tuples(st.integers(1, 3), st.integers(1, 3)))
@settings(max_examples=15, deadline=None)
def test_axes_that_differ_have_values_of_their_own(sizes: Shape, strides: Shape) -> None:
    output = tuple((size - 3) // stride + 1 for size, stride in zip(sizes, strides))
    found = values_of(asked("max_pool2d", "stride", (2, *sizes), output, kernel_size=3))
    each = [[answer, answer] if isinstance(answer, int) else answer for answer in found]
    assert each
    assert all(output == tuple((size - 3) // stride + 1 for size, stride in zip(sizes, answer)) for answer in each)
    if not any(isinstance(answer, int) for answer in found):
        assert list(strides) in each


def test_conditions_are_met() -> None:
    found = asked("conv2d", "out_channels", (3, 227, 227), want="params == 34944", kernel_size=11)
    assert values_of(found) == [96]
    found = asked("conv2d", "groups", (12, 4, 4), want="params < 500 and groups > 2", kernel_size=3, out_channels=24)
    assert values_of(found) == [6, 12]


def test_the_nearest_outputs_are_named_where_nothing_fits() -> None:
    found = asked("conv2d", "stride", (3, 100, 100), (8, 60, 60), kernel_size=3, out_channels=8)
    nearest = found.nearest[0]
    assert (nearest.values["stride"], nearest.facts.output_shape) == (2, (8, 49, 49))


def test_the_nearest_miss_of_a_condition_is_named() -> None:
    found = asked("conv2d", "out_channels", (3, 8, 8), want="params == 30", kernel_size=3)
    assert [each.values["out_channels"] for each in found.nearest] == [1, 2, 3]
    assert found.rejected == {"params == 30": 4096}


def test_values_that_make_no_layer_are_counted() -> None:
    found = asked("group_norm", "num_groups", (12, 4, 4), (12, 4, 4))
    assert values_of(found) == [1, 2, 3, 4, 6, 12]
    assert sum(found.broken.values()) == 4096 - 6
    found = asked("conv2d", "kernel_size", (12, 4), (1,), out_channels=1)
    assert list(found.broken) == ["conv2d reads [C, H, W], not the 12x4 input"]


def test_too_many_combinations_are_refused() -> None:
    kind = layers.find("conv2d")
    assert kind is not None
    ranges = {name: Choices(range(1, 2000), "") for name in ("kernel_size", "stride")}
    with pytest.raises(UsageError, match="3,996,001 combinations are too many"):
        solve_layer(LayerQuestion(kind, {"out_channels": 1}, list(ranges), ((1, 9, 9),), (1, 9, 9), (), ranges))


def test_a_parameter_without_a_list_of_values_is_refused() -> None:
    with pytest.raises(UsageError, match="no usual values of like"):
        asked("upsample", "like", (3, 8, 8), (3, 8, 8))


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(layers.FAMILIES))
def test_the_value_of_a_layer_is_among_the_answers_for_its_output(family: str) -> None:
    for name in layers.FAMILIES[family]:
        kind = layers.find(name)
        assert kind is not None
        shape = (4, *[8] * (kind.rank or 2))
        inputs = (shape,) * max(kind.layer_class.arity[0], 1)
        values = {each: 2 for each in kind.parameters if kind.default(each) is REQUIRED}
        try:
            output = kind.build(values).output_shape(inputs)
        except LayerError:
            continue
        for unknown in kind.parameters:
            value = values.get(unknown, kind.default(unknown))
            tried = choices(unknown, Place(kind, inputs, output, 1))
            if tried is None or value not in tried.values:
                continue
            given = {each: known for each, known in values.items() if each != unknown}
            found = solve_layer(LayerQuestion(kind, given, [unknown], inputs, output))
            assert value in values_of(found), f"{name} {unknown}"
