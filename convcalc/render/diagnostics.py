"""Problems as text: place, rule and message, the line with a caret under the very value, and what would mend it."""

from __future__ import annotations

import re
from collections.abc import Callable

from convcalc.problems import ERROR, Problem

Style = Callable[[str, str], str]
MAX_EXCERPT = 160

_VALUE = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:[^\']|\'\')*\'|[^\s,\[\]{}#][^,\[\]{}#]*')


def plain_style(text: str, role: str) -> str:
    """Text as it is; other styles colour it by role: place, error, warning, caret, help."""
    return text


def render_problems(problems: list[Problem], style: Style = plain_style) -> str:
    """All problems, each a block of lines."""
    return "".join(render_problem(problem, style) for problem in problems)


def render_problem(problem: Problem, style: Style = plain_style) -> str:
    role = "error" if problem.severity == ERROR else "warning"
    subject = f"{problem.subject}: " if problem.subject else ""
    rule = style(f"{problem.severity}[{problem.rule}]", role)
    lines = [f"{style(str(problem.where), 'place')}: {rule} {subject}{problem.message}"]
    if problem.excerpt and problem.where.line:
        lines += _excerpt(problem, style)
    lines += [f"  {style('note', 'help')}: {note}" for note in problem.trail]
    if problem.help:
        lines.append(f"  {style('help', 'help')}: {problem.help}")
    return "\n".join(lines) + "\n"


def _excerpt(problem: Problem, style: Style) -> list[str]:
    number, column = str(problem.where.line), problem.where.column
    text = problem.excerpt.expandtabs(1)
    width = _width(text, column)
    start = 0
    if len(text) > MAX_EXCERPT:
        # Keep the value in sight: a window of the line that starts a little before it.
        start = max(0, min(column - 1 - MAX_EXCERPT // 2, len(text) - MAX_EXCERPT))
        text = text[start : start + MAX_EXCERPT]
        width = min(width, len(text) - (column - 1 - start))
    gutter = " " * len(number)
    caret = " " * (column - 1 - start) + style("^" * width, "caret")
    return [f"   {number} | {text}", f"   {gutter} | {caret}"]


def _width(text: str, column: int) -> int:
    """How long the value at a column is, as far as this line shows it."""
    match = _VALUE.match(text, column - 1)
    if match is None:
        closing = {"[": "]", "{": "}"}.get(text[column - 1 : column])
        end = text.find(closing, column) if closing else -1
        return end - column + 2 if end >= 0 else 1
    value = match.group().rstrip()
    key = re.match(r"[^\s:]+(?=\s*:(?:\s|$))", value)
    return len(key.group()) if key else max(len(value), 1)
