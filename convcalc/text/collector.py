"""The problems of one file, collected while it is read and expanded."""

from __future__ import annotations

from convcalc import bounds
from convcalc.problems import Problem
from convcalc.text.source import Mark, Source


class Problems:
    """Collects the problems of one file, each place and rule once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: dict[tuple[str, str, str], Problem] = {}

    def copy(self) -> Problems:
        """A collector with the same problems so far."""
        other = Problems(self.source)
        other.found.update(self.found)
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
    ) -> None:
        if len(self.found) < bounds.MAX_PROBLEMS:
            problem = self.source.problem(rule, message, mark, help=help, subject=subject, trail=trail)
            # A mistake in a block is reported once, with the first chain of entries that uses the block.
            self.found.setdefault((rule, str(problem.where), "" if trail else message), problem)

    def take(self, problem: Problem) -> None:
        """Add a problem that already exists."""
        self.found.setdefault((problem.rule, str(problem.where), problem.message), problem)

    def has(self, rule: str) -> bool:
        """Whether a problem of this rule was found."""
        return any(found == rule for found, _, _ in self.found)

    def in_file_order(self) -> list[Problem]:
        """The file's own problems from top to bottom, then those of each file that it includes."""
        files = [self.source.name, *(source.name for source in self.source.included)]

        def place(problem: Problem) -> tuple[int, int, int]:
            where = problem.where
            return files.index(where.file) if where.file in files else len(files), where.line, where.column

        return sorted(self.found.values(), key=place)
