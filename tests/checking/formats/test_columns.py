"""Carets and columns point at the very value, in the text and in every report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from convcalc.checking.results import Results
from convcalc.problems import Problem, Where
from convcalc.render.diagnostics import render_problem, value_width
from convcalc.render.style import cells
from tests.checking.formats.folder import DATA, ODD, written

# What stands at each place of data/check that a problem points to.
VALUES = {
    "every-kind.yaml:10:9": "conv2d",
    "every-kind.yaml:13:56": "true",
    "every-kind.yaml:16:44": "bias-before-norm",
    "every-kind.yaml:17:5": "conv2d",
    "every-kind.yaml:21:27": '"1k"',
    "every-kind.yaml:22:17": "[20]",
    "every-kind.yaml:23:12": r'"50%, <a> & ü: 漢字\n"',
    "every-kind.yaml:23:68": "[8, 30, 31]",
    "every-kind.yaml:23:87": "12.5",
    "shared.yaml:5:9": "conv2d",
    f"{ODD}/broken.yaml:5:60": "9",
    f"{ODD}/broken.yaml:11:14": r'"100%, a:b <&>\n\u0007ü"',
    f"{ODD}/broken.yaml:12:12": "inplace",
    f"{ODD}/broken.yaml:13:7": "2) +",
}


def text_at(file: str, line: int, start: int, end: int) -> str:
    """The characters of a line of data/check from a column up to another."""
    return (DATA / Path(file).name).read_text(encoding="utf-8").splitlines()[line - 1][start - 1 : end - 1]


def test_json(results: Results) -> None:
    problems = json.loads(written("json", results))["problems"]
    found = {
        f"{each['file']}:{each['line']}:{each['column']}": text_at(
            each["file"], each["line"], each["column"], each["end_column"]
        )
        for each in problems
    }
    assert found == VALUES


def test_sarif(results: Results) -> None:
    (run,) = json.loads(written("sarif", results))["runs"]
    values = []
    for result, problem in zip(run["results"], results.problems, strict=True):
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"]
        values.append(text_at(problem.where.file, region["startLine"], region["startColumn"], region["endColumn"]))
    assert values == list(VALUES.values())


def test_github(results: Results) -> None:
    found = re.findall(r"line=(\d+),endLine=\d+,col=(\d+),endColumn=(\d+),", written("github", results))
    values = [
        text_at(problem.where.file, *map(int, numbers))
        for problem, numbers in zip(results.problems, found, strict=True)
    ]
    assert values == list(VALUES.values())


@pytest.mark.parametrize("width", [None, 40, 80, 120])
def test_carets(results: Results, width: int | None) -> None:
    for problem, value in zip(results.problems, VALUES.values(), strict=True):
        lines = render_problem(problem, width=width).splitlines()
        (index,) = [index for index, line in enumerate(lines) if re.fullmatch(r" +\| +\^+", line)]
        text, caret = lines[index - 1], lines[index]
        before = next(text[:end] for end in range(len(text)) if cells(text[:end]) == caret.index("^"))
        under = text[len(before) :]
        # A narrow terminal may cut the value at its end.
        shown = value if under.startswith(value) else under
        assert value.startswith(shown)
        assert cells(shown) == caret.count("^")
        assert shown == value or width == 40


@pytest.mark.parametrize("column", [1, 50, 99, 101])
def test_wide_characters_do_not_push_the_value_out_of_sight(column: int) -> None:
    line = "漢" * (column - 1) + "9 " + "字" * 60
    problem = Problem("rule", "message", Where("net.yaml", 1, column), excerpt=line)
    _, text, caret = render_problem(problem, width=60).splitlines()
    assert cells(text) <= 60
    assert cells(text[: text.index("9")]) == caret.index("^")


LINES = [
    ("- conv2d: {§stride: 2}", "stride"),
    ("- §conv2d: {stride: 2}", "conv2d"),
    ("- conv2d: {stride: §2, padding: 1}", "2"),
    ("- conv2d: {padding: §[[0, 1], [0, 1]], stride: 2}", "[[0, 1], [0, 1]]"),
    ("- conv2d: {padding: §[[0, 1],", "["),
    ("- conv2d: §{a: '}', b: \"]\"}", "{a: '}', b: \"]\"}"),
    ("- §relu", "relu"),
    ("- §relu  # a comment", "relu"),
    ("§layers:", "layers"),
    ("name: §Two, three [four]  # five", "Two, three [four]"),
    ("stride: §=max(1, 2)", "=max(1, 2)"),
    ("  kernel_size: §3,", "3"),
    ("    a: §1, b: 2}", "1"),
    ("source: §http://example.org/#top", "http://example.org/#top"),
    ("a: §'it''s, here', b", "'it''s, here'"),
    ('a: §"x\\", y", b', '"x\\", y"'),
    ("    §}", "}"),
    ("- relu  # convcalc: ignore[a, §b] why", "b"),
    ("{a: §=b + 1 , c: 2}", "=b + 1"),
    ("ü: {漢字: §4}", "4"),
]


@pytest.mark.parametrize(("marked", "value"), LINES)
def test_the_width_of_a_value(marked: str, value: str) -> None:
    before, _, after = marked.partition("§")
    assert after[: value_width(before + after, len(before) + 1)] == value


@pytest.mark.parametrize(("text", "column"), [("", 1), ("a", 5), ("\ta", 1), ("   ", 2), ("#", 1)])
def test_a_place_without_a_value_has_a_width(text: str, column: int) -> None:
    assert value_width(text, column) == 1


def test_a_line_of_a_megabyte_is_measured_at_once() -> None:
    for part in ("[", "'", '"', "x, ", " ", "{a: "):
        line = "- conv2d: {a: " + part * 300_000
        assert 1 <= value_width(line, 15) <= len(line)
