"""What windows leave out, against windows that are slid over a row of cells one by one."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from convcalc.checking.check_source import check_source
from convcalc.checking.settings import Settings
from convcalc.problems import Problem
from convcalc.text.source import Source
from tests.helpers import analysed

RULES = ("dropped-rows", "skipped-rows", "padding-over-kernel", "wasted-kernel")
Slide = tuple[int, int, int, tuple[int, int]]  # kernel, stride, dilation, padding before and after


@st.composite
def slides(draw: st.DrawFn, size: int) -> Slide:
    """A window that fits a row of `size` cells."""
    before, after = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    dilation = draw(st.sampled_from((1, 1, 2, 3, 7)))
    longest = (size + before + after - 1) // dilation + 1
    return draw(st.integers(1, min(longest, 6))), draw(st.integers(1, 5)), dilation, (before, after)


@st.composite
def rows(draw: st.DrawFn) -> tuple[int, list[Slide]]:
    """A row of cells, and one or two windows that are slid over it."""
    size = draw(st.integers(1, 24))
    return size, draw(st.lists(slides(size), min_size=1, max_size=2))


def slid(size: int, slide: Slide) -> list[list[int]]:
    """For each place of the window the cells under its taps; some may lie outside the row."""
    kernel, stride, dilation, (before, after) = slide
    places, start = [], -before
    while start + dilation * (kernel - 1) < size + after:
        places.append([start + dilation * tap for tap in range(kernel)])
        start += stride
    return places


def spec(size: int, slides: list[Slide]) -> str:
    lines = [
        f"  - conv1d: {{name: conv{number}, from: input, out_channels: 1, kernel_size: {kernel}, stride: {stride},"
        f" dilation: {dilation}, padding: [[{before}, {after}]]}}"
        for number, (kernel, stride, dilation, (before, after)) in enumerate(slides)
    ]
    outputs = [f"conv{number}" for number in range(len(slides))]
    return "\n".join([f"input: [1, {size}]", f"outputs: [{', '.join(outputs)}]", "layers:", *lines, ""])


def found(size: int, slides: list[Slide]) -> list[Problem]:
    return check_source(Source("spec.yaml", spec(size, slides)), Settings(RULES)).problems


def told(problems: list[Problem], rule: str, number: int) -> int:
    """The first figure of what a rule says of one of the convolutions; 0 where it says nothing."""
    for problem in problems:
        if problem.rule == rule and problem.subject.startswith(f"conv{number} "):
            figure = re.search(r"(?:(\d+) )?(?:positions?|of the \d+ cells)\b", problem.message)
            assert figure is not None, problem.message
            return int(figure[1] or 1)
    return 0


@settings(max_examples=400, deadline=None)
@given(rows())
def test_what_is_left_out_is_what_no_window_reads(row: tuple[int, list[Slide]]) -> None:
    size, slides = row
    problems = found(size, slides)
    own = [{cell for place in slid(size, slide) for cell in place if 0 <= cell < size} for slide in slides]
    unread = size - len(set().union(*own))
    for number, (cells, (kernel, stride, dilation, _)) in enumerate(zip(own, slides)):
        steps_over = cells != set(range(len(cells))) or stride > dilation * (kernel - 1) + 1
        missing = unread if len(cells) < size else 0  # told of each window that leaves out what the others do as well
        assert told(problems, "dropped-rows", number) == (0 if steps_over else missing)
        assert told(problems, "skipped-rows", number) == (missing if steps_over else 0)


@settings(max_examples=400, deadline=None)
@given(st.integers(1, 12).flatmap(lambda size: st.tuples(st.just(size), slides(size))))
def test_blind_outputs_and_idle_cells_of_the_kernel(case: tuple[int, Slide]) -> None:
    size, slide = case
    problems, places = found(size, [slide]), slid(size, slide)
    outside = [all(cell < 0 for cell in place) or all(cell >= size for cell in place) for place in places]
    assert told(problems, "padding-over-kernel", 0) == sum(outside)
    idle = sum(not any(0 <= place[tap] < size for place in places) for tap in range(slide[0]))
    assert told(problems, "wasted-kernel", 0) == (idle if idle < slide[0] else 0)


MENDED = {"dropped-rows": "conv1d", "skipped-rows": "conv1d", "wasted-kernel": "conv1d",
          "checkerboard": "conv_transpose1d"}  # fmt: skip


def helps(rule: str, text: str) -> list[str]:
    """The help of each thing that a rule finds in a spec."""
    return [problem.help for problem in check_source(Source("spec.yaml", text), Settings((rule,))).problems]


def one_layer(kind: str, size: int, params: dict[str, Any]) -> str:
    return f"input: [2, {size}]\nlayers:\n  - {kind}: {json.dumps(params)}\n"


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(MENDED)), st.integers(2, 12).flatmap(lambda size: st.tuples(st.just(size), slides(size))))
def test_the_values_that_are_advised_mend_it(rule: str, case: tuple[int, Slide]) -> None:
    size, (kernel, stride, dilation, padding) = case
    kind = MENDED[rule]
    params: dict[str, Any] = {"out_channels": 1, "kernel_size": kernel, "stride": stride, "dilation": dilation}
    params["padding"] = [list(padding)] if kind == "conv1d" else 0
    for help in helps(rule, one_layer(kind, size, params)):
        if smaller := re.search(r"read a map of (\d+)", help):
            assert helps(rule, one_layer(kind, int(smaller[1]), params)) == []
        if values := re.search(r"`([a-z_]+: [^`]*)`", help):
            changed = {**params, **yaml.safe_load(f"{{{values[1]}}}")}
            assert helps(rule, one_layer(kind, size, changed)) == []
            before, after = (analysed(one_layer(kind, size, each)).rows[0].output_shape for each in (params, changed))
            if rule == "dropped-rows":
                assert f"for an output of {after[1]};" in f"{help};"
            elif rule != "skipped-rows":
                assert before == after
