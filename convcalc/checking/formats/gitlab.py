"""GitLab's Code Quality report, a list in JSON: https://docs.gitlab.com/ci/testing/code_quality/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.checking.finding_fields import fingerprints, from_root, full_message, json_list
from convcalc.checking.formats import Options
from convcalc.checking.results import Results, is_fault
from convcalc.problems import ERROR, Problem


def chunks(results: Results, options: Options) -> Iterator[str]:
    """One object for each finding."""
    problems = results.problems
    yield from json_list(map(_finding, problems, fingerprints(problems)), "")
    yield "\n"


def _finding(problem: Problem, fingerprint: str) -> dict[str, Any]:
    return {
        "description": full_message(problem),
        "check_name": problem.rule,
        "fingerprint": fingerprint,
        "severity": "critical" if is_fault(problem) else "major" if problem.severity == ERROR else "minor",
        # GitLab shows no columns. A finding about a whole file is shown on its first line.
        "location": {"path": from_root(problem.where.file), "lines": {"begin": problem.where.line or 1}},
    }
