"""Checks one file: its errors, the figures that exceed a limit, and the findings of lint rules.

The file and each of its variants are built once; equal findings of several variants at one place are one problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcalc.analysis.analyse import Analysis
from convcalc.checking.ignores import Ignores
from convcalc.checking.merging import Merger
from convcalc.checking.results import FileResult, is_fault, with_severities
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError
from convcalc.language.parse import parse
from convcalc.language.spec import Spec
from convcalc.limits.expectations import check_expectations
from convcalc.lint import rules
from convcalc.lint.linted_network import Network
from convcalc.network.build import build
from convcalc.problems import Problem
from convcalc.report.report import Report
from convcalc.text.collector import Problems
from convcalc.text.source import Source

if TYPE_CHECKING:
    from convcalc.importers.network import ForeignNetwork
    from convcalc.limits.baseline import Earlier
    from convcalc.limits.budgets import Budgets

LIBRARY = "library"


def check_source(source: Source, settings: Settings, foreign: ForeignNetwork | None = None) -> FileResult:
    """All findings of one file, in file order; `foreign` is the network that the text was made from."""
    try:
        spec, problems = parse(source)
    except SpecError as error:
        return FileResult(source.name, error.problems)
    if problems.has(LIBRARY):
        return _check_library(source, problems)
    return _SpecCheck(source, spec, problems, settings, foreign).run()


def _check_library(source: Source, problems: Problems) -> FileResult:
    """Check a file of blocks for other files: there is no network to build, but its text can have errors."""
    others = [problem for problem in problems.in_file_order() if problem.rule != LIBRARY]
    reason = "" if others else "it is a library of blocks, without a network"
    return FileResult(source.name, others, passed_over=reason)


class _SpecCheck:
    """The check of a spec: each step adds problems to `merger`, and results to `result`."""

    def __init__(
        self, source: Source, spec: Spec, problems: Problems, settings: Settings, foreign: ForeignNetwork | None
    ) -> None:
        self.source = source
        self.spec = spec
        self.parse_problems = problems
        self.settings = settings
        self.foreign = foreign
        self.budgets = _budgets(spec, settings)
        self.earlier = _earlier(source, settings)
        self.merger = Merger(source)
        self.result = FileResult(source.name)

    def run(self) -> FileResult:
        if self.settings.comparisons:
            from convcalc.checking.comparing import check_variants  # as in `compare`

            problems = check_variants(self.spec, self.variants(), self.settings)
            if problems:
                return FileResult(self.source.name, problems)
        for variant in self.variants():
            self.check_variant(variant)
        if self.result.targets:
            self.check_file()
        self.result.problems = self.problems()
        self.result.unmet = [] if self.budgets is None else list(self.budgets.unmet.values())
        self.result.notes = [] if self.earlier is None else self.earlier.notes
        return self.result

    def variants(self) -> list[str | None]:
        """Every variant, and the file itself (None) where it has an input, or no variant has one."""
        has_own = self.spec.input is not None or all(each.input is None for each in self.spec.variants.values())
        return [*([None] if has_own else []), *self.spec.variants]

    def check_variant(self, variant: str | None) -> None:
        """Build one network, and check its figures and its layers."""
        label = self.source.name if variant is None else f"{self.source.name}@{variant}"
        try:
            report = Report(Analysis(build(self.spec, self.parse_problems, variant)), target=label)
        except SpecError as error:
            for problem in error.problems:
                self.merger.add(problem)
            return
        self.result.targets[label] = report.totals.to_dict()
        for problem in [*self.differences(report), *check_expectations(report)]:
            self.merger.add(problem)
        self.check_limits(variant, report)
        self.lint(variant, report)
        self.compare(variant, report)

    def differences(self, report: Report) -> list[Problem]:
        """What differs from the network that the text was made from."""
        if self.foreign is None:
            return []
        from convcalc.agreement import differences  # needed only for a network of another format

        return differences(report.graph, self.foreign)

    def check_limits(self, variant: str | None, report: Report) -> None:
        """Find figures that exceed a budget, have grown, or differ from the lock file."""
        if self.budgets is not None:
            for excess in self.budgets.exceeded(report):
                self.merger.add_excess(variant, excess)
        if self.earlier is not None:
            for problem in self.earlier.grown(report, self.spec):
                self.merger.add(problem)
        if self.settings.lock is not None:
            from convcalc.limits.lock import figures  # needed only with a lock file

            self.result.figures[variant] = figures(report)
            for problem in self.settings.lock.problems(self.spec, variant, self.result.figures[variant]):
                self.merger.add(problem)

    def lint(self, variant: str | None, report: Report) -> None:
        """Run the rules that check a network."""
        if not self.settings.rules:
            return
        network = Network(report)
        self.merger.add_copies(network)
        for rule in map(rules.find, self.settings.rules):
            for finding in rule.check(network, **self.settings.options.get(rule.name, {})):
                self.merger.add_finding(variant, rule.name, finding, network)

    def compare(self, variant: str | None, report: Report) -> None:
        """Compare a network with its source and its weights."""
        if not self.settings.comparisons:
            return
        from convcalc.checking.comparing import compare  # needed only with --against or --weights

        network = Network(report)
        for compared in compare(self.spec, variant, report, self.settings):
            for problem in compared.problems:
                self.merger.add(problem)
            for finding in compared.findings:
                self.merger.add_finding(variant, compared.rule, finding, network)
            self.result.comparisons += [compared.note] if compared.note else []

    def check_file(self) -> None:
        """Run the rules that check the text, once for all networks of the file."""
        for rule in map(rules.find, self.settings.rules):
            for finding in rule.check_spec(self.spec, **self.settings.options.get(rule.name, {})):
                self.merger.add(finding.problem(rule.name, self.source, None))
        for problem in self.budgets.without_layer() if self.budgets is not None else ():
            self.merger.add(problem)
        for problem in self.settings.lock.missing(self.spec, self.variants()) if self.settings.lock is not None else ():
            self.merger.add(problem)

    def problems(self) -> list[Problem]:
        """The problems that no comment ignores and that are not accepted, in file order."""
        comments = Ignores(self.source)
        merged = self.merger.problems(len(self.result.targets))
        problems = [problem for problem in merged if not comments.ignores(problem)]
        if not any(map(is_fault, problems)):
            problems += comments.unused(self.settings.rules)
        problems = self.not_accepted(with_severities(problems, self.settings.severities))
        own = self.source.name
        problems.sort(key=lambda each: (each.where.file != own, each.where.file, each.where.line, each.where.column))
        return problems

    def not_accepted(self, problems: list[Problem]) -> list[Problem]:
        """The problems that are not accepted. With a file of accepted findings, the result gets their places."""
        if self.settings.accepted is None:
            return problems
        from convcalc.checking.accepted import place_name  # needed only with a file of accepted findings

        self.result.places = {rule: [] for rule in (*self.settings.rules, *self.settings.compared_rules)}
        left = []
        for problem in problems:
            name = place_name(problem)
            if problem.rule in self.result.places:
                self.result.places[problem.rule].append(name)
            if problem.rule in self.result.places and name in self.settings.accepted.get(problem.rule, ()):
                self.result.accepted += 1
            else:
                left.append(problem)
        return left


# Budgets and a baseline are options: their modules are loaded only where one is given.


def _budgets(spec: Spec, settings: Settings) -> Budgets | None:
    if not settings.limits:
        return None
    from convcalc.limits.budgets import Budgets

    return Budgets(spec, settings.limits)


def _earlier(source: Source, settings: Settings) -> Earlier | None:
    if settings.baseline is None:
        return None
    from convcalc.limits.baseline import Earlier

    return Earlier(source, settings.baseline, settings.input)
