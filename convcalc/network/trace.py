"""Records the entry of each layer and the bindings of each reference, for the editor."""

from typing import Any

from convcalc.language.spec import Entry
from convcalc.network.scope import Binding, Level, Scope
from convcalc.plain_tuple import PlainTuple
from convcalc.text.source import Mark


class Reference(PlainTuple):
    """A reference as it is written at a mark, and the full names of each of its dotted parts."""

    text: str
    mark: Mark
    names: list[list[str]]


class Trace:
    """The entries of layers, blocks, containers with a name and groups of copies, by full name, with their scopes.

    Entries that could not be built, or that `when` leaves out, are recorded too. `references` has the references that
    were resolved.
    """

    __slots__ = ("entries", "references")

    def __init__(self) -> None:
        self.entries: dict[str, tuple[Entry, Scope]] = {}
        self.references: list[Reference] = []

    def record(self, name: str, entry: Entry, scope: Scope) -> None:
        """Record an entry under its name in a scope."""
        self.entries.setdefault(scope.level.prefix + name, (entry, scope))

    def value_in_block(self, block: str, param: str) -> Any:
        """The value of a param of the block with that full name, from the scope of its entries; None without them."""
        scopes = (scope for _, scope in self.entries.values() if scope.level.prefix == f"{block}.")
        return next((scope.values.get(param) for scope in scopes), None)

    def record_reference(self, text: str, level: Level, mark: Mark) -> None:
        """Record a reference of an entry on this level."""
        head, *rest = text.split(".")
        owner: Level | None = level
        while owner is not None and head not in owner.names:
            owner = owner.parent
        if owner is None:
            return
        members = [(owner.prefix + head, owner.names[head])]
        names = [[members[0][0]]]
        for part in rest:
            members = [member for name, binding in members for member in _members(name, binding, part)]
            names.append([name for name, _ in members])
        self.references.append(Reference(text, mark, names))


def _members(name: str, binding: Binding, part: str) -> list[tuple[str, Binding]]:
    """The members that a part of a reference means, as in `Binding.child`, with their full names."""
    if binding.copies is not None:
        if part == "*":
            return [(f"{name}.{number}", copy) for number, copy in binding.copies.items()]
        if part in binding.copies:
            return [(f"{name}.{part}", binding.copies[part])]
        last = list(binding.copies)[-1:]
        return [member for number in last for member in _members(f"{name}.{number}", binding.copies[number], part)]
    if binding.level is None or part not in binding.level.names:
        return []
    return [(binding.level.prefix + part, binding.level.names[part])]
