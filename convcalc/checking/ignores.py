"""Comments that ignore findings: `# convcalc: ignore[rule] why`.

A comment at the end of a line ignores findings on that line. A comment on its own line ignores findings on the next
line that is not a comment. `ignore-file[rule]` ignores them in the whole file. A comment that ignores nothing is a
finding itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from convcalc.checking.results import UNUSED_IGNORE
from convcalc.lint.comparisons import COMPARISONS
from convcalc.lint.rules import RULES
from convcalc.problems import WARNING, Problem, nearest
from convcalc.text.source import Mark, Source, make_mark

# Checks that run only on request: a comment may be needed in another run.
ON_REQUEST = ("budget", "growth", "locked", *COMPARISONS)
COMMENT = re.compile(r"#\s*convcalc:\s*(ignore(?:-file)?)\[([^\]\n]*)\]")
_KEYWORD = "convcalc:"


@dataclass(slots=True)
class _Ignore:
    """One rule name in a comment of `file`, for a line, counted from 1, or for the whole file where it is None."""

    rule: str
    file: str
    line: int | None
    mark: Mark
    used: bool = False


class Ignores:
    """The comments of a spec, and of the files that it includes.

    A finding in an included file is ignored by a comment there, or by `ignore-file` in the spec.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        files = [file for file in (source, *source.included) if _KEYWORD in file.text]
        self.found = [ignore for file in files for ignore in _read(file)]
        self.by_place: dict[tuple[str, str, int | None], list[_Ignore]] = {}
        for ignore in self.found:
            self.by_place.setdefault((ignore.rule, ignore.file, ignore.line), []).append(ignore)

    def ignores(self, problem: Problem) -> bool:
        """Whether a comment ignores this problem; the comment then counts as used."""
        rule, where = problem.rule, problem.where
        places = {(rule, where.file, where.line), (rule, where.file, None), (rule, self.source.name, None)}
        matching = [ignore for place in places for ignore in self.by_place.get(place, ())]
        for ignore in matching:
            ignore.used = True
        return bool(matching)

    def unused(self, rules: tuple[str, ...]) -> list[Problem]:
        """A finding for each comment that ignored nothing, if its rule was run."""
        problems = []
        for ignore in self.found:
            is_included = ignore.file != self.source.name
            has_not_run = ignore.rule in ON_REQUEST or (ignore.rule in RULES and ignore.rule not in rules)
            if ignore.used or is_included or has_not_run:
                continue
            message, help = f"the comment ignores {ignore.rule}, which finds nothing here", "remove the comment"
            if ignore.rule not in RULES:
                message = f"there is no rule `{ignore.rule}`"
                help = nearest(ignore.rule, RULES) or "`convcalc rules` lists them"
            problems.append(self.source.problem(UNUSED_IGNORE, message, ignore.mark, help=help, severity=WARNING))
        return problems


def _read(source: Source) -> list[_Ignore]:
    found: list[_Ignore] = []
    lines = source.text.splitlines()
    next_line = 0
    for number, line in enumerate(lines):
        comment = COMMENT.search(line) if _KEYWORD in line else None
        if comment is None:
            continue
        target: int | None = number + 1
        if comment[1] == "ignore-file":
            target = None
        elif not line[: comment.start()].strip():
            # All comments of a group are for the same line.
            next_line = next_line if next_line > number + 1 else _next_line(lines, number)
            target = next_line
        column = comment.start(2)
        for word in comment[2].split(","):
            indent = len(word) - len(word.lstrip())
            found.append(_Ignore(word.strip(), source.name, target, make_mark(number, column + indent)))
            column += len(word) + 1
    return found


def _next_line(lines: list[str], number: int) -> int:
    """The number, from 1, of the next line with more than a comment; without one, the number after the last line."""
    for after in range(number + 1, len(lines)):
        text = lines[after].strip()
        if text and not text.startswith("#"):
            return after + 1
    return len(lines) + 1
