"""Answers to questions about a text: what is found in it by row, which rows an entry makes, its table."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.editor.reading import Origin, Reading
from convcalc.editor.state import Findings
from convcalc.errors import SpecError
from convcalc.problems import Problem
from convcalc.report.report import Report
from convcalc.text.source import FILE, LINE
from convcalc.text.values import Path


def findings(reading: Reading, origin: Origin) -> Findings:
    """What `check` finds in a text, each finding with the rows of the entry that it stands in."""
    from convcalc.checking.check_source import check_source
    from convcalc.checking.settings import Settings

    problems = check_source(origin.source(reading.document), Settings()).problems
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


def entries_at(reading: Reading, path: Path) -> list[str]:
    """The full names of what the entry at a path makes."""
    if reading.spec is None:
        return []
    line, column = reading.document.type_position(path)
    mark = (line - 1) * LINE + column - 1
    return _without_groups([name for name, (entry, _) in reading.trace.entries.items() if entry.mark == mark])


def _without_groups(names: list[str]) -> list[str]:
    """Without the names that all copies of a repeated entry go by."""
    groups = {name.rpartition(".")[0] for name in names}
    return [name for name in names if name not in groups]


def _rows_by_path(reading: Reading) -> dict[Path, list[str]]:
    """The full names of the rows by the path of their entry; of blocks those of their copies."""
    names: dict[int, list[str]] = {}
    for name, (entry, _) in reading.trace.entries.items():
        if entry.mark < FILE:
            names.setdefault(entry.mark, []).append(name)
    found: dict[Path, list[str]] = {}
    for mark, members in names.items():
        where = reading.source.where(mark)
        found[reading.document.entry_path(where.line, where.column)] = _without_groups(members)
    return found


def _rows_at(reading: Reading, problem: Problem, rows: dict[Path, list[str]]) -> list[str]:
    where = problem.where
    if not where.line or where.file != reading.source.name:
        return []
    try:
        path = reading.document.path_at(where.line, where.column)
    except SpecError:
        return []  # the text cannot be read, and this is why
    while path and path not in rows:
        path = path[:-1]
    return rows.get(path, [])


def table(report: Report, layer: str | None, columns: Sequence[str] | None) -> str:
    """The table of a report as Markdown, or the row of one layer. Raises UsageError for unknown names."""
    from convcalc.render.markdown import markdown_chunks
    from convcalc.render.report import report_sheet
    from convcalc.render.sheet import Sheet
    from convcalc.report.columns import DEFAULT
    from convcalc.report.columns import columns as find_columns
    from convcalc.report.view import View as TableView

    view = TableView(report, find_columns(tuple(columns) if columns is not None else DEFAULT))
    if layer is not None:
        view.lines = [report.row(layer)]
        sheet = report_sheet(view)
        return "".join(markdown_chunks([Sheet("", sheet.heads, sheet.rows)]))
    return "".join(markdown_chunks([report_sheet(view)]))
