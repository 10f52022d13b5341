"""Random layers, counted by convcalc and by PyTorch itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import convcalc
from convcalc.layers import find
from convcalc.layers.activation import Activation
from convcalc.layers.arithmetic import Function, Operation
from tests.strategies import algebra, convolutions, layers
from tests.strategies.layers import Case, render

pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")

from tests.oracles.torch_layers import BUILDERS, REFUSALS, Outcome, evaluate

CASES = layers.CASES | algebra.CASES | convolutions.CASES
Verdict = Outcome | str
"""What an implementation says of a layer: its figures, or why it refuses."""

WITHOUT_RANDOM_CASES = {
    "constant": "reads nothing",
    "crop": "not of torch.nn",
    "center_crop": "not of torch.nn",
    "drop_path": "not of torch.nn",
    "embedding": "reads indices, not numbers; a network holds it",
    "global_response_norm": "not of torch.nn",
    "parameter": "reads nothing",
}

# PyTorch counts their products on the meta device only.
ON_META = frozenset(("gru", "lstm", "rnn"))


@dataclass(frozen=True)
class Difference:
    """Where convcalc means to refuse what PyTorch accepts, or to accept what it refuses."""

    reason: str
    applies: Callable[[Case, Verdict], bool]


DIFFERENCES = (
    Difference(
        "a size below 1 is an error; PyTorch computes with empty tensors",
        lambda _case, verdict: isinstance(verdict, Outcome) and min(verdict.output_shape, default=1) < 1,
    ),
    Difference(
        "statistics over one value are legal: a count does not normalise anything",
        lambda _case, verdict: isinstance(verdict, str) and "Expected more than 1" in verdict,
    ),
)


def torch_verdict(case: Case) -> Verdict:
    """On the CPU where it can be: the meta device skips checks, such as that of output_padding."""
    device = "meta" if case.kind in ON_META else "cpu"
    try:
        return evaluate(case.kind, case.params, case.input_shapes, device)
    except REFUSALS as refusal:
        return f"{type(refusal).__name__}: {refusal}"


def convcalc_verdict(case: Case) -> Verdict:
    try:
        report = convcalc.analyse(convcalc.loads(render(case))).to_dict()
    except convcalc.SpecError as error:
        return str(error)
    (row,) = report["layers"]
    return Outcome(tuple(row["output_shape"]), row["params"], row["buffers"], row["macs"])


def assert_agreement(case: Case) -> None:
    """The same figures for a legal layer, and a refusal for the same layers."""
    expected, received = torch_verdict(case), convcalc_verdict(case)
    note(f"{render(case)}PyTorch: {expected}\nconvcalc: {received}")
    if any(difference.applies(case, expected) for difference in DIFFERENCES):
        assert isinstance(received, str) != isinstance(expected, str)
    elif isinstance(expected, str):
        assert isinstance(received, str), "PyTorch refuses what convcalc accepts"
    else:
        assert received == expected


def is_pointwise(kind: str) -> bool:
    """Whether a type is one of the many that share a class and its parameters, and differ by the name of a function."""
    found = find(kind)
    assert found is not None
    return any(
        issubclass(found.layer_class, shared) and found.layer_class.parameters == shared.parameters
        for shared in (Activation, Function, Operation)
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:torch")  # about odd sizes, which the cases are made of
@pytest.mark.parametrize("kind", sorted(kind for kind in CASES if not is_pointwise(kind)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_layer_agrees(kind: str, data: st.DataObject) -> None:
    assert_agreement(data.draw(CASES[kind]))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(filter(is_pointwise, CASES)))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_pointwise_layer_agrees(kind: str, data: st.DataObject) -> None:
    """Fewer cases for each type: together they are hundreds of cases of one class."""
    assert_agreement(data.draw(CASES[kind]))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:torch")
@pytest.mark.parametrize("kind", layers.DISTRIBUTED)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_layer_agrees_at_each_place_of_leading_axes(kind: str, data: st.DataObject) -> None:
    assert_agreement(data.draw(layers.distributed(CASES[kind])))


def test_every_oracle_layer_has_cases() -> None:
    assert set(BUILDERS) - set(CASES) == set(WITHOUT_RANDOM_CASES)


KNOWN: list[tuple[str, dict[str, Any], list[list[int]], Outcome]] = [
    (
        "conv2d",
        {"out_channels": 96, "kernel_size": 11, "stride": 4},
        [[3, 227, 227]],
        Outcome((96, 55, 55), 34_944, 0, 105_415_200),
    ),
    (
        "conv2d",
        {"out_channels": 3, "kernel_size": [3, 5], "padding": [1, 2]},
        [[2, 3, 5]],
        Outcome((3, 3, 5), 93, 0, 1350),
    ),
    (
        "conv2d",
        {"out_channels": 5, "kernel_size": 3, "padding": "same", "stride": 2},
        [[3, 8, 9]],
        Outcome((5, 4, 5), 140, 0, 2700),
    ),
    (
        "conv1d",
        {"out_channels": 2, "kernel_size": 2, "padding": [[1, 0]]},
        [[1, 9]],
        Outcome((2, 9), 6, 0, 36),
    ),
    (
        "max_pool2d",
        {"kernel_size": 3, "padding": 1, "stride": [2, 1]},
        [[1, 4, 4]],
        Outcome((1, 2, 4), 0, 0, 0),
    ),
    ("batch_norm2d", {}, [[3, 8, 8]], Outcome((3, 8, 8), 6, 7, 0)),
    ("linear", {"out_features": 10}, [[7, 4]], Outcome((7, 10), 50, 0, 280)),
    ("multihead_attention", {"num_heads": 12}, [[197, 768]], Outcome((197, 768), 2_362_368, 0, 524_391_936)),
    ("lstm", {"hidden_size": 16}, [[5, 8]], Outcome((5, 16), 1_664, 0, 7_680)),
]


@pytest.mark.parametrize(("kind", "config", "inputs", "expected"), KNOWN)
def test_oracle_on_figures_worked_out_by_hand(
    kind: str, config: dict[str, Any], inputs: list[list[int]], expected: Outcome
) -> None:
    assert evaluate(kind, config, inputs) == expected


@pytest.mark.parametrize("padding", [[3, -3], [-3, 3], [5, -4], [3, -4], [2, -1]])
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_side_is_padded_and_the_other_one_cut(padding: list[int], mode: str, size: int) -> None:
    case = Case("pad", {"mode": mode, "padding": [padding]}, ((1, size),))
    expected, received = torch_verdict(case), convcalc_verdict(case)
    is_refused = isinstance(expected, str) or min(expected.output_shape) < 1
    assert isinstance(received, str) if is_refused else received == expected
