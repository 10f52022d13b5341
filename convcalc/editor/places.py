"""The place of a layer in the text, and the places of its values."""

from __future__ import annotations

from dataclasses import dataclass

from convcalc.editor.reading import Reading
from convcalc.errors import UsageError
from convcalc.language.spec import Entry
from convcalc.network.scope import Scope
from convcalc.problems import Problem, nearest
from convcalc.text import crossing
from convcalc.text.source import Expression, Mark, is_in_own_file
from convcalc.text.values import Path


@dataclass(frozen=True, slots=True, eq=False)
class EntryPlace:
    """The place of the entry of a layer, of a block, of a container or of a group of copies.

    `path` is the path of the entry in the document; `name` is the full name by which a caller asks for it.
    """

    name: str
    entry: Entry
    scope: Scope
    path: Path
    reading: Reading

    @property
    def type(self) -> str:
        """The type as it is written."""
        return self.reading.document.entry_type(self.path)

    @property
    def body(self) -> Path:
        return (*self.path, self.type)

    @property
    def own_name(self) -> str:
        """The name in its scope: without the enclosing names, and without the number of a copy."""
        for name, (entry, scope) in self.reading.trace.entries.items():
            own = name.removeprefix(scope.level.prefix)
            if entry is self.entry and not own.isdigit():
                return own
        return self.name

    def layers(self) -> list[str]:
        """The full names of everything that the entry makes: rows, or the copies of a block."""
        return layers_of_entry(self.reading, self.name)

    def layers_with(self, key: str) -> list[str]:
        """The layers that an edit of a key changes: those of its row where a column sets the key, else all."""
        names, entries, row = self.layers(), self.reading.trace.entries, self.scope.row
        if row is None or self.column(key) is None:
            return names
        return [name for name in names if (other := entries[name][1].row) is not None and other.number == row.number]

    def has(self, key: str) -> bool:
        """Whether the entry or a column of its rows sets a key."""
        return self.entry.has(key) or self.has_column(key)

    def has_column(self, key: str) -> bool:
        """Whether a column of the entry's own rows sets the key."""
        return key in self.scope.columns_of(self.entry)

    def column(self, key: str) -> Path | None:
        """The path of the cell that sets a key. Raises UsageError where the table is computed."""
        row = self.scope.row
        if self.entry.has(key) or row is None or not self.has_column(key):
            return None
        return cell(self, self.entry, row.number, key)

    def path_of(self, key: str) -> Path:
        """The path of a key, whether it is written or not. Raises UsageError where its table is computed."""
        return self.column(key) or (*self.body, key)


def find(reading: Reading, name: str) -> EntryPlace:
    """The place of a layer, block, container or group of copies. Raises UsageError where it cannot be edited."""
    name = _layer_of_output(reading, name)
    found = reading.trace.entries.get(name)
    if reading.spec is None:
        message = f"the text cannot be read: {reading.problems[0].message}"
        raise UsageError(message, "correct the text first, or undo the last step")
    if found is None:
        raise _unknown_layer(reading, name)
    entry, scope = found
    if not is_in_own_file(entry.mark):
        where = reading.source.where(entry.mark)
        raise UsageError(f"{name} is in {where.file}, which this file includes", "open that file to change it")
    return EntryPlace(name, entry, scope, path_of(reading, entry.mark), reading)


def layers_of_entry(reading: Reading, name: str) -> list[str]:
    """The full names of everything that a layer's entry makes: rows, or the copies of a block. Raises UsageError."""
    entries, name = reading.trace.entries, _layer_of_output(reading, name)
    if name not in entries:
        raise _unknown_layer(reading, name)
    entry = entries[name][0]
    return without_groups([name for name, (other, _) in entries.items() if other is entry])


def _layer_of_output(reading: Reading, name: str) -> str:
    """The name of the layer where a row is a further output of a layer; any other name unchanged."""
    if name not in reading.trace.entries and reading.graph is not None:
        further = any(node.name == name and node.layer.is_further_output for node in reading.graph.nodes)
        return name.rpartition(".")[0] if further else name
    return name


def without_groups(names: list[str]) -> list[str]:
    """The names without the names of groups, whose copies are in the list."""
    groups = {name.rpartition(".")[0] for name in names}
    return [name for name in names if name not in groups]


def entries_at(reading: Reading, path: Path | None) -> list[str]:
    """The full names of everything that the entry at a path makes; empty where the path leads to no entry."""
    if path is None or not isinstance(path[-1], int) or reading.spec is None:
        return []
    mark = crossing.entry_mark(reading.document, path)
    return without_groups([name for name, (entry, _) in reading.trace.entries.items() if entry.mark == mark])


def entry_lines(reading: Reading) -> dict[int, str]:
    """The first full name that an entry of the spec's own file makes, by the line of the entry."""
    found: dict[int, str] = {}
    for name, (entry, _) in reading.trace.entries.items():
        if is_in_own_file(entry.mark):
            found.setdefault(reading.source.where(entry.mark).line, name)
    return found


def problems_at(reading: Reading, path: Path | None) -> list[Problem]:
    """The problems of the value at a path, or of a part of it."""
    if path is None:
        return []
    places = (crossing.path_of_problem(reading.document, problem.where) for problem in reading.problems)
    return [problem for problem, place in zip(reading.problems, places) if place[: len(path)] == path]


def _unknown_layer(reading: Reading, name: str) -> UsageError:
    help = nearest(name, reading.trace.entries)
    if not help and reading.problems:
        help = "correct the text, or undo the last step"
    return UsageError(f"there is no layer `{name}` in the text", help)


def path_of(reading: Reading, mark: Mark) -> Path:
    """The path of the entry at a mark of the spec's own file."""
    return crossing.entry_path(reading.document, mark)


def body_of(reading: Reading, mark: Mark) -> Path:
    """The path of the parameters of the entry at a mark."""
    path = path_of(reading, mark)
    return (*path, reading.document.entry_type(path))


def cell(place: EntryPlace, entry: Entry, number: int, column: str) -> Path:
    """The path of a cell of an entry's rows, or of the param with the rows. Raises UsageError."""
    reading, raw = place.reading, entry.get("rows")
    if isinstance(raw, Expression):
        if reading.spec is None or raw.text not in reading.spec.params.pairs:
            raise UsageError(
                f"the rows of {place.name} are computed: ={raw.text}", "change the values that the expression reads"
            )
        base = param_path(reading, raw.text)
    else:
        base = (*body_of(reading, own_mark(reading, entry.mark)), "rows")
    table = reading.document.value(base)
    header = table[0] if isinstance(table, list) and table else None
    if not isinstance(header, list) or column not in header:
        raise UsageError(f"the rows of {place.name} are computed", "change the values that they are computed from")
    return (*base, number + 1, header.index(column))


def param_path(reading: Reading, name: str) -> Path:
    """The path of a param's value: in the variant in view where the variant sets it, else in the file."""
    variant = None if reading.variant is None else ("variants", reading.variant, "params", name)
    return variant if variant is not None and reading.document.has(variant) else ("params", name)


def own_mark(reading: Reading, mark: Mark) -> Mark:
    """The mark, unchanged. Raises UsageError where it is in an included file."""
    if not is_in_own_file(mark):
        where = reading.source.where(mark)
        raise UsageError(f"it is written in {where.file}, which this file includes", "open that file to change it")
    return mark
