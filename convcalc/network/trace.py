"""Records which entry made each layer, and what each reference resolved to."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.language.spec import Entry
from convcalc.network.scope import Level, Named, Scope
from convcalc.text.source import Mark


class Reference(NamedTuple):
    """A name as it is written at a place, and the full names that each of its dotted parts means."""

    text: str
    mark: Mark
    names: list[list[str]]


class Trace:
    """The entry of every layer, block, named container and group of copies, by full name, with its scope.

    Entries that could not be built, or that `when` leaves out, are recorded too. `references` are those that were
    resolved.
    """

    __slots__ = ("entries", "references")

    def __init__(self) -> None:
        self.entries: dict[str, tuple[Entry, Scope]] = {}
        self.references: list[Reference] = []

    def record(self, name: str, entry: Entry, scope: Scope) -> None:
        """Record an entry under its name in a scope."""
        self.entries.setdefault(scope.level.prefix + name, (entry, scope))

    def record_reference(self, text: str, level: Level, mark: Mark) -> None:
        """Record a reference that was resolved from a level."""
        head, *rest = text.split(".")
        owner: Level | None = level
        while owner is not None and head not in owner.names:
            owner = owner.parent
        if owner is None:
            return
        found = [(owner.prefix + head, owner.names[head])]
        names = [[found[0][0]]]
        for part in rest:
            found = [member for name, named in found for member in _members(name, named, part)]
            names.append([name for name, _ in found])
        self.references.append(Reference(text, mark, names))


def _members(name: str, named: Named, part: str) -> list[tuple[str, Named]]:
    """The members of a name that a part of a reference means: those of `Named.child`, with full names."""
    if named.copies is not None:
        if part == "*":
            return [(f"{name}.{number}", copy) for number, copy in named.copies.items()]
        if part in named.copies:
            return [(f"{name}.{part}", named.copies[part])]
        last = list(named.copies)[-1:]
        return [member for number in last for member in _members(f"{name}.{number}", named.copies[number], part)]
    if named.level is None or part not in named.level.names:
        return []
    return [(named.level.prefix + part, named.level.names[part])]
