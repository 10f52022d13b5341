"""A finding of a rule, and the problem that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass

from convcalc.language.spec import Entry
from convcalc.problems import WARNING, Fix, Problem
from convcalc.report.rows import Row
from convcalc.text.source import Mark, Source


@dataclass(slots=True)
class Finding:
    """A finding of a rule at the layer of a row or, where `row` is None, at the value with this `mark`.

    `at` is the key of the entry that the finding points to. `keys` are parameters that fix it and change nothing else;
    `remove` is true where the entry does nothing and can be removed. At one place a rule has one finding of each
    `kind`; the others are copies of it.
    """

    row: Row | None
    message: str
    _: KW_ONLY
    at: str = ""
    help: str = ""
    keys: Mapping[str, object] | None = None
    remove: bool = False
    mark: Mark | None = None
    severity: str = WARNING
    kind: str = ""

    def mark_in(self, entry: Entry | None) -> Mark:
        """The mark of the place of the finding. `entry` is the entry of the layer."""
        if self.mark is not None:
            return self.mark
        return 0 if entry is None else entry.mark_of(self.at)

    def problem(self, rule: str, source: Source, entry: Entry | None) -> Problem:
        """The finding as a problem of the file."""
        subject = "" if self.row is None else f"{self.row.name} ({self.row.type})"
        return source.problem(
            rule, self.message, self.mark_in(entry), help=self.help, subject=subject, severity=self.severity,
            fix=self._fix(entry),
        )  # fmt: skip

    def _fix(self, entry: Entry | None) -> Fix | None:
        if self.row is None or entry is None:
            return None
        if self.remove:
            return Fix(f"remove {self.row.type}", entry.mark, None)
        if self.keys is None:
            return None
        words = ", ".join(f"{key}: {_word(value)}" for key, value in self.keys.items())
        return Fix(f"write {words}", entry.mark, self.keys)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
