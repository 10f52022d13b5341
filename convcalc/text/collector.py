"""Collects the problems of one file while it is read and its network is built."""

from __future__ import annotations

from convcalc import bounds
from convcalc.problems import Problem
from convcalc.text.source import Mark, Source


class Problems:
    """Collects the problems of one file and of those that it includes, each once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        # By rule and place; of two problems with the same rule and place, the message tells them apart.
        self._problems: dict[tuple[str, str, str], Problem] = {}

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def is_full(self) -> bool:
        """Whether no further problem is kept: then no message need be made."""
        return len(self._problems) >= bounds.MAX_PROBLEMS

    def copy(self) -> Problems:
        """A new collector with the problems that this one has now."""
        other = type(self)(self.source)
        other._problems.update(self._problems)
        return other

    def add(
        self,
        rule: str,
        message: str,
        mark: Mark,
        *,
        help: str = "",
        subject: str = "",
        trail: tuple[str, ...] = (),
    ) -> Problem | None:
        """Add a problem, unless there are too many; gives it, or the one of the same place that is there already."""
        if self.is_full:
            return None
        problem = self.source.problem(rule, message, mark, help=help, subject=subject, trail=trail)
        # A mistake in a block is reported once, with the first chain of entries that uses the block.
        return self._problems.setdefault((rule, str(problem.where), "" if trail else message), problem)

    def add_existing(self, problem: Problem) -> None:
        """Add a problem of another file, as it is."""
        self._problems.setdefault((problem.rule, str(problem.where), problem.message), problem)

    def has(self, rule: str) -> bool:
        """Whether there is a problem of this rule."""
        return any(problem.rule == rule for problem in self._problems.values())

    def of(self, rule: str) -> list[Problem]:
        """The problems of a rule."""
        return [problem for problem in self._problems.values() if problem.rule == rule]

    def in_file_order(self) -> list[Problem]:
        """The file's own problems from top to bottom, then those of each file that it includes."""
        files = [self.source.name, *(source.name for source in self.source.included)]

        def sort_key(problem: Problem) -> tuple[int, int, int]:
            where = problem.where
            return files.index(where.file) if where.file in files else len(files), where.line, where.column

        return sorted(self._problems.values(), key=sort_key)
