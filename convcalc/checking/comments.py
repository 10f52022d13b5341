"""Accepts the findings in the text of a file: a comment on the line of each ignores it.

The changed text is read again, and must have the same values: the end of a line may be a part of a text of several
lines, where no comment is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from convcalc.checking.check_source import check_source
from convcalc.checking.fixing import FixResult
from convcalc.checking.ignores import COMMENT
from convcalc.checking.results import ACCEPTABLE
from convcalc.checking.settings import Settings
from convcalc.problems import Problem
from convcalc.text.document import Document, TextChange
from convcalc.text.layout import Layout, Splice
from convcalc.text.source import Source
from convcalc.text.values import EditError

Line = tuple[int, list[str]]  # its number, from 0, and the rules to ignore there


def accept_text(text: str, source_of: Callable[[str], Source], settings: Settings) -> FixResult:
    """The text with a comment for each lint finding. A finding that gets none has a note why."""
    before = check_source(source_of(text), settings)
    by_line: dict[int, dict[str, None]] = {}
    for problem in before.problems:
        if is_acceptable(problem) and problem.where.file == before.name and not before.is_broken:
            by_line.setdefault(problem.where.line - 1, {})[problem.rule] = None
    lines = [(number, list(rules)) for number, rules in sorted(by_line.items())]
    after = _commented(Document(text), lines) if lines else Document(text)
    checked = check_source(source_of(after.text), settings)
    left = [problem for problem in checked.problems if is_acceptable(problem)]
    for problem in left:
        is_included = problem.where.file != checked.name
        included = f"it is in an included file; write `# convcalc: ignore[{problem.rule}]` on this line"
        reason = included if is_included else "no comment can be written on this line"
        problem.trail = (*problem.trail, f"not accepted: {reason}")
    count = sum(map(is_acceptable, before.problems)) - len(left)
    return FixResult(after.text, count, checked)


def is_acceptable(problem: Problem) -> bool:
    """Whether a problem can be accepted: only a finding of a rule or a comparison can."""
    return problem.rule in ACCEPTABLE


def _commented(document: Document, lines: Sequence[Line]) -> Document:
    """The document with the comments that can be written; where not all can, each half is tried."""
    splices = [_splice(document.layout, number, rules) for number, rules in lines]
    try:
        return document.with_changes([TextChange(splices, document.root, lambda value: value)])
    except EditError:
        if len(lines) == 1:
            return document
    middle = len(lines) // 2
    return _commented(_commented(document, lines[:middle]), lines[middle:])  # no line gets another number


def _splice(layout: Layout, number: int, rules: Sequence[str]) -> Splice:
    """Add rules to the comment at the end of a line, or write one."""
    start, end = layout.starts[number], layout.ends[number]
    line, names = layout.text[start:end], ", ".join(rules)
    comment = COMMENT.search(line)
    if comment is not None and comment[1] == "ignore":
        place = start + comment.end(2)
        return Splice(place, place, f", {names}" if comment[2].strip() else names)
    return Splice(start + len(line.rstrip()), end, f"  # convcalc: ignore[{names}]")
