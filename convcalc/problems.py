"""What can be wrong with a spec, as plain values: where, which rule, what was received, what would mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

ERROR = "error"
WARNING = "warning"


class Where:
    """A place in a file: line and column count from 1, as editors do; 0 means the file as a whole."""

    __slots__ = ("file", "line", "column")

    def __init__(self, file: str, line: int = 0, column: int = 0) -> None:
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Fix(NamedTuple):
    """A change of the file that mends a finding and has no other effect: keys of one entry are set, or the entry goes.

    `entry` is the mark of the entry's type in the file; `keys` are the parameters that it is given, None where the
    whole entry goes.
    """

    title: str
    entry: int
    keys: Mapping[str, object] | None


class Problem:
    """One finding.

    `rule` is a stable name, `subject` the entry it speaks of ("conv2 (conv2d)"), `help` what would mend it, and
    `trail` the entries of the blocks that led there, outermost first, and other notes. `excerpt` is the line of the
    file. `fix` is what mends it without any other effect, where there is such a change.
    """

    __slots__ = ("rule", "message", "where", "subject", "help", "trail", "excerpt", "severity", "fix")

    def __init__(
        self,
        rule: str,
        message: str,
        where: Where,
        *,
        subject: str = "",
        help: str = "",
        trail: tuple[str, ...] = (),
        excerpt: str = "",
        severity: str = ERROR,
        fix: Fix | None = None,
    ) -> None:
        self.rule = rule
        self.message = message
        self.where = where
        self.subject = subject
        self.help = help
        self.trail = trail
        self.excerpt = excerpt
        self.severity = severity
        self.fix = fix

    def __str__(self) -> str:
        subject = f"{self.subject}: " if self.subject else ""
        return f"{self.where}: {self.severity}[{self.rule}] {subject}{self.message}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The sentence that names the known words most like `word`, or an empty string."""
    import difflib  # only a spec that is wrong pays for it

    known = list(known)

    matches = difflib.get_close_matches(word, known, n=2, cutoff=0.6)
    if not matches and len(word) > 3:
        matches = [name for name in known if word in name][:2]
    return f"did you mean {' or '.join(matches)}?" if matches else ""
