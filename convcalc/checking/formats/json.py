"""Every finding with all its fields, and the totals of every network, as one JSON object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.checking.finding_fields import encode, end_column, json_list
from convcalc.checking.formats import Options
from convcalc.checking.formats.text import counts_by_rule
from convcalc.checking.results import FileResult, Results
from convcalc.problems import Problem

SCHEMA = "convcalc.check/1"


def chunks(results: Results, options: Options) -> Iterator[str]:
    """Findings and files, each on a line, and the summary."""
    problems = results.problems
    yield f'{{\n  "schema": "{SCHEMA}",\n  "problems": '
    yield from json_list(map(_problem, problems), "  ")
    yield ',\n  "files": '
    yield from json_list(map(_file, [*results.checked, *results.passed_over]), "  ")
    summary = {
        "files": len(results.checked),
        "targets": results.targets,
        "passed_over": len(results.passed_over),
        "errors": results.errors,
        "warnings": results.warnings,
        "accepted": results.accepted,
        "fixable": sum(problem.fix is not None for problem in problems),
        "rules": counts_by_rule(problems),
        "exit_code": results.exit_code,
    }
    yield f',\n  "summary": {encode(summary)}\n}}\n'


def _problem(problem: Problem) -> dict[str, Any]:
    where = problem.where
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message,
        "subject": problem.subject or None,
        "file": where.file,
        "line": where.line or None,
        "column": where.column if where.line else None,
        "end_column": end_column(problem),
        "help": problem.help or None,
        "notes": list(problem.trail),
        "fixable": problem.fix is not None,
    }


def _file(checked: FileResult) -> dict[str, Any]:
    return {
        "file": checked.name,
        "passed_over": checked.passed_over or None,
        "notes": [*checked.comparisons, *checked.notes],
        "targets": [{"target": label, "totals": totals} for label, totals in checked.targets.items()],
    }
