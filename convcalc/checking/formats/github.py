"""Workflow commands, which GitHub shows as annotations, and the summary of a job in Markdown.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.wording import visible
from convcalc.checking.finding_fields import end_column, from_root, full_message
from convcalc.checking.formats import Options
from convcalc.checking.formats.text import comparison_lines, counts_by_rule, file_lines, summary
from convcalc.checking.results import Results
from convcalc.problems import ERROR, Problem
from convcalc.render.diagnostics import message_of

# The summary of a job is limited to a mebibyte; the log has all findings.
MAX_ROWS = 100
_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_MESSAGE, ":": "%3A", ",": "%2C"}


def chunks(results: Results, options: Options) -> Iterator[str]:
    """One command for each finding, then the summary as plain text."""
    for problem in results.problems:
        yield _command(problem)
    if options.verbose:
        yield from file_lines(results)
    if not options.quiet:
        yield from comparison_lines(results)
        yield summary(results) + "\n"


def _command(problem: Problem) -> str:
    where, end = problem.where, end_column(problem)
    properties: dict[str, object] = {"file": from_root(where.file)}
    if where.line:
        properties |= {"line": where.line, "endLine": where.line, "col": where.column}
    if end is not None:
        properties["endColumn"] = end
    properties["title"] = problem.rule
    written = ",".join(f"{name}={_escape(str(value), _PROPERTY)}" for name, value in properties.items())
    # The log shows only the message, so the message has the place too.
    message = f"{visible(str(where))}: {problem.severity}[{problem.rule}] {full_message(problem)}"
    return f"::{problem.severity} {written}::{_escape(message, _MESSAGE)}\n"


def _escape(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(each, each) for each in text)


def job_summary(results: Results) -> Iterator[str]:
    """The findings as a table in Markdown, cut to the limit of a job's summary."""
    problems = results.problems
    yield f"### convcalc check\n\n{summary(results)}\n"
    if problems:
        yield "\n| place | rule | finding |\n|---|---|---|\n"
    for problem in problems[:MAX_ROWS]:
        severity = "" if problem.severity == ERROR else f" ({problem.severity})"
        yield f"| {_cell(str(problem.where))} | {problem.rule}{severity} | {_cell(message_of(problem))} |\n"
    if len(problems) > MAX_ROWS:
        left = counts_by_rule(problems[MAX_ROWS:])
        yield (
            f"\nAnd {len(problems) - MAX_ROWS:,} more: " + ", ".join(f"{n:,} {rule}" for rule, n in left.items()) + "\n"
        )
    yield "\n"


def _cell(text: str) -> str:
    """A text in a cell of a table, without special characters of Markdown and HTML."""
    return "".join(f"&#{ord(each)};" if each in "&<>|\\`*_[]~$" else each for each in visible(text))
