"""Scopes: which names an entry sees, and the full names under which others find it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.language.spec import Entry
from convcalc.text.source import FILE, Mark


class NameNotFound(Exception):
    """A name that resolves to nothing."""


class Named:
    """What a name stands for: a tensor, the nodes made for it, and the level of names inside it."""

    __slots__ = ("tensor", "first", "last", "level", "copies", "skipped")

    def __init__(
        self, tensor: int, first: int, last: int, level: Level | None = None, *, skipped: bool = False
    ) -> None:
        self.tensor = tensor
        self.first = first  # the nodes first … last - 1 were made for it
        self.last = last
        self.level = level
        self.copies: dict[str, Named] | None = None
        self.skipped = skipped  # its `when` was false, or it was repeated no times

    def child(self, name: str) -> Named | None:
        """The member of that name; of copies, a number picks one and any other name is looked up in the last."""
        if self.copies is not None:
            if name in self.copies:
                return self.copies[name]
            last = list(self.copies.values())[-1] if self.copies else None
            return last.child(name) if last is not None else None
        return self.level.names.get(name) if self.level is not None else None


class Level:
    """One level of full names. A block starts with no parent: it does not see the names around it."""

    __slots__ = ("prefix", "parent", "names", "counters")

    def __init__(self, prefix: str, parent: Level | None) -> None:
        self.prefix = prefix
        self.parent = parent
        self.names: dict[str, Named] = {}
        self.counters: dict[str, int] = {}

    def number(self, kind: str) -> str:
        """The next name of an unnamed entry: relu_1, relu_2, …"""
        while True:
            self.counters[kind] = count = self.counters.get(kind, 0) + 1
            name = f"{kind}_{count}"
            if name not in self.names:
                return name

    def find(self, reference: str) -> list[Named]:
        """All that a dotted reference names, several where it has a `*`. Raises NameNotFound."""
        head, *rest = reference.split(".")
        level: Level | None = self
        while level is not None and head not in level.names:
            level = level.parent
        if level is None:
            raise NameNotFound(reference)
        found = [level.names[head]]
        for part in rest:
            found = [member for named in found for member in _members(named, part)]
            if not found:
                raise NameNotFound(reference)
        return found

    def visible(self) -> Iterator[str]:
        """The names that can be read from here."""
        level: Level | None = self
        while level is not None:
            yield from level.names
            level = level.parent


def _members(named: Named, part: str) -> list[Named]:
    if part == "*":
        return list(named.copies.values()) if named.copies is not None else []
    child = named.child(part)
    return [child] if child is not None else []


class TableRow:
    """One row of an entry's table: its number, the value of each column, and where each cell stands."""

    __slots__ = ("entry", "number", "columns", "marks")

    def __init__(self, entry: Entry, number: int, columns: dict[str, Any], marks: dict[str, Mark]) -> None:
        self.entry = entry
        self.number = number
        self.columns = columns
        self.marks = marks


_NO_COLUMNS: dict[str, Any] = {}


class Scope:
    """Where an entry stands: its level of names, the values of params and columns, and what encloses it."""

    __slots__ = ("level", "values", "root", "inputs", "trainable", "trail", "path", "blocks", "row", "origin")

    def __init__(
        self,
        level: Level,
        values: dict[str, Any],
        root: dict[str, Any],
        inputs: dict[str, int],
        *,
        trainable: bool = True,
        trail: tuple[str, ...] = (),
        path: tuple[int, ...] = (),
        blocks: tuple[str, ...] = (),
        row: TableRow | None = None,
        origin: Mark = 0,
    ) -> None:
        self.level = level
        self.values = values
        self.root = root  # the spec's params, which blocks see beneath their own
        self.inputs = inputs
        self.trainable = trainable
        self.trail = trail  # the entries of blocks that led here, for messages
        self.path = path  # the entries that led here whatever the copy, for `tied: true`
        self.blocks = blocks
        self.row = row  # the innermost row of a table that this scope lies in
        self.origin = origin  # the entry of the spec's own file that led here, for what stands in an included one

    def inside(self, level: Level, *, path: tuple[int, ...] | None = None, trainable: bool | None = None) -> Scope:
        """The same scope a level of names deeper: for copies, and for a container's entries."""
        return self._derived(
            level=level,
            path=self.path if path is None else path,
            trainable=self.trainable if trainable is None else trainable,
        )

    def with_values(self, values: dict[str, Any]) -> Scope:
        return self._derived(values={**self.values, **values})

    def of_row(self, row: TableRow) -> Scope:
        """The scope of a row's copies, in which every column is a name."""
        return self._derived(values={**self.values, **row.columns, "row": row.number}, row=row)

    def _derived(self, **changes: Any) -> Scope:
        scope = Scope.__new__(Scope)
        for name in Scope.__slots__:
            setattr(scope, name, changes[name] if name in changes else getattr(self, name))
        return scope

    def columns_of(self, entry: Entry) -> dict[str, Any]:
        """The columns that fill the keys of this very entry."""
        return self.row.columns if self.row is not None and self.row.entry is entry else _NO_COLUMNS

    def path_to(self, entry: Entry) -> tuple[int, ...]:
        """What identifies an entry in its place whatever the copy: the entries and rows that led to it."""
        number = self.row.number if self.row is not None and self.row.entry is entry else 0
        return (*self.path, id(entry), number)

    def own_mark(self, entry: Entry) -> Mark:
        """Where an entry stands in the spec's own file; of an included one, where the entry stands that led to it."""
        return entry.mark if entry.mark < FILE else self.origin

    @property
    def first_input(self) -> int:
        return next(iter(self.inputs.values()))
