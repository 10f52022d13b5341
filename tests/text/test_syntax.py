"""What a text that is no YAML gets: the place of the mistake, and the same words with both parsers of PyYAML."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

import convcalc
from convcalc.text.compose import compose
from convcalc.text.source import Source
from tests.helpers import marked


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test with the C parser, where it is installed, and with the Python one."""
    if request.param == "python":
        monkeypatch.setattr("convcalc.text.events.LOADER", yaml.SafeLoader)
    return str(request.param)


def refusal(text: str) -> convcalc.Problem:
    with pytest.raises(convcalc.SpecError) as caught:
        compose(Source("f", text))
    (problem,) = caught.value.problems
    return problem


# `§` stands before the place.
MESSAGES = [
    ("layers:\n  - conv2d: §{out_channels: 8, kernel_size: 3\n  - relu\n", "this `{` is not closed"),
    (
        "layers:\n  - conv2d: §{kernel_size: 3\n  - conv2d: {kernel_size: 1}\n",
        "this `{` is not closed: `,` or `}` must come before line 3, column 11",
    ),
    ("a: §[1, 2\nb: 3\n", "this `[` is not closed: `,` or `]` must come before line 2, column 2"),
    ("a: §{b: 1 # a comment\n# another\n\n", "this `{` is not closed"),
    ("a: {b: §[1, 2,\n", "this `[` is not closed"),
    ("a: &x §{b:\n", "this `{` is not closed"),
    ("a: §[b: 1\n", "this `[` is not closed"),
    ("a: §{b: 1", "this `{` is not closed"),
    ("a: 1\r\nb: §{c: 1\r\n", "this `{` is not closed"),
    ('a: {b: "x" §c: 2}\n', "expected `,` or `}` here, inside the `{` of column 4"),
    ("a: {b: [1, 2§}}\n", "expected `,` or `]` here, inside the `[` of column 8"),
    ("a: {=x§[0]}\n", "expected `,` or `}` here, inside the `{` of column 4"),
    ("a: [§,]\n", "expected a value here"),
    ("a: §}\n", "expected a value here"),
    ("a: §'x\nb: 1\n", "this quote is not closed"),
    ('a: [1, §"x\nb: 1]\n', "this quote is not closed"),
    ("a: [1, 2]§]\n", "expected a key of the mapping that starts on line 1"),
    ("a:\n  - b\n §c: 1\n", "expected a key of the mapping that starts on line 1"),
    ("- a\n§b: 1\n", "expected an item of the list that starts on line 1"),
    ("{a: 1}§}\n", "expected the end of the text here"),
    ("a: 1\n§b\n", "expected `: ` after this key"),
    ("a: b§: c\n", "a `:` is not allowed here"),
    ("a: §- b\n", "a `-` is not allowed here"),
    ("a: §@b\n", "no value can start with this character"),
    ("a: §@b", "no value can start with this character"),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=[repr(case[0][:40]) for case in MESSAGES])
def test_the_message_and_its_place(text: str, message: str) -> None:
    clean, place = marked(text)
    problem = refusal(clean)
    assert (problem.rule, problem.message, str(problem.where)) == ("yaml-syntax", message, f"f:{place}")
    assert problem.excerpt in clean.splitlines()
    assert problem.excerpt


# The depth is beyond that at which libyaml gives up by itself; some of it never gives the events before.
DEEP = {
    "brackets": "[" * 100 + "§[" + "[" * 20_000,
    "closed brackets": "[" * 100 + "§[" + "[" * 2000 + "]" * 2101,
    "braces": "{a: " * 100 + "§" + "{a: " * 20_000,
    "braces and brackets": "[{a: " * 50 + "§" + "[{a: " * 10_000,
    "dashes": "- " * 100 + "§" + "- " * 50_000,
    "keys": "".join(" " * k + ("§a:\n" if k == 100 else "a:\n") for k in range(2000)),
    "brackets below keys": "a: 1\nb:\n  c: " + "[" * 98 + "§[" + "[" * 1200,
    "brackets in an anchor": "a: " + "&x [" * 99 + "§" + "&x [" * 1200,
    "pairs without braces": "a: [" + "b: [" * 49 + "§b: [" + "b: [" * 1200,
    "101 levels": "[" * 100 + "§[" + "]" * 101,
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_meets_our_limit_before_that_of_the_parser(name: str) -> None:
    clean, place = marked(DEEP[name])
    problem = refusal(clean)
    assert (problem.rule, str(problem.where)) == ("too-deep", f"f:{place}")
    assert problem.message == "nested over 100 levels deep"


def test_depth_up_to_the_limit_is_read() -> None:
    assert compose(Source("f", "a: " + "[" * 99 + "]" * 99))


def test_the_limit_on_depth_cannot_be_raised_above_that_of_the_parser() -> None:
    code = "from convcalc.bounds import MAX_YAML_DEPTH; print(MAX_YAML_DEPTH)"
    environment = {**os.environ, "CONVCALC_MAX_YAML_DEPTH": "5000"}
    shown = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout  # noqa: S603
    assert int(shown) == 900
