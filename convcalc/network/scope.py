"""Scopes: the names that an entry sees, and the full names of entries."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from convcalc.language.spec import Entry
from convcalc.text.source import Mark, is_in_own_file

if TYPE_CHECKING:
    from convcalc.network.block_copies import Move
    from convcalc.network.rows import TableRow


class NameNotFound(Exception):
    """A reference to a name that does not exist."""


class Binding:
    """The meaning of a name: a tensor, the nodes first … last - 1 that were made for it, and the names inside it.

    `outputs` are the tensors of a block that has several. `copies` has the members of a group of copies, by number.
    `skipped` is true where the entry made no node, because its `when` is false or its `repeat` is 0. In a copy of a
    block, the names of its level are those of the block: they mean the same after the `moves`.
    """

    __slots__ = (
        "copies",
        "first",
        "last",
        "level",
        "moves",
        "outputs",
        "skipped",
        "tensor",
    )

    def __init__(
        self,
        tensor: int,
        first: int,
        last: int,
        level: "Level | None" = None,
        copies: "dict[str, Binding] | None" = None,
        skipped: bool = False,
        outputs: tuple[int, ...] = (),
        moves: "tuple[Move, ...]" = (),
    ) -> None:
        self.tensor = tensor
        self.first = first
        self.last = last
        self.level = level
        self.copies = copies
        self.skipped = skipped
        self.outputs = outputs
        self.moves = moves

    def moved(self, move: "Move") -> "Binding":
        """The same in a copy of its block."""
        copies = self.copies
        return Binding(
            move.tensor(self.tensor),
            self.first + move.shift,
            self.last + move.shift,
            self.level,
            None if copies is None else {number: copy.moved(move) for number, copy in copies.items()},
            self.skipped,
            tuple(map(move.tensor, self.outputs)),
            (*self.moves, move),
        )

    @property
    def tensors(self) -> tuple[int, ...]:
        """The tensors that it means: one, or all outputs of a block."""
        return self.outputs or (self.tensor,)

    def child(self, name: str) -> "Binding | None":
        """The member of that name. In a group, a number means a copy, and another name is a member of the last copy."""
        if self.copies is not None:
            if name in self.copies:
                return self.copies[name]
            last = list(self.copies.values())[-1] if self.copies else None
            return last.child(name) if last is not None else None
        found = self.level.names.get(name) if self.level is not None else None
        if found is not None:
            for move in self.moves:
                found = found.moved(move)
        return found

    @property
    def last_copy(self) -> "Binding":
        """The binding itself; of a group its last copy."""
        return list(self.copies.values())[-1].last_copy if self.copies else self


FindFurther = Callable[[Binding, str], "Binding | None"]


class Level:
    """One level of names. The level of a block has no parent: a block does not see the names around it.

    `is_group` is true where the names are the numbers of copies. `is_numbered` is true where entries without a name are
    numbered by their places, as the members of PyTorch's Sequential are.
    """

    __slots__ = (
        "counters",
        "is_group",
        "is_numbered",
        "names",
        "parent",
        "prefix",
    )

    def __init__(
        self, prefix: str, parent: "Level | None", *, is_group: bool = False, is_numbered: bool = False
    ) -> None:
        self.prefix = prefix
        self.is_group = is_group
        self.is_numbered = is_numbered
        self.parent = parent
        self.names: dict[str, Binding] = {}
        self.counters: dict[str, int] = {}

    def next_name(self, type_name: str) -> str:
        """The next free name for an entry without a name: relu_1, relu_2, …; in a numbered level 0, 1, …"""
        kind = "" if self.is_numbered else type_name
        while True:
            self.counters[kind] = count = self.counters.get(kind, 0) + 1
            name = f"{type_name}_{count}" if kind else str(count - 1)
            if name not in self.names:
                return name

    def find(self, reference: str, find_further: FindFurther) -> "list[Binding]":
        """The bindings of a dotted reference, several where it has a `*`. Raises NameNotFound.

        `find_further` gives a further output of a layer by its name, or None.
        """
        head, *rest = reference.split(".")
        level: Level | None = self
        while level is not None and head not in level.names:
            level = level.parent
        if level is None:
            raise NameNotFound(reference)
        bindings = [level.names[head]]
        for part in rest:
            bindings = [member for binding in bindings for member in _members(binding, part, find_further)]
            if not bindings:
                raise NameNotFound(reference)
        return bindings

    def visible(self) -> Iterator[str]:
        """The names that an entry on this level can read."""
        level: Level | None = self
        while level is not None:
            yield from level.names
            level = level.parent


def _members(binding: "Binding", part: str, find_further: FindFurther) -> "list[Binding]":
    if part == "*":
        return list(binding.copies.values()) if binding.copies is not None else []
    child = binding.child(part) or find_further(binding.last_copy, part)
    return [child] if child is not None else []


# An entry and the number of its row, 0 where it has no rows.
PathItem = tuple[Entry, int]

_NO_COLUMNS: dict[str, Any] = {}


class Scope:
    """What the entries of one list see: a level of names, the values of params and columns, and the inputs of a block.

    `spec_params` are the params of the spec, which a block sees besides its own. `blocks` are the names of the blocks
    around this list, and `users` are their entries, as a name for messages and a mark. `path` has all entries around
    the list, the same for all copies. `row` is the innermost table row. `origin` is the mark of the entry in the spec's
    own file that uses an included block.
    """

    __slots__ = ("blocks", "inputs", "level", "origin", "path", "row", "spec_params", "trainable", "users", "values")

    def __init__(
        self,
        level: Level,
        values: dict[str, Any],
        spec_params: dict[str, Any],
        inputs: dict[str, int],
        trainable: bool = True,
        users: tuple[tuple[str, Mark], ...] = (),
        path: tuple[PathItem, ...] = (),
        blocks: tuple[str, ...] = (),
        row: "TableRow | None" = None,
        origin: Mark = 0,
    ) -> None:
        self.level = level
        self.values = values
        self.spec_params = spec_params
        self.inputs = inputs
        self.trainable = trainable
        self.users = users
        self.path = path
        self.blocks = blocks
        self.row = row
        self.origin = origin

    def _copy(self) -> "Scope":
        return Scope(
            self.level, self.values, self.spec_params, self.inputs, self.trainable, self.users, self.path, self.blocks,
            self.row, self.origin,
        )  # fmt: skip

    def inside(self, level: Level) -> "Scope":
        """The same scope with another level of names."""
        scope = self._copy()
        scope.level = level
        return scope

    def of_container(self, level: Level, entry: Entry, *, trainable: bool) -> "Scope":
        """The scope of a container's entries."""
        scope = self.inside(level)
        scope.path, scope.trainable = self.path_to(entry), trainable
        return scope

    def with_values(self, values: dict[str, Any]) -> "Scope":
        scope = self._copy()
        scope.values = {**self.values, **values}
        return scope

    def of_row(self, row: "TableRow") -> "Scope":
        """The scope of the copies of a row: each column is a name in it."""
        scope = self.with_values({**row.columns, "row": row.number})
        scope.row = row
        return scope

    def columns_of(self, entry: Entry) -> dict[str, Any]:
        """The columns that are keys of this entry: those of its own table, not of one around it."""
        row = self.row
        return row.columns if row is not None and row.entry is entry else _NO_COLUMNS

    def path_to(self, entry: Entry) -> tuple[PathItem, ...]:
        """The entries and rows that lead to an entry, the same for all its copies."""
        row = self.row
        return (*self.path, (entry, row.number if row is not None and row.entry is entry else 0))

    def own_mark(self, entry: Entry) -> Mark:
        """The mark of an entry in the spec's own file; for an included entry, that of the entry that uses its block."""
        return entry.mark if is_in_own_file(entry.mark) else self.origin

    @property
    def first_input(self) -> int:
        return next(iter(self.inputs.values()))
