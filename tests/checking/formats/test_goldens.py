"""Exact output of every format for a folder with a finding of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from convcalc import __version__
from convcalc.checking.formats import FORMATS, Options
from convcalc.checking.formats.github import job_summary
from convcalc.checking.results import Results
from tests.checking.formats.folder import written
from tests.golden import assert_golden

GOLDENS = Path(__file__).parent / "goldens"


def tagged(text: str, role: str) -> str:
    return f"<{role}>{text}</{role}>"


MAKERS: dict[str, Callable[[Results], str]] = {
    "text.txt": lambda results: written("text", results, Options(offer_fixes=True)),
    "text-80.txt": lambda results: written("text", results, Options(verbose=True, width=80)),
    "text-120.txt": lambda results: written("text", results, Options(width=120)),
    "text-40.txt": lambda results: written("text", results, Options(width=40)),
    "text-roles.txt": lambda results: written("text", results, Options(tagged, verbose=True, width=100)),
    "github.txt": lambda results: written("github", results, Options(verbose=True)),
    "job-summary.md": lambda results: "".join(job_summary(results)),
    "gitlab.json": lambda results: written("gitlab", results),
    "sarif.json": lambda results: written("sarif", results).replace(f'"{__version__}"', '"VERSION"'),
    "junit.xml": lambda results: written("junit", results),
    "json.json": lambda results: written("json", results),
}


@pytest.mark.parametrize("name", MAKERS)
def test_golden(results: Results, name: str) -> None:
    found = MAKERS[name](results)
    assert_golden(GOLDENS / name, found)
    assert found == MAKERS[name](results), "a second run gives other bytes"


def test_every_golden_has_its_format() -> None:
    assert {path.name for path in GOLDENS.iterdir()} == set(MAKERS)
    assert {name.split(".")[0].split("-")[0] for name in MAKERS} == {*FORMATS, "job"}


def test_the_folder_has_a_finding_of_every_kind(results: Results) -> None:
    problems = results.problems
    assert {problem.severity for problem in problems} == {"error", "warning"}
    assert {problem.rule for problem in problems} >= {"bias-before-norm", "expectation", "unused-ignore", "unknown-key"}
    assert any(problem.fix for problem in problems)
    assert any(len(problem.trail) > 1 for problem in problems)
    assert {problem.where.file for problem in problems} >= {"shared.yaml", "every-kind.yaml"}
    assert {each.name for each in results.passed_over} == {"workflow.yaml", "shared.yaml"}
    texts = "".join(f"{problem.message}{problem.where.file}" for problem in problems)
    assert all(mark in texts for mark in ["%", "\n", ",", ":", "<", "&", "ü", "漢"])
