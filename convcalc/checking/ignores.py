"""Comments that let findings pass: `# convcalc: ignore[rule] why`.

On a line with something else the comment speaks of that line; on a line of its own, of the next line that is no
comment. `ignore-file[rule]` speaks of the whole file. A comment that lets nothing pass is a finding itself.
"""

from __future__ import annotations

import re

from convcalc.problems import WARNING, Problem
from convcalc.text.source import LINE, Source

UNUSED = "unused-ignore"
# What is found only where the call or the configuration asks for it: in another run the comment may be needed.
ON_REQUEST = ("budget", "growth", "locked")
_COMMENT = re.compile(r"#\s*convcalc:\s*(ignore(?:-file)?)\[([^\]\n]*)\]")
_KEYWORD = "convcalc:"


class _Ignore:
    """One rule name in a comment of `file`. `line` is the line it speaks of, counted from 1; None: the whole file."""

    __slots__ = ("rule", "file", "line", "mark", "used")

    def __init__(self, rule: str, file: str, line: int | None, mark: int) -> None:
        self.rule = rule
        self.file = file
        self.line = line
        self.mark = mark
        self.used = False


class Ignores:
    """The comments of a spec, and of the files that it includes.

    What is found in an included file passes by a comment there, or by `ignore-file` in the spec.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        files = [file for file in (source, *source.included) if _KEYWORD in file.text]
        self.found = [ignore for file in files for ignore in _read(file)]
        self.by_place: dict[tuple[str, str, int | None], list[_Ignore]] = {}
        for ignore in self.found:
            self.by_place.setdefault((ignore.rule, ignore.file, ignore.line), []).append(ignore)

    def let_pass(self, problem: Problem) -> bool:
        """Whether a comment lets this problem pass; the comment is then used."""
        rule, where = problem.rule, problem.where
        places = {(rule, where.file, where.line), (rule, where.file, None), (rule, self.source.name, None)}
        passing = [ignore for place in places for ignore in self.by_place.get(place, ())]
        for ignore in passing:
            ignore.used = True
        return bool(passing)

    def unused(self, rules: tuple[str, ...]) -> list[Problem]:
        """A finding for each comment that let nothing pass, unless what it names may not have been looked for."""
        from convcalc.lint.rules import RULES
        from convcalc.problems import nearest

        problems = []
        for ignore in self.found:
            of_another = ignore.file != self.source.name
            not_run = ignore.rule in ON_REQUEST or (ignore.rule in RULES and ignore.rule not in rules)
            if ignore.used or of_another or not_run:
                continue
            message, help = f"the comment ignores {ignore.rule}, which finds nothing here", "remove the comment"
            if ignore.rule not in RULES:
                message = f"there is no rule `{ignore.rule}`"
                help = nearest(ignore.rule, RULES) or "`convcalc rules` lists them"
            problems.append(self.source.problem(UNUSED, message, ignore.mark, help=help, severity=WARNING))
        return problems


def _read(source: Source) -> list[_Ignore]:
    found: list[_Ignore] = []
    lines = source.text.splitlines()
    next_line = 0
    for number, line in enumerate(lines):
        comment = _COMMENT.search(line) if _KEYWORD in line else None
        if comment is None:
            continue
        spoken_of: int | None = number + 1
        if comment[1] == "ignore-file":
            spoken_of = None
        elif not line[: comment.start()].strip():
            # Of the comments of one block all speak of the same line.
            next_line = next_line if next_line > number + 1 else _next_line(lines, number)
            spoken_of = next_line
        column = comment.start(2)
        for word in comment[2].split(","):
            indent = len(word) - len(word.lstrip())
            found.append(_Ignore(word.strip(), source.name, spoken_of, number * LINE + column + indent))
            column += len(word) + 1
    return found


def _next_line(lines: list[str], number: int) -> int:
    """The number, from 1, of the first line after this one that holds more than a comment; that after the last."""
    for after in range(number + 1, len(lines)):
        text = lines[after].strip()
        if text and not text.startswith("#"):
            return after + 1
    return len(lines) + 1
