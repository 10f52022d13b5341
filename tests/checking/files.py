"""Specs and other files for `check`, and what it finds in them."""

from __future__ import annotations

from convcalc.checking.discovery import discover
from convcalc.checking.results import Results
from convcalc.checking.runner import check_files
from convcalc.checking.settings import Settings
from convcalc.problems import Problem
from tests.workspace import write_files

FINE = "input: [3]\nlayers: [relu]\n"
BROKEN = "input: [3]\nlayers: [rleu]\n"
LONG = "input: [3, 8, 8]\nlayers: [relu: {repeat: 900}]\n"
OTHER = "on: push\njobs: {}\n"


def put(path: str, text: str | bytes = FINE) -> None:
    write_files({path: text})


def results(*paths: str, jobs: int = 1, only_specs: bool = False) -> Results:
    settings = Settings()
    return Results(list(check_files(discover(paths, only_specs), lambda path: settings, jobs)))


def names(*paths: str, only_specs: bool = False) -> list[str]:
    """The files that are checked."""
    return [each.name for each in results(*paths, only_specs=only_specs).checked]


def only_problem(*paths: str) -> Problem:
    (problem,) = results(*paths).problems
    return problem
