"""Problems as text: place, rule and message, the line with a caret under the value, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from convcalc.arith.wording import CONTROL_CHARACTERS, visible
from convcalc.problems import ERROR, Problem
from convcalc.render.style import Style, cells, plain_style

MAX_EXCERPT = 160
MAX_VALUE = 4_000  # characters that are read on either side of a column
MIN_EXCERPT = 20
INDENT = "    "  # of the further lines of a message
MIN_TEXT = 24  # columns; with less room beside its place a message starts on a line of its own

_QUOTED = r'"(?:\\.|[^"\\])*"|\'(?:[^\']|\'\')*\''
_VALUE = re.compile(rf"{_QUOTED}|[^\s,\[\]{{}}#][^,\[\]{{}}#]*")
_PART = re.compile(rf"{_QUOTED}|.")
_DEPTHS = {"[": 1, "{": 1, "]": -1, "}": -1}
_COMMENT = re.compile(r"\s#")
_KEY = re.compile(r"[^\s:]+(?=\s*:(?:\s|$))")


def render_problems(problems: Iterable[Problem], style: Style = plain_style, width: int | None = None) -> str:
    """All problems, each a block of lines."""
    return "".join(render_problem(problem, style, width) for problem in problems)


def render_problem(problem: Problem, style: Style = plain_style, width: int | None = None) -> str:
    """One problem as lines. Sentences are wrapped to the `width` of a terminal; None wraps nothing."""
    role = "error" if problem.severity == ERROR else "warning"
    place, rule = visible(str(problem.where)), f"{problem.severity}[{problem.rule}]"
    head = f"{style(place, 'place')}: {style(rule, role)} "
    lines = [*_sentence(head, len(place) + len(rule) + 3, visible(message_of(problem)), width)]
    if problem.excerpt and problem.where.line:
        lines += _excerpt(problem, style, width)
    for label, text in notes_of(problem):
        lines += _sentence(f"  {style(label, 'help')}: ", len(label) + 4, visible(text), width)
    return "\n".join(lines) + "\n"


def message_of(problem: Problem) -> str:
    """What is wrong, with the name of the entry."""
    return f"{problem.subject}: {problem.message}" if problem.subject else problem.message


def notes_of(problem: Problem) -> Iterator[tuple[str, str]]:
    """The notes below the message, each with its label, `note` or `help`."""
    for note in problem.trail:
        yield "note", note
    if problem.help:
        yield "help", problem.help


def value_width(text: str, column: int) -> int:
    """The length of the value at a column of a line, up to the end of the line; at least 1.

    >>> value_width("- conv2d: {stride: 2, padding: [[0, 1], [0, 1]]}", 32)
    16
    """
    start = column - 1
    before, after = text[max(0, start - MAX_VALUE) : start], text[start : start + MAX_VALUE]
    if after[:1] in ("[", "{"):
        return _bracket_width(after)
    if _depth(before) == 0 and after[:1].strip("\"'# \t"):
        # Outside brackets a comma belongs to the value, unless the line continues a collection of the lines above.
        value = _COMMENT.split(after, maxsplit=1)[0].rstrip()
        if value and ": " not in value and not value.endswith((":", ",")) and _depth(value) == 0:
            return len(value)
    match = _VALUE.match(after)
    value = match.group().rstrip() if match else ""
    key = _KEY.match(value)
    return len(key.group()) if key else max(len(value), 1)


def _bracket_width(text: str) -> int:
    """The length from the bracket at the start to its closing bracket; 1 where that is on another line."""
    depth = 0
    for part in _PART.finditer(text):
        depth += _DEPTHS.get(part.group(), 0)
        if depth == 0:
            return part.end()
    return 1


def _depth(text: str) -> int:
    """How many brackets are open at the end of a text."""
    return sum(_DEPTHS.get(part, 0) for part in _PART.findall(text))


def _sentence(head: str, head_width: int, text: str, width: int | None) -> list[str]:
    """A sentence after its head, wrapped at `width`; the head may contain colours."""
    if width is None or head_width + cells(text) <= width:
        return [head + text]
    lines, used = [head], head_width
    if width - head_width < MIN_TEXT:
        lines, used = [head.rstrip(), INDENT], len(INDENT)
    for number, word in enumerate(text.split(" ")):
        room = cells(word) + bool(number)
        if number and used + room > width:
            lines.append(INDENT + word)
            used = len(INDENT) + room - 1
        else:
            lines[-1] += f" {word}" if number else word
            used += room
    return lines


def _excerpt(problem: Problem, style: Style, terminal: int | None) -> list[str]:
    """The line, or the part around the value that fits, and the caret under the value."""
    number, first = str(problem.where.line), problem.where.column - 1
    room = MAX_EXCERPT if terminal is None else max(MIN_EXCERPT, min(MAX_EXCERPT, terminal - len(number) - 6))
    text, width = problem.excerpt, value_width(problem.excerpt, problem.where.column)
    if len(text) > room:
        # Show the part of the line that starts shortly before the value.
        start = max(0, min(first - room // 2, len(text) - room))
        text, first = text[start : start + room], first - start
    while cells(text) > room:
        at_start = first > 0 and first + width >= len(text)
        text, first = (text[1:], first - 1) if at_start else (text[:-1], first)
    text = re.sub(CONTROL_CHARACTERS, "\ufffd", text.replace("\t", " "))
    value = text[first : first + width] or " "
    caret = " " * cells(text[:first].ljust(first)) + style("^" * cells(value), "caret")
    gutter = " " * len(number)
    return [f"   {number} | {text}", f"   {gutter} | {caret}"]
