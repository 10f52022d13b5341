"""Problems as the editor shows them: a place, its length, and the words."""

from __future__ import annotations

from typing import Any

from convcalc.problems import Problem
from convcalc.render.diagnostics import message_of, notes_of, value_width

BOUND = "CONVCALC_MAX_"  # in the help of a message about a bound: a browser has no environment to raise it in
SMALLER = "the playground has smaller bounds than the command line, which reads larger networks"
INFO = "info"  # the severity of a figure that differs from what the spec expects: an edit is meant to change it


def mark(problem: Problem, name: str, severity: str | None = None) -> dict[str, Any]:
    """A problem of the text called `name`; one of another file has its place in the message."""
    line, column = problem.where.line, problem.where.column
    message = message_of(problem)
    if problem.where.file != name:
        line, column, message = 0, 0, f"{problem.where}: {message}"
    return {
        "line": line,
        "column": column,
        "length": value_width(problem.excerpt, column) if line and problem.excerpt else 1,
        "severity": severity or problem.severity,
        "rule": problem.rule,
        "message": message,
        "notes": [SMALLER if BOUND in text else text for _, text in notes_of(problem)],
    }
