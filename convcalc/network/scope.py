"""Scopes: which names an entry sees, and the full names under which others find it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from convcalc.language.spec import Entry
from convcalc.text.source import Mark, is_in_own_file


class NameNotFound(Exception):
    """A name that resolves to nothing."""


class Named:
    """What a name means: a tensor, the nodes first … last - 1 that were made for it, and the names inside it.

    `outputs` are the tensors of a block that has several. `copies` are the members of a group of copies by number.
    `skipped`: its `when` was false, or it was repeated no times.
    """

    __slots__ = (
        "copies",
        "first",
        "last",
        "level",
        "outputs",
        "skipped",
        "tensor",
    )

    def __init__(
        self,
        tensor: int,
        first: int,
        last: int,
        level: Level | None = None,
        copies: dict[str, Named] | None = None,
        skipped: bool = False,
        outputs: tuple[int, ...] = (),
    ) -> None:
        self.tensor = tensor
        self.first = first
        self.last = last
        self.level = level
        self.copies = copies
        self.skipped = skipped
        self.outputs = outputs

    @property
    def tensors(self) -> tuple[int, ...]:
        """All that it gives: one tensor, or the outputs of a block."""
        return self.outputs or (self.tensor,)

    def child(self, name: str) -> Named | None:
        """The member of that name; of copies, a number picks one and any other name is looked up in the last."""
        if self.copies is not None:
            if name in self.copies:
                return self.copies[name]
            last = list(self.copies.values())[-1] if self.copies else None
            return last.child(name) if last is not None else None
        return self.level.names.get(name) if self.level is not None else None

    @property
    def last_copy(self) -> Named:
        """The name itself; of copies the last one."""
        return list(self.copies.values())[-1].last_copy if self.copies else self


Further = Callable[[Named, str], "Named | None"]


class Level:
    """One level of full names. A block starts with no parent: it does not see the names around it."""

    __slots__ = (
        "counters",
        "names",
        "parent",
        "prefix",
    )

    def __init__(self, prefix: str, parent: Level | None) -> None:
        self.prefix = prefix
        self.parent = parent
        self.names: dict[str, Named] = {}
        self.counters: dict[str, int] = {}

    def number(self, type_name: str) -> str:
        """The next name of an unnamed entry: relu_1, relu_2, …"""
        while True:
            self.counters[type_name] = count = self.counters.get(type_name, 0) + 1
            name = f"{type_name}_{count}"
            if name not in self.names:
                return name

    def find(self, reference: str, further: Further) -> list[Named]:
        """All that a dotted reference names, several where it has a `*`. Raises NameNotFound.

        `further` gives the further output of a layer that a part names, or None.
        """
        head, *rest = reference.split(".")
        level: Level | None = self
        while level is not None and head not in level.names:
            level = level.parent
        if level is None:
            raise NameNotFound(reference)
        found = [level.names[head]]
        for part in rest:
            found = [member for named in found for member in _members(named, part, further)]
            if not found:
                raise NameNotFound(reference)
        return found

    def visible(self) -> Iterator[str]:
        """The names that can be read from here."""
        level: Level | None = self
        while level is not None:
            yield from level.names
            level = level.parent


def _members(named: Named, part: str, further: Further) -> list[Named]:
    if part == "*":
        return list(named.copies.values()) if named.copies is not None else []
    child = named.child(part) or further(named.last_copy, part)
    return [child] if child is not None else []


class TableRow(NamedTuple):
    """One row of an entry's table: its number, the value of each column, and the mark of each cell."""

    entry: Entry
    number: int
    columns: dict[str, Any]
    marks: dict[str, Mark]


# An entry and the number of its row, 0 where it has no rows.
PathItem = tuple[Entry, int]

_NO_COLUMNS: dict[str, Any] = {}


class Scope(NamedTuple):
    """What the entries of one list see: a level of names, the values of params and columns, and what encloses them.

    `root` are the spec's params, which blocks see beneath their own. `trail` are the entries of blocks that led here,
    for messages; `path` all entries that led here, whatever the copy. `row` is the innermost row around the entries,
    `origin` the entry of the spec's own file that led to an included one.
    """

    level: Level
    values: dict[str, Any]
    root: dict[str, Any]
    inputs: dict[str, int]
    trainable: bool = True
    trail: tuple[str, ...] = ()
    path: tuple[PathItem, ...] = ()
    blocks: tuple[str, ...] = ()
    row: TableRow | None = None
    origin: Mark = 0

    def inside(self, level: Level) -> Scope:
        """The same scope with another level of names, for copies."""
        return self._replace(level=level)

    def of_container(self, level: Level, entry: Entry, *, trainable: bool) -> Scope:
        """The scope of a container's entries."""
        return self._replace(level=level, path=self.path_to(entry), trainable=trainable)

    def with_values(self, values: dict[str, Any]) -> Scope:
        return self._replace(values={**self.values, **values})

    def of_row(self, row: TableRow) -> Scope:
        """The scope of a row's copies, in which every column is a name."""
        return self._replace(values={**self.values, **row.columns, "row": row.number}, row=row)

    def columns_of(self, entry: Entry) -> dict[str, Any]:
        """The columns that fill the keys of this very entry."""
        row = self.row
        return row.columns if row is not None and row.entry is entry else _NO_COLUMNS

    def path_to(self, entry: Entry) -> tuple[PathItem, ...]:
        """What identifies an entry in its place, whatever the copy: the entries and rows that lead to it."""
        row = self.row
        return (*self.path, (entry, row.number if row is not None and row.entry is entry else 0))

    def own_mark(self, entry: Entry) -> Mark:
        """The mark of an entry in the spec's own file; for an included entry, that of the entry that led to it."""
        return entry.mark if is_in_own_file(entry.mark) else self.origin

    @property
    def first_input(self) -> int:
        return next(iter(self.inputs.values()))
