"""What became of an edit."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.problems import Problem


class Outcome:
    """What became of something that was asked.

    `changed` says whether the text, the view or the file is another one than before. `message` says in words what was
    done, or why not, and `help` what would mend it; `refused` is true where nothing was done because it cannot be.
    `problems` are all that is wrong with the text as it stands (or would be, where it was refused for that), and
    `at_field` those of them at the very value that was set. `layers` are the rows that the edited entry makes.
    """

    __slots__ = ("at_field", "changed", "help", "layers", "message", "problems", "refused")

    def __init__(
        self,
        message: str,
        *,
        changed: bool = False,
        refused: bool = False,
        help: str = "",
        problems: Sequence[Problem] = (),
        at_field: Sequence[Problem] = (),
        layers: Sequence[str] = (),
    ) -> None:
        self.message = message
        self.changed = changed
        self.refused = refused
        self.help = help
        self.problems = list(problems)
        self.at_field = list(at_field)
        self.layers = list(layers)

    def __str__(self) -> str:
        return f"{self.message}; {self.help}" if self.help else self.message
