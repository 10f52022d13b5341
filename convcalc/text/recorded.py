"""Reads files that convcalc writes and keeps in a repository: the lock file, the file of accepted findings."""

from __future__ import annotations

import re
from typing import NamedTuple

from convcalc.errors import SpecError
from convcalc.text.compose import compose
from convcalc.text.source import Mark, Source, YamlMapping, make_mark

CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})", re.M)


class RecordedFile(NamedTuple):
    """A kind of file: the rule of its problems, and the command that writes it."""

    rule: str
    command: str

    @property
    def repair(self) -> str:
        """The help where nothing better is known."""
        return f"delete the file, and write a new one with `{self.command}` on all your specs"

    def error(self, source: Source, message: str, mark: Mark, help: str = "") -> SpecError:
        """The error at a place of such a file."""
        return source.error(self.rule, message, mark, help or self.repair)

    def read(self, source: Source) -> YamlMapping:
        """The values of a file. Raises SpecError where it is no YAML, or a merge conflict is not resolved."""
        conflict = CONFLICT.search(source.text)
        if conflict is not None:
            mark = make_mark(source.text.count("\n", 0, conflict.start()), 0)
            help = f"take either side of the conflict, and run `{self.command}`"
            raise self.error(source, "a merge conflict is not resolved", mark, help)
        try:
            return compose(source)
        except SpecError as error:
            problem = error.problems[0]
            problem.rule, problem.help = self.rule, problem.help or self.repair
            raise SpecError([problem]) from None
