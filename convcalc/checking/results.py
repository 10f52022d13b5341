"""The findings of `check` in one file, and in all files of a run, with the exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convcalc.arith.units import count_of
from convcalc.lint.comparisons import COMPARISONS
from convcalc.lint.rules import RULES
from convcalc.problems import ERROR, WARNING, Problem

if TYPE_CHECKING:
    from convcalc.limits.limit import Limit

# Exceptions to the rules that except nothing: a comment, and an entry of the file of accepted findings.
UNUSED_IGNORE = "unused-ignore"
UNUSED_ACCEPTED = "unused-accepted"
# The rules whose findings can be accepted.
ACCEPTABLE = frozenset((*RULES, *COMPARISONS))
OFF = "off"  # a severity: the rule does not run
# The rules whose findings have the severity of the configuration.
ADJUSTABLE = (*RULES, *COMPARISONS, UNUSED_IGNORE, UNUSED_ACCEPTED)
# The errors in the figures of a network, and the findings in a network that can be built. With any other error the
# network cannot be read or built.
FINDINGS = frozenset(["expectation", "budget", "growth", "locked", *ADJUSTABLE])
# Problems outside the spec: convcalc has a bug, or the process that checked the file was ended.
BUG = "bug"
ENDED = "process-ended"
# What the exit code 1 is for: errors, warnings too, or no finding at all.
NEVER = "never"
FAIL_ON = (ERROR, WARNING, NEVER)
# Exit codes.
FINE = 0
FOUND = 1
BROKEN = 2
FAILED = 3


def is_fault(problem: Problem) -> bool:
    """Whether the file cannot be read or built because of this problem."""
    return problem.severity == ERROR and problem.rule not in FINDINGS


def with_severities(problems: Sequence[Problem], severities: Mapping[str, str]) -> list[Problem]:
    """The problems with the severities of the configuration, without those of rules that it switches off."""
    for problem in problems:
        problem.severity = severities.get(problem.rule, problem.severity)
    return [problem for problem in problems if problem.severity != OFF]


@dataclass(slots=True)
class FileResult:
    """The findings of one file.

    `targets` has the totals of each network that was built, by its label. With a lock file `figures` has the figures
    for it, by variant. `unmet` has the limits of layers that no network of the file has. `notes` are shown with
    --verbose. `passed_over` is the reason why the file was skipped. With a file of accepted findings `places` has the
    names of the places of lint findings by rule, and `accepted` is the number of findings that it accepts.
    `comparisons` are sentences about what was compared with the networks of the file.
    """

    name: str
    problems: list[Problem] = field(default_factory=list)
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    passed_over: str = ""
    unmet: list[Limit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: dict[str | None, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    accepted: int = 0
    comparisons: list[str] = field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        """Whether the file, or a network in it, cannot be read or built."""
        return any(map(is_fault, self.problems))


class Results:
    """The checked files, in order. `general` are problems of the run itself, such as those of a lock file.

    `fail_on` is the least severity of a finding that fails the run, or NEVER.
    """

    def __init__(self, files: Sequence[FileResult], general: Sequence[Problem] = (), fail_on: str = WARNING) -> None:
        self.checked = [each for each in files if not each.passed_over]
        _remove_repeated(self.checked)
        self.passed_over = [each for each in files if each.passed_over]
        self.general = list(general)
        self.fail_on = fail_on

    def __repr__(self) -> str:
        counts = ((len(self.checked), "file"), (self.errors, "error"), (self.warnings, "warning"))
        return f"<Results: {', '.join(count_of(*count) for count in counts)}>"

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems)) or repr(self)

    @property
    def problems(self) -> list[Problem]:
        """All problems, file by file."""
        return [*(problem for each in self.checked for problem in each.problems), *self.general]

    @property
    def targets(self) -> int:
        """The number of networks that were built: files and variants."""
        return sum(len(each.targets) for each in self.checked)

    @property
    def errors(self) -> int:
        return sum(problem.severity == ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors

    @property
    def accepted(self) -> int:
        return sum(each.accepted for each in self.checked)

    @property
    def exit_code(self) -> int:
        """0: no finding that fails the run; 1: such a finding; 2: a file cannot be read or built; 3: a bug."""
        if any(problem.rule == BUG for problem in self.problems):
            return FAILED
        if any(each.is_broken for each in self.checked):
            return BROKEN
        return FOUND if any(map(self.fails, self.problems)) else FINE

    def fails(self, problem: Problem) -> bool:
        """Whether a problem fails the run."""
        if is_fault(problem) or self.fail_on == WARNING:
            return True
        return self.fail_on == ERROR and problem.severity == ERROR


def _remove_repeated(files: Sequence[FileResult]) -> None:
    """Leave out all but the first of equal findings that several specs have in a file that they include."""
    known: set[tuple[str, str]] = set()
    for checked in files:
        checked.problems = [
            problem
            for problem in checked.problems
            if problem.where.file == checked.name or (problem.rule, str(problem.where)) not in known
        ]
        known.update((problem.rule, str(problem.where)) for problem in checked.problems)
