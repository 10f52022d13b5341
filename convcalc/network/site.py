"""A site: an entry in its scope, with its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.language.spec import Entry
from convcalc.layers.parameters import show
from convcalc.network.construction import Construction
from convcalc.network.scope import Binding, Scope
from convcalc.network.values import Context, Reported
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping, as_plain

_NO_CHANGES: Mapping[str, Value] = {}


class Site:
    """An entry in its scope, or one copy of it.

    `reads` are the tensors that it reads. Until `from` is resolved they are those of the entry before; -1 means that
    there is none. `columns` are the cells of the entry's own table. `name` and `trainable` are set when they are known,
    and so are `changes`: the values that a call gives to keys of this copy, and `change_note`, the words for them.
    """

    __slots__ = ("changes", "columns", "construction", "entry", "name", "reads", "scope", "trainable")

    def __init__(self, construction: Construction, entry: Entry, scope: Scope, reads: list[int]) -> None:
        self.construction = construction
        self.entry = entry
        self.scope = scope
        self.reads = reads
        self.columns = scope.columns_of(entry)
        self.name = ""
        self.trainable = scope.trainable
        self.changes: Mapping[str, Value] = _NO_CHANGES

    def within(self, scope: Scope, reads: list[int] | None = None) -> Site:
        """The same entry in another scope, for a row or a copy."""
        return Site(self.construction, self.entry, scope, self.reads if reads is None else reads)

    @property
    def shape(self) -> Shape | None:
        """The shape of the first tensor that the entry reads; None where it is unknown."""
        first = self.reads[0]
        return self.construction.shapes[first] if first >= 0 else None

    @property
    def full_name(self) -> str:
        """The name of the entry after the names of the blocks, containers and copies around it."""
        return self.scope.level.prefix + self.name

    def has(self, key: str) -> bool:
        """Whether the entry, a column of its table or the call has the key."""
        return key in self.entry.body.pairs or key in self.columns or key in self.changes

    def value(self, key: str) -> Any:
        """The plain value of a key: of the call, the entry, or the column of that name; None where there is none."""
        if key in self.changes:
            return self.plain(self.changes[key], lambda: self.mark(key))
        return self.written(key)

    def written(self, key: str) -> Any:
        """The plain value of a key as it is written, whatever the call gives."""
        pairs = self.entry.body.pairs
        if key not in pairs:
            return self.columns.get(key)
        raw = pairs[key]
        if type(raw) in (Expression, YamlList, YamlMapping):
            return self.plain(raw, lambda: self.entry.mark_of(key))
        return raw

    @property
    def trail(self) -> tuple[str, ...]:
        """The entries around this one in words, and what the call changes of it, for messages."""
        trail = self.construction.trail_of(self.scope)
        if not self.changes:
            return trail
        from convcalc.text.writing import flow_text  # only a call that changes layers writes one

        values = ", ".join(f"{key}={flow_text(as_plain(value))}" for key, value in self.changes.items())
        return (*trail, f"with --set: {values}")

    def plain(self, raw: Any, mark: Mark | Callable[[], Mark], subject: Callable[[], str] = str) -> Any:
        """The plain value of a raw one, evaluated in this scope. Only a problem needs its mark and its subject."""
        context = Context(self.scope.values, self.shape, True, lambda: (subject(), self.trail))
        return self.construction.values.plain(raw, mark, context)

    def flag(self, key: str) -> bool:
        """The value of a key that must be true or false."""
        value = self.value(key)
        if isinstance(value, bool):
            return value
        message = f"{key} must be true or false, not {show(value)}"
        raise self.refuse("wrong-value", message, self.mark(key), self.value_help(key, value, {"type": "boolean"}))

    def value_help(self, key: str, value: Any, schema: Mapping[str, Any]) -> str:
        """The help for a value that a key does not accept; `schema` describes what it accepts."""
        from convcalc.language.corrections import value_help  # only a spec with a problem loads it

        return value_help(key, self.entry.get(key), value, {*self.scope.values, *self.columns}, schema)

    def mark(self, key: str) -> Mark:
        """The mark of the value of a key: in the entry, else in its cell of the table, else the mark of the entry."""
        row = self.scope.row
        if row is not None and key in self.columns and not self.entry.has(key):
            return row.marks.get(key, self.entry.mark_of("rows"))
        return self.entry.mark_of(key)

    def refuse(self, rule: str, message: str, mark: Mark | None = None, help: str = "", subject: str = "") -> Reported:
        """Report a problem at a mark, or at the entry. Gives the exception to raise."""
        at = self.entry.mark if mark is None else mark
        problems = self.construction.problems
        return Reported(problems.add(rule, message, at, help=help, subject=subject, trail=self.trail))

    def record(self, name: str) -> None:
        """Record the entry in the trace, under its name in this scope."""
        if self.construction.trace is not None:
            self.construction.trace.record(name, self.entry, self.scope)

    def skipped_binding(self, tensors: list[int]) -> Binding:
        """The binding of an entry that is left out: its name means these tensors."""
        count = len(self.construction.nodes)
        return Binding(tensors[0], count, count, skipped=True, outputs=tuple(tensors) if len(tensors) > 1 else ())
