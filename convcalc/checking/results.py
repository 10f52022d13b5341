"""What a run of `check` has found in all files, and the exit code that it means."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.checking.file import Checked
from convcalc.problems import ERROR, Problem

FINE = 0
FOUND = 1
BROKEN = 2


class Results:
    """The files that were looked at, in order. `general` are problems of the run itself: of a lock file, say."""

    def __init__(self, files: Sequence[Checked], general: Sequence[Problem] = ()) -> None:
        self.checked = [each for each in files if not each.passed_over]
        _tell_once(self.checked)
        self.passed_over = [each for each in files if each.passed_over]
        self.general = list(general)

    @property
    def problems(self) -> list[Problem]:
        """All of them, file by file."""
        return [*(problem for each in self.checked for problem in each.problems), *self.general]

    @property
    def targets(self) -> int:
        """How many networks were built: files and variants."""
        return sum(len(each.targets) for each in self.checked)

    @property
    def errors(self) -> int:
        return sum(problem.severity == ERROR for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors

    @property
    def exit_code(self) -> int:
        """0 nothing found; 1 an expectation, budget or rule that does not hold; 2 a file that cannot be read."""
        if any(each.is_broken for each in self.checked):
            return BROKEN
        return FOUND if self.problems else FINE


def _tell_once(files: Sequence[Checked]) -> None:
    """Keep one of the findings that several specs have in one file that they include."""
    told: set[tuple[str, str]] = set()
    for checked in files:
        of_others = [problem for problem in checked.problems if problem.where.file != checked.name]
        if of_others:
            again = {id(problem) for problem in of_others if (problem.rule, str(problem.where)) in told}
            checked.problems = [problem for problem in checked.problems if id(problem) not in again]
        told.update((problem.rule, str(problem.where)) for problem in checked.problems)
