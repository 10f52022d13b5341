"""Findings for people: each with its line and a caret, file by file, and a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from convcalc.arith.units import count_of
from convcalc.arith.wording import visible
from convcalc.checking.formats import Options
from convcalc.checking.results import Results
from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.render.style import Style, plain_style

# With more findings there is also the number for each rule.
MANY = 10


def chunks(results: Results, options: Options) -> Iterator[str]:
    """The findings of each file, each a block of lines, then a summary."""
    gap = ""
    for part in filter(None, _parts(results, options)):
        yield gap + part
        gap = "\n"


def _parts(results: Results, options: Options) -> Iterator[str]:
    """The parts between empty lines."""
    problems = results.problems
    for _, of_file in groupby(problems, key=lambda problem: problem.where.file):
        yield render_problems(of_file, options.style, options.width)
    if options.quiet:
        return
    yield "".join(comparison_lines(results, options.style))
    if options.verbose:
        yield "".join(file_lines(results, options.style))
    if len(problems) > MANY:
        yield _table(counts_by_rule(problems))
    fixable = sum(problem.fix is not None for problem in problems) if options.offer_fixes else 0
    yield summary(results, options.style) + (f", {fixable:,} fixable with --fix\n" if fixable else "\n")


def _table(counts: dict[str, int]) -> str:
    width = len(f"{max(counts.values()):,}")
    return "".join(f"{count:>{width},} {rule}\n" for rule, count in counts.items())


def file_lines(results: Results, style: Style = plain_style) -> Iterator[str]:
    """A line for each file without findings, for each note on a file, and for each skipped file."""
    for each in [*results.checked, *results.passed_over]:
        lines = [f"passed over: {each.passed_over}"] if each.passed_over else []
        if not each.problems and not lines:
            lines = [f"{style('fine', 'result')}, {count_of(len(each.targets), 'network')}"]
        for line in [*lines, *each.notes]:
            yield f"{style(visible(each.name), 'place')}: {visible(line)}\n"


def comparison_lines(results: Results, style: Style = plain_style) -> Iterator[str]:
    """A line for each comparison with the source or the weights of a network."""
    for each in results.checked:
        for line in each.comparisons:
            yield f"{style(visible(each.name), 'place')}: {visible(line)}\n"


def counts_by_rule(problems: Iterable[Problem]) -> dict[str, int]:
    """The number of problems of each rule, the most frequent first."""
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.rule] = counts.get(problem.rule, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def summary(results: Results, style: Style = plain_style) -> str:
    """One line: the number of files, networks and problems.

    >>> summary(Results([]))
    '0 files, 0 networks: no problems'
    """
    checked = f"{count_of(len(results.checked), 'file')}, {count_of(results.targets, 'network')}"
    found = [
        style(count_of(count, word), word)
        for count, word in ((results.errors, "error"), (results.warnings, "warning"))
        if count
    ]
    accepted = f", {results.accepted:,} accepted" if results.accepted else ""
    return f"{checked}: {' and '.join(found) or style('no problems', 'result')}{accepted}"
