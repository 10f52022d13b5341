"""A network on the page: its report, and what `check` finds in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from convcalc.checking.ignores import Ignores
from convcalc.checking.settings import DEFAULT_RULES
from convcalc.language.parse import parse
from convcalc.lint import rules
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.problems import Problem
from convcalc.report.report import Report
from convcalc.report.rows import Row


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the layer that it is about; None where it is about the file."""

    row: Row | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class Subject:
    """A report with its findings.

    A network of another format has no lines: its user has not seen its text. `given` are the options of the call that
    change the network.
    """

    report: Report
    findings: Sequence[Found]
    has_lines: bool
    given: str


def subject(report: Report, *, has_lines: bool = True, given: str = "") -> Subject:
    """A report with what the lint rules find in it, in the order of the file, as `check` has it."""
    own = report.graph.source.name

    def place(found: Found) -> tuple[bool, str, int, int]:
        where = found.problem.where
        return where.file != own, where.file, where.line, where.column

    found = [each for some in findings(report) for each in some]
    return Subject(report, sorted(found, key=place), has_lines, given)


def findings(report: Report) -> Iterator[list[Found]]:
    """What each rule of the default set finds, layer by layer, without what a comment ignores."""
    source = report.graph.source
    network, spec, ignores = Network(report), parse(source)[0], Ignores(source)
    for rule in map(rules.find, DEFAULT_RULES):
        found = [_found(finding, rule.name, network) for finding in (*rule.check(network), *rule.check_spec(spec))]
        yield [each for each in found if not ignores.ignores(each.problem)]


def _found(finding: Finding, rule: str, network: Network) -> Found:
    entry = None if finding.row is None else network.entry(finding.row)
    return Found(finding.row, finding.problem(rule, network.report.graph.source, entry))
