"""Scopes: which names an entry sees, and the full names under which others find it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Absent(Exception):
    """A name that resolves to nothing."""


class Named:
    """What a name stands for: a tensor, the nodes made for it, and the level of names inside it."""

    __slots__ = ("tensor", "first", "last", "level", "copies", "skipped")

    def __init__(self, tensor: int, first: int, last: int, level: Level | None = None, *, skipped: bool = False) -> None:
        self.tensor = tensor
        self.first = first  # the nodes first … last - 1 were made for it
        self.last = last
        self.level = level
        self.copies: dict[str, Named] | None = None
        self.skipped = skipped  # its `when` was false

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
        """All that a dotted reference names, several where it has a `*`. Raises Absent."""
        head, *rest = reference.split(".")
        level: Level | None = self
        while level is not None and head not in level.names:
            level = level.parent
        if level is None:
            raise Absent(reference)
        found = [level.names[head]]
        for part in rest:
            found = [member for named in found for member in _members(named, part)]
            if not found:
                raise Absent(reference)
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


class Scope:
    """Where an entry stands: its level of names, the values of params and columns, and what encloses it."""

    __slots__ = ("level", "values", "root", "inputs", "trainable", "trail", "path", "blocks")

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
    ) -> None:
        self.level = level
        self.values = values
        self.root = root  # the spec's params, which blocks see beneath their own
        self.inputs = inputs
        self.trainable = trainable
        self.trail = trail  # the entries of blocks that led here, for messages
        self.path = path  # the entries that led here whatever the copy, for `tied: true`
        self.blocks = blocks

    def inside(self, level: Level, path: tuple[int, ...], trainable: bool) -> Scope:
        """The scope of a container's entries: the same values and inputs, perhaps a level of names deeper."""
        return Scope(
            level, self.values, self.root, self.inputs,
            trainable=trainable, trail=self.trail, path=path, blocks=self.blocks,
        )  # fmt: skip

    def with_values(self, values: dict[str, Any]) -> Scope:
        return Scope(
            self.level, {**self.values, **values}, self.root, self.inputs,
            trainable=self.trainable, trail=self.trail, path=self.path, blocks=self.blocks,
        )  # fmt: skip

    @property
    def first_input(self) -> int:
        return next(iter(self.inputs.values()))
