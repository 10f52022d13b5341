"""The exceptions that convcalc raises on purpose; any other is a bug."""

from __future__ import annotations

from convcalc.problems import Problem


class ConvcalcError(Exception):
    """The base class."""


class UsageError(ConvcalcError):
    """The call itself is wrong: a layer that the network does not have, an unknown dtype, an unknown target."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(f"{message}; {help}" if help else message)
        self.message = message
        self.help = help


class SpecError(ConvcalcError):
    """A spec that cannot be read. `problems` holds every independent problem of the file, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
