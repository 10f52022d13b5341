"""A site: an entry in its scope, and what can be asked of it."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape
from convcalc.language.spec import Entry
from convcalc.layers.parameters import show
from convcalc.network.construction import Construction
from convcalc.network.scope import Named, Scope
from convcalc.network.values import Context, Reported
from convcalc.text.source import Expression, Mark, YamlList, YamlMapping


class Site:
    """An entry in its scope: one copy of it, where it has copies.

    `reads` are the tensors that it reads: those before it until its `from` is resolved, -1 where there is none.
    `columns` are the cells of the entry's own rows. `name` and `trainable` are set once they are known.
    """

    __slots__ = ("columns", "construction", "entry", "name", "reads", "scope", "trainable")

    def __init__(self, construction: Construction, entry: Entry, scope: Scope, reads: list[int]) -> None:
        self.construction = construction
        self.entry = entry
        self.scope = scope
        self.reads = reads
        self.columns = scope.columns_of(entry)
        self.name = ""
        self.trainable = scope.trainable

    def within(self, scope: Scope, reads: list[int] | None = None) -> Site:
        """The same entry in another scope, for a row or a copy."""
        return Site(self.construction, self.entry, scope, self.reads if reads is None else reads)

    @property
    def shape(self) -> Shape | None:
        """The shape of the first tensor that it reads, None where it is unknown."""
        first = self.reads[0]
        return self.construction.shapes[first] if first >= 0 else None

    @property
    def full_name(self) -> str:
        """The name with those of the blocks, containers and copies around it."""
        return self.scope.level.prefix + self.name

    def has(self, key: str) -> bool:
        """Whether the entry, or a column of its rows, gives the key."""
        return key in self.entry.body.pairs or key in self.columns

    def value(self, key: str) -> Any:
        """The plain value of one of the entry's own keys, or of the column of that name."""
        pairs = self.entry.body.pairs
        if key not in pairs:
            return self.columns.get(key)
        raw = pairs[key]
        if type(raw) in (Expression, YamlList, YamlMapping):
            return self.plain(raw, self.entry.mark_of(key))
        return raw

    def plain(self, raw: Any, mark: Mark, subject: str = "") -> Any:
        """The plain value of what is written at a mark, evaluated in this scope."""
        scope = self.scope
        context = Context(scope.values, self.shape, True, subject, scope.trail)
        return self.construction.values.plain(raw, mark, context)

    def truth(self, key: str) -> bool:
        """The value of a key that is true or false."""
        value = self.value(key)
        if isinstance(value, bool):
            return value
        raise self.refuse("wrong-value", f"{key} must be true or false, not {show(value)}", self.mark(key))

    def mark(self, key: str) -> Mark:
        """Where a value is written: at its key, in its cell of the rows; where it is missing, the entry."""
        row = self.scope.row
        if row is not None and key in self.columns and not self.entry.has(key):
            return row.marks.get(key, self.entry.mark_of("rows"))
        return self.entry.mark_of(key)

    def refuse(self, rule: str, message: str, mark: Mark | None = None, help: str = "", subject: str = "") -> Reported:
        """Report a problem at a mark, or at the entry; the exception to raise."""
        at = self.entry.mark if mark is None else mark
        self.construction.problems.add(rule, message, at, help=help, subject=subject, trail=self.scope.trail)
        return Reported()

    def record(self, name: str) -> None:
        """Record the entry in the trace, under its name in this scope."""
        if self.construction.trace is not None:
            self.construction.trace.record(name, self.entry, self.scope)

    def skipped(self, tensors: list[int]) -> Named:
        """What the name of an entry means that `when` leaves out: the tensors that it would have passed on."""
        count = len(self.construction.nodes)
        return Named(tensors[0], count, count, skipped=True, outputs=tuple(tensors) if len(tensors) > 1 else ())
