"""Checks a network of another format: as a spec that is made from it, with the findings at the names of its layers."""

from __future__ import annotations

from convcalc.checking.check_source import check_source
from convcalc.checking.results import FileResult
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError, UsageError
from convcalc.problems import Problem, Where
from convcalc.targets.find import find


def check_foreign(path: str, name: str, settings: Settings) -> FileResult:
    """All findings of a network of another format. The text that it is written as has no lines that a user knows."""
    try:
        found = find(path, settings.input, settings.python)
    except SpecError as error:
        return FileResult(name, error.problems)
    except UsageError as error:
        return FileResult(name, [Problem("unreadable-file", error.message, Where(name), help=error.help)])
    result = check_source(found.source, settings, found.foreign)
    result.name = name
    result.targets = {label.replace(found.source.name, name, 1): totals for label, totals in result.targets.items()}
    result.problems = [_without_line(problem, name) for problem in result.problems]
    return result


def _without_line(problem: Problem, name: str) -> Problem:
    return Problem(
        problem.rule, problem.message, Where(name), subject=problem.subject, help=problem.help,
        severity=problem.severity,
    )  # fmt: skip
