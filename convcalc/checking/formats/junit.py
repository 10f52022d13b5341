"""XML of JUnit for Jenkins, GitLab and others: a suite for each file, a test for each network and rule.

Jenkins shows one failure for each test, so all findings of a rule in a file are one failure. The name of a test has no
line number, so that its history continues when lines move.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from convcalc.arith.wording import visible
from convcalc.checking.finding_fields import from_root
from convcalc.checking.formats import Options
from convcalc.checking.results import Results, is_fault
from convcalc.problems import Problem
from convcalc.render.diagnostics import message_of, render_problem

# XML 1.0, section 2.2: the characters that a document may contain.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# An XML reader turns line ends in an attribute into spaces.
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "\t": "&#9;", "\n": "&#10;"}


class _Suite:
    """The tests of one file: each of the `targets` passed; each list of problems of one rule is a test.

    Such a test passes where its problems do not fail the run.
    """

    __slots__ = ("file", "targets", "found", "fails")

    def __init__(
        self, file: str, targets: Iterable[str], problems: Iterable[Problem], fails: Callable[[Problem], bool]
    ) -> None:
        self.file = file
        self.targets = list(targets)
        self.fails = fails
        by_rule: dict[str, list[Problem]] = {}
        for problem in problems:
            by_rule.setdefault(problem.rule, []).append(problem)
        self.found = list(by_rule.values())

    @property
    def counts(self) -> tuple[int, int, int]:
        """The number of all tests, of failed tests, and of tests that could not run."""
        errors = sum(is_fault(problems[0]) for problems in self.found)
        failed = sum(any(map(self.fails, problems)) for problems in self.found)
        return len(self.targets) + len(self.found), failed - errors, errors

    def lines(self) -> Iterator[str]:
        file = from_root(self.file)
        yield f"  <testsuite{_attributes(name=file, **_count_attributes(self.counts))}>\n"
        # Readers use the part after the last dot as the name of a class.
        name = os.path.splitext(file)[0].strip("/").replace(".", "_").replace("/", ".")
        place = {"classname": name, "file": file, "time": "0"}
        for target in self.targets:
            yield f"    <testcase{_attributes(name=f'build {target}', **place)}/>\n"
        for problems in self.found:
            element = _failure(problems) if any(map(self.fails, problems)) else _output(problems)
            yield f"    <testcase{_attributes(name=problems[0].rule, **place)}>\n{element}    </testcase>\n"
        yield "  </testsuite>\n"


def chunks(results: Results, options: Options) -> Iterator[str]:
    """A suite for each file, and for each other file with a problem of the run."""
    suites = [_Suite(each.name, each.targets, each.problems, results.fails) for each in results.checked]
    general: dict[str, list[Problem]] = {}
    for problem in results.general:
        general.setdefault(problem.where.file, []).append(problem)
    suites += [_Suite(file, (), problems, results.fails) for file, problems in general.items()]
    total = [sum(counts) for counts in zip(*(suite.counts for suite in suites))] or [0, 0, 0]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{_attributes(name='convcalc check', **_count_attributes(total))}>\n"
    for suite in suites:
        yield from suite.lines()
    yield "</testsuites>\n"


def _count_attributes(counts: Sequence[int]) -> dict[str, str]:
    return {**dict(zip(("tests", "failures", "errors"), map(str, counts))), "time": "0"}


def _failure(problems: list[Problem]) -> str:
    """The element with the reason why a test failed: all problems of one rule in a file."""
    first = problems[0]
    tag = "error" if is_fault(first) else "failure"
    message = visible(message_of(first)) + (f" (and {len(problems) - 1:,} more)" if len(problems) > 1 else "")
    return f"      <{tag}{_attributes(message=message, type=first.severity)}>{_text(problems)}</{tag}>\n"


def _output(problems: list[Problem]) -> str:
    """The element with the problems of a test that passes."""
    return f"      <system-out>{_text(problems)}</system-out>\n"


def _text(problems: list[Problem]) -> str:
    return _escape("".join(map(render_problem, problems)).rstrip("\n"), _TEXT)


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_escape(value, _ATTRIBUTE)}"' for name, value in values.items())


def _escape(text: str, escapes: dict[str, str]) -> str:
    """A text as XML in ASCII, which is the same in every encoding of a pipe."""
    clean = _FORBIDDEN.sub("\ufffd", text)
    return "".join(escapes.get(each, each) for each in clean).encode("ascii", "xmlcharrefreplace").decode()
