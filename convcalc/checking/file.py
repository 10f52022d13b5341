"""Everything that can be found in one file: what is wrong with it, what it expects and does not hold, what rules say.

The file and each of its variants are built once; what is found in several of them at one place is told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from convcalc.analysis.analyse import Analysis
from convcalc.checking.ignores import Ignores
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError
from convcalc.language.parse import parse
from convcalc.language.spec import Entry, Spec
from convcalc.limits.expectations import check_expectations
from convcalc.lint import rules
from convcalc.lint.network import Network
from convcalc.network.build import build
from convcalc.problems import ERROR, Problem
from convcalc.report.report import Report
from convcalc.text.collector import Problems
from convcalc.text.source import FILE, Source

if TYPE_CHECKING:
    from convcalc.limits.baseline import Earlier
    from convcalc.limits.budgets import Budgets
    from convcalc.limits.limit import Limit


class Checked:
    """What was found in one file. `targets` holds the totals of each target that could be built, by its label.

    `unmet` are the limits of layers that none of them has, and `notes` are what is told to whoever wants to know all.
    """

    __slots__ = ("name", "problems", "targets", "passed_over", "unmet", "notes", "figures")

    def __init__(self, name: str, problems: list[Problem], targets: dict[str, dict[str, Any]]) -> None:
        self.name = name
        self.problems = problems
        self.targets = targets
        self.passed_over = ""  # why it was not looked at: it is no spec
        self.unmet: list[Limit] = []
        self.notes: list[str] = []
        self.figures: dict[str | None, dict[str, Any]] = {}  # by variant, those of the lock file where that is asked

    @property
    def is_broken(self) -> bool:
        """Whether something in it cannot be read or built: no expectation, budget or rule, which are findings."""
        return any(problem.severity == ERROR and problem.rule not in FINDINGS for problem in self.problems)


# Errors that speak of a network that was built.
FINDINGS = frozenset(["expectation", "budget", "growth", "locked"])
LIBRARY = "library"


def check_source(source: Source, settings: Settings) -> Checked:
    """All findings of one file, in file order."""
    try:
        spec, problems = parse(source)
    except SpecError as error:
        return Checked(source.name, error.problems, {})
    if problems.has(LIBRARY):
        return _library(source, problems)
    return _FileCheck(source, spec, problems, settings).run()


def _library(source: Source, problems: Problems) -> Checked:
    """A file of blocks for other files: there is no network to build, but its words can be wrong."""
    others = [problem for problem in problems.in_file_order() if problem.rule != LIBRARY]
    checked = Checked(source.name, others, {})
    if not others:
        checked.passed_over = "it is a library of blocks, and holds no network"
    return checked


class _FileCheck:
    def __init__(self, source: Source, spec: Spec, problems: Problems, settings: Settings) -> None:
        self.source = source
        self.spec = spec
        self.misread = problems
        self.settings = settings
        self.ignores = Ignores(source)
        self.merged: dict[tuple[str, str, str], _Merged] = {}
        self.targets: dict[str, dict[str, Any]] = {}
        self.budgets = self.budgets_of(settings)
        self.earlier = self.earlier_of(settings)
        self.figures: dict[str | None, dict[str, Any]] = {}
        self.copies: dict[int, int] = {}  # by the mark of an entry, the layers that all targets made of it

    def run(self) -> Checked:
        for variant in self.variants():
            label = self.source.name if variant is None else f"{self.source.name}@{variant}"
            try:
                report = self.report(variant, label)
            except SpecError as error:
                self.add(variant, error.problems)
                continue
            self.targets[label] = report.totals.to_dict()
            self.add(variant, check_expectations(report))
            self.hold(variant, report)
            self.lint(variant, report)
        if self.targets:
            self.lint_spec()
            if self.budgets is not None:
                self.add(None, self.budgets.without_layer())
            if self.settings.lock is not None:
                self.add(None, self.settings.lock.gone(self.spec, self.variants()))
        found = [merged.problem(len(self.targets), self.copies) for merged in self.merged.values()]
        kept = [problem for problem in found if not self.ignores.let_pass(problem)]
        if not any(problem.severity == ERROR and problem.rule not in FINDINGS for problem in kept):
            kept += self.ignores.unused(self.settings.rules)
        kept.sort(key=lambda problem: (problem.where.file != self.source.name, problem.where.file,
                                       problem.where.line, problem.where.column))  # fmt: skip
        checked = Checked(self.source.name, kept, self.targets)
        checked.unmet = [] if self.budgets is None else list(self.budgets.unmet.values())
        checked.notes = [] if self.earlier is None else self.earlier.notes
        checked.figures = self.figures
        return checked

    def budgets_of(self, settings: Settings) -> Budgets | None:
        if not settings.limits:
            return None
        from convcalc.limits.budgets import Budgets

        return Budgets(self.spec, settings.limits)

    def earlier_of(self, settings: Settings) -> Earlier | None:
        if settings.baseline is None:
            return None
        from convcalc.limits.baseline import Earlier

        return Earlier(self.source, settings.baseline)

    def variants(self) -> list[str | None]:
        """The file itself, where it has an input of its own or no variant that has one, and every variant."""
        own = self.spec.input is not None or all(each.input is None for each in self.spec.variants.values())
        return [*([None] if own else []), *self.spec.variants]

    def report(self, variant: str | None, label: str) -> Report:
        return Report(Analysis(build(self.spec, self.misread, variant)), target=label)

    def hold(self, variant: str | None, report: Report) -> None:
        """What does not keep to its budget, has grown, or is not as it was locked."""
        if self.budgets is not None:
            for over in self.budgets.over(report):
                self.merge(variant, over.problem, over.entry, over.limit.origin)
        if self.earlier is not None:
            self.add(variant, self.earlier.grown(report, self.spec))
        if self.settings.lock is not None:
            from convcalc.limits.lock import figures

            self.figures[variant] = figures(report)
            self.add(variant, self.settings.lock.problems(self.spec, variant, self.figures[variant]))

    def lint(self, variant: str | None, report: Report) -> None:
        if not self.settings.rules:
            return
        network = Network(report)
        for node in report.graph.nodes:
            self.copies[node.entry.mark] = self.copies.get(node.entry.mark, 0) + 1
        for name in self.settings.rules:
            for finding in rules.find(name).check(network):
                entry = None if finding.step is None else finding.step.entry
                self.merge(variant, finding.problem(name, self.source), entry)

    def lint_spec(self) -> None:
        """The rules that look at the file as it was written."""
        for name in self.settings.rules:
            self.add(None, (finding.problem(name, self.source) for finding in rules.find(name).check_spec(self.spec)))

    def add(self, variant: str | None, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.merge(variant, problem, None)

    def merge(self, variant: str | None, problem: Problem, entry: Entry | None, limit: str = "") -> None:
        """Keep a problem; one that a rule finds again at the same place, or for the same limit there, is counted."""
        key = (problem.rule, str(problem.where), limit or ("" if entry is not None else problem.message))
        if key not in self.merged:
            self.merged[key] = _Merged(problem, entry)
        self.merged[key].again(variant)


class _Merged:
    """One place in the file, and how often and in which variants the same was found there."""

    __slots__ = ("first", "entry", "times", "variants")

    def __init__(self, first: Problem, entry: Entry | None) -> None:
        self.first = first
        self.entry = entry
        self.times = 0
        self.variants: dict[str | None, None] = {}

    def again(self, variant: str | None) -> None:
        self.times += 1
        self.variants[variant] = None

    def problem(self, targets: int, copies: dict[int, int]) -> Problem:
        """The problem with a note of where else it was found; its fix only where it holds for every copy."""
        problem = self.first
        if self.entry is None:
            return problem
        if self.times < copies.get(self.entry.mark, 0) or self.entry.mark >= FILE:
            problem.fix = None  # other copies, or other specs that include the entry, may need it as it is
        note = self._note(targets)
        if note:
            problem.trail = (*problem.trail, note)
        return problem

    def _note(self, targets: int) -> str:
        names = [name or "the file itself" for name in self.variants]
        notes = []
        if self.times > len(self.variants):
            notes.append(f"{self.times:,} times in all")
        if len(names) < targets:
            shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
            notes.append(f"in {shown}" if self.variants != {None: None} else "")
        elif targets > 1:
            notes.append(f"in every one of the {targets} targets")
        return ", ".join(note for note in notes if note)
