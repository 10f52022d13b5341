"""The findings of `check` in a text, by row."""

from __future__ import annotations

from convcalc.checking.check_source import check_source
from convcalc.checking.settings import Settings
from convcalc.editor.places import without_groups
from convcalc.editor.reading import Reading
from convcalc.editor.values import Findings
from convcalc.problems import Problem
from convcalc.text import crossing
from convcalc.text.source import is_in_own_file
from convcalc.text.values import Path


def findings(reading: Reading) -> Findings:
    """The findings of `check` in a text, each with the rows of its entry."""
    problems = check_source(reading.origin.source(reading.document), Settings()).problems
    by_path = _rows_by_path(reading)
    rows: dict[str, list[Problem]] = {}
    general: list[Problem] = []
    for problem in problems:
        names = _rows_at(reading, problem, by_path)
        for name in names:
            rows.setdefault(name, []).append(problem)
        if not names:
            general.append(problem)
    return Findings(problems, rows, general)


def _rows_by_path(reading: Reading) -> dict[Path, list[str]]:
    """The full names of the rows by the path of their entry; for blocks, the names of their copies."""
    names: dict[int, list[str]] = {}
    for name, (entry, _) in reading.trace.entries.items():
        if is_in_own_file(entry.mark):
            names.setdefault(entry.mark, []).append(name)
    found: dict[Path, list[str]] = {}
    for mark, members in names.items():
        found[crossing.entry_path(reading.document, mark)] = without_groups(members)
    return found


def _rows_at(reading: Reading, problem: Problem, rows: dict[Path, list[str]]) -> list[str]:
    if problem.where.file != reading.source.name:
        return []
    path = crossing.path_of_problem(reading.document, problem.where)
    while path and path not in rows:
        path = path[:-1]
    return rows.get(path, [])
