"""Solving for the unknowns of a network: against a full scan with convcalc.loads, and bisection against a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.errors import ConvcalcError, UsageError
from convcalc.solving.bisection import FEWEST, are_monotone, last_place, sample_places
from convcalc.solving.solution import BISECTION, SCAN

CHAIN = """
name: Chain
input: [3, {size}, {size}]
params: {{width: {width}, factor: 1.0}}
layers:
  - conv2d: {{name: first, out_channels: =width, kernel_size: {kernel}, stride: {stride}}}
  - relu
  - conv2d: {{name: second, out_channels: '={second}', kernel_size: 3, padding: 1}}
  - global_avg_pool
  - flatten
  - linear: {{name: classes, out_features: 10}}
"""
SECOND = ("2 * width", "divisible(width * 1.5, 8)", "width // 3 + 1", "abs(width - 20) + 1", "max(40 - width, 1)")
chains: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    size=st.integers(8, 40),
    width=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 3),
    second=st.sampled_from(SECOND),
)


def figures(text: str, **params: Any) -> tuple[int, int] | None:
    """The parameters and multiply-accumulates of a network; None where it does not build."""
    try:
        totals = convcalc.analyse(convcalc.loads(text, params=params)).totals
    except ConvcalcError:
        return None
    assert totals.params is not None
    assert totals.macs is not None
    return totals.params, totals.macs


@pytest.mark.slow
@given(chains, st.integers(100, 40_000), st.sampled_from(["largest", "smallest"]), st.sampled_from(["<=", ">="]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_best_value_is_that_of_a_full_scan(
    tmp_path: Path, chain: dict[str, Any], bound: int, best: str, sign: str
) -> None:
    text = CHAIN.format(**chain)
    file = tmp_path / "chain.yaml"
    file.write_text(text, encoding="utf-8")
    found = convcalc.solve(file, want=f"params {sign} {bound}", **{best: "width=1..60"})  # type: ignore[arg-type]
    passing = []
    for width in range(1, 61):
        each = figures(text, width=width)
        if each is not None and (each[0] <= bound if sign == "<=" else each[0] >= bound):
            passing.append(width)
    expected = (max(passing) if best == "largest" else min(passing)) if passing else None
    assert (found.values or {"width": None}) == {"width": expected}


@pytest.mark.slow
@given(chains, st.integers(500, 20_000), st.integers(10_000, 2_000_000))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_answers_are_those_of_a_full_scan_the_least_change_first(
    tmp_path: Path, chain: dict[str, Any], params: int, macs: int
) -> None:
    text = CHAIN.format(**chain)
    file = tmp_path / "chain.yaml"
    file.write_text(text, encoding="utf-8")
    unknowns = {"width": range(1, 12), "first.kernel_size": [1, 3, 5, 9]}
    found = convcalc.solve(file, unknowns, want=[f"params <= {params}", f"macs <= {macs}"], all=True)
    passing = set()
    for width in range(1, 12):
        for kernel in (1, 3, 5, 9):
            each = figures(text, width=width, **{"first.kernel_size": kernel})
            if each is not None and each[0] <= params and each[1] <= macs:
                passing.add((width, kernel))
                assert found.builds == 44
    answers = [(each.values["width"], each.values["first.kernel_size"]) for each in found.answers]
    assert set(answers) == passing
    assert len(answers) == len(passing)
    changed = [(width != chain["width"]) + (kernel != chain["kernel"]) for width, kernel in answers]
    if chain["width"] < 12 and chain["kernel"] in (1, 3, 5):
        assert changed == sorted(changed)
    first = convcalc.solve(file, unknowns, want=[f"params <= {params}", f"macs <= {macs}"])
    assert first.answers == found.answers[:10]


@given(st.integers(FEWEST, 400), st.data())
def test_halving_finds_the_end_of_a_run(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))
    for places in sample_places(size):
        found = last_place(size, places, lambda place: first <= place <= last)
        assert found in (last, None)
        if last - first >= size // 8 + 1 or first in places:
            assert found == last


@given(st.integers(FEWEST, 200), st.sets(st.integers(0, 199)))
def test_halving_never_passes_over_a_neighbour(size: int, holes: set[int]) -> None:
    passing = [place for place in range(size) if place not in holes]
    for places in sample_places(size):
        found = last_place(size, places, lambda place: place in passing)
        if found is not None:
            assert found in passing
            assert not any(found < place <= found + 8 for place in passing)


def test_monotone_figures() -> None:
    assert are_monotone([[1, [3, 5]], [1, [3, 6]], [2, [4, 4]]])
    assert not are_monotone([[1], [None], [3]])


# -- questions about shipped networks ----------------------------------------------------------------------------------


def test_the_padding_of_alexnet_on_224_pixels() -> None:
    want = 'layers["conv1"].output_shape == [96, 55, 55]'
    found = convcalc.solve("alexnet", "conv1.padding", want=want, input="3x224x224")
    assert [answer.values["conv1.padding"] for answer in found.answers] == [2, 3]
    assert found.searched == {"conv1.padding": "0..64"}
    assert found.chosen == ("conv1.padding",)
    assert (found.method, found.builds, found.is_complete) == (SCAN, 65, True)
    assert found.answers[0].figures["layers['conv1'].output_shape"] == (96, 55, 55)


def test_the_largest_width_is_found_by_halving_the_range() -> None:
    found = convcalc.solve("resnet50", want="params <= 20M", largest="base_width")
    assert found.values == {"base_width": 52}
    assert found.answers[0].figures["params"] == 19_953_224
    assert found.method == BISECTION
    assert found.builds < 30


def test_a_range_that_was_not_given_grows() -> None:
    found = convcalc.solve("resnet50", want="params <= 3G", largest="base_width")
    assert not found.at_end
    assert found.values is not None
    width = found.values["base_width"]
    assert width > 512
    assert found.answers[0].figures["params"] <= 3 * 10**9
    more = convcalc.analyse("resnet50", params={"base_width": width + 1}).totals.params
    assert more is not None
    assert more > 3 * 10**9


def test_a_range_that_was_given_does_not_grow() -> None:
    found = convcalc.solve("resnet50", want="params <= 10G", largest="base_width=32..128")
    assert found.values == {"base_width": 128}
    assert found.at_end


def test_a_width_of_one_may_be_a_factor() -> None:
    found = convcalc.solve("mobilenet_v2", want="params <= 2M", largest="width")
    assert found.values == {"width": 0.5}


def test_padding_goes_along_with_the_kernel() -> None:
    want = 'layers["layer1.0.conv2"].output_shape == [64, 56, 56]'
    key = "layer1.*.conv2.kernel_size"
    found = convcalc.solve("resnet50", f"{key}=3,5,7", want=want, keep_size=True)
    assert [answer.values[key] for answer in found.answers] == [3, 5, 7]
    without = convcalc.solve("resnet50", f"{key}=3,5,7", want=want)
    assert [answer.values[key] for answer in without.answers] == [3]


def test_words_are_values_too() -> None:
    found = convcalc.solve("resnet", "variant", want="params < 12M", all=True)
    assert [answer.values["variant"] for answer in found.answers] == ["resnet18"]
    found = convcalc.solve("lenet", "conv1.sharing", want="params > 50K")
    assert [answer.values["conv1.sharing"] for answer in found.answers] == ["none"]


def test_what_fails_most_and_the_nearest_miss() -> None:
    found = convcalc.solve("lenet", "conv1.kernel_size", want=["params <= 10", "macs > 10G"])
    assert not found.answers
    assert next(iter(found.rejected)) == "params <= 10"
    assert found.nearest[0].condition == "params <= 10"
    least = min(
        each[0]
        for kernel in range(1, 65)
        if (each := _lenet(kernel)) is not None
    )  # fmt: skip
    assert found.nearest[0].value == least
    assert sum(found.rejected.values()) + sum(found.broken.values()) == found.builds == 64


def _lenet(kernel: int) -> tuple[int, int] | None:
    try:
        totals = convcalc.analyse("lenet", params={"conv1.kernel_size": kernel}).totals
    except ConvcalcError:
        return None
    assert totals.params is not None
    assert totals.macs is not None
    return totals.params, totals.macs


@pytest.mark.parametrize(
    ("unknowns", "options", "message", "help"),
    [
        ([], {}, "nothing is unknown", "name a key"),
        (["conv1.kernl"], {}, "conv1 has no `kernl`", "did you mean kernel_size"),
        (["conv9.kernel_size"], {}, "there is no layer `conv9`", "did you mean conv2 or conv1"),
        (["widht"], {}, "lenet has no param `widht`", "conv1.widht"),
        (["conv1.kernel_size"], {"want": "parms < 3"}, "there is no figure `parms`", "did you mean params"),
        (["conv1.kernel_size"], {"want": ()}, "nothing is wanted", "--want"),
        (["conv1.kernel_size=7..3"], {}, "the range `7..3` is empty", "3..7"),
        (["conv1.kernel_size=1..1000000"], {}, "1,000,000 candidates are too many", "conv1.kernel_size=1..10"),
        (["conv1.kernel_size"], {"params": {"conv1.kernel_size": 3}}, "is unknown and set", "leave out --set"),
        (["conv1.kernel_size", "conv1.kernel_size=3"], {}, "is unknown twice", "once"),
        (["conv1.kernel_size"], {"largest": "conv1.stride", "smallest": "conv1.stride"}, "only one value", "--largest"),
        (["conv1.kernel_size"], {"largest": "conv1.stride", "all": True}, "contradicts", "leave one out"),
        (["conv1.name"], {}, "`name` of conv1 cannot be set", "change it in the file"),
        (["input"], {}, "no usual values of `input`", "input=3x192x192"),
    ],
)
def test_wrong_questions(unknowns: list[str], options: dict[str, Any], message: str, help: str) -> None:
    with pytest.raises(UsageError) as caught:
        convcalc.solve("lenet", unknowns, **{"want": "params < 50K", **options})
    assert message in caught.value.message
    assert help in caught.value.help


def test_paddings_of_one_cell_more_are_tried_where_no_number_fits(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    text = "input: [3, 8, 8]\nlayers:\n  - conv2d: {name: a, out_channels: 2, kernel_size: 4}\n"
    file.write_text(text, encoding="utf-8")
    found = convcalc.solve(file, "a.padding", want="output_shape == [2, 8, 8]")
    assert [answer.values["a.padding"] for answer in found.answers] == [[[1, 2], [1, 2]], "same"]
    assert found.searched == {"a.padding": "0..64, same, valid and [[0, 1], [0, 1]] to [[63, 64], [63, 64]]"}
