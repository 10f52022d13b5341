"""What people read when a spec is wrong: every file of data/diagnostics, and the exact text that it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc.problems import Problem, Where, nearest
from convcalc.render.diagnostics import render_problem
from tests.golden import assert_golden
from tests.helpers import diagnosed, problems

FOLDER = Path(__file__).parent / "data" / "diagnostics"
CASES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("name", CASES)
def test_message(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert_golden(FOLDER / f"{name}.txt", diagnosed(text))


def test_every_text_has_its_spec() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == CASES


@pytest.mark.parametrize("name", CASES)
def test_problems_are_in_file_order_and_point_into_the_file(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    received = problems(text)
    places = [(problem.where.line, problem.where.column) for problem in received]
    assert places == sorted(places)
    for line, column in places:
        assert column <= len(text.splitlines()[line - 1]) + 1


def test_the_example_of_the_manual() -> None:
    message = diagnosed((FOLDER / "kernel-larger-than-input.yaml").read_text(encoding="utf-8"))
    assert "conv2 (conv2d): kernel_size 15 does not fit the 12x12 output of pool1\n" in message
    line, carets = message.splitlines()[1:3]
    assert carets.index("^^") == line.index("15")
    assert "the largest that fits is 12; or pad the input: padding 2 gives 2x2" in message


@pytest.mark.parametrize("name", ["index-without-quotes", "call-without-quotes", "call-without-quotes-in-params"])
def test_a_cut_expression_is_told_to_take_quotes(name: str) -> None:
    assert "put quotes around" in diagnosed((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def test_an_unknown_variant_names_the_nearest() -> None:
    text = "input: [3]\nlayers: [relu]\nvariants: {small: {}, large: {}}\n"
    assert diagnosed(text, variant="smal") == (
        "spec.yaml: error[unknown-variant] there is no variant `smal`\n  help: did you mean small?\n"
    )


def test_one_mistake_in_a_block_that_is_used_often_is_one_problem() -> None:
    text = "input: [3, 8, 8]\nblocks:\n  b:\n    layers:\n      - relux\nlayers: [b, b, {b: {repeat: 9}}]\n"
    assert len(problems(text)) == 1


def test_problems_are_bounded() -> None:
    text = "input: [3, 8, 8]\nlayers:\n" + "  - relux\n" * 5000
    assert 0 < len(problems(text)) <= 101


LONG = "x" * 400


@pytest.mark.parametrize(
    ("excerpt", "column"),
    [(f"name: {LONG}", 1), (f"name: {LONG}", 7), (f"{{a: {LONG}, b: =no}}", 408), ("\t- relu", 1), ("", 1), ("a", 99)],
)
def test_a_long_line_keeps_the_value_in_sight(excerpt: str, column: int) -> None:
    problem = Problem("rule", "message", Where("f.yaml", 3, column), excerpt=excerpt)
    lines = render_problem(problem).splitlines()
    if len(lines) > 1:
        line, carets = lines[1:3]
        assert len(line) < 200
        assert len(carets) <= max(len(line), carets.index("^") + 1)


NEAREST = [("strid", ["stride", "padding"], "did you mean stride?"), ("zzz", ["stride"], ""), ("", ["a"], "")]


@pytest.mark.parametrize(("word", "known", "help"), NEAREST)
def test_nearest(word: str, known: list[str], help: str) -> None:
    assert nearest(word, known) == help
