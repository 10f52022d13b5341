"""Where a layer stands in the text, and where each of its values is written."""

from __future__ import annotations

from convcalc.editor.reading import Reading
from convcalc.errors import UsageError
from convcalc.language.spec import CONTAINERS, Block, CustomType, Entry, Spec
from convcalc.network.scope import Scope
from convcalc.problems import nearest
from convcalc.text.source import FILE, Expression, Mark, YamlList
from convcalc.text.values import Path

# The entries that lead to one, outermost first, each with the number of its row where it has rows.
Chain = list[tuple[Entry, int]]


class Place:
    """Where the entry of a layer, a block, a container or of copies stands.

    `path` is that of the entry in the document, `type` its type as it is written, `body` the path of its parameters.
    """

    __slots__ = ("entry", "name", "path", "reading", "scope", "type")

    def __init__(self, name: str, entry: Entry, scope: Scope, path: Path, reading: Reading) -> None:
        self.name = name
        self.entry = entry
        self.scope = scope
        self.path = path
        self.reading = reading
        self.type = reading.document.entry_type(path)

    @property
    def body(self) -> Path:
        return (*self.path, self.type)

    @property
    def own_name(self) -> str:
        """The name in its scope: without what encloses it, and without the number of a copy."""
        for name, (entry, scope) in self.reading.trace.entries.items():
            own = name.removeprefix(scope.level.prefix)
            if entry is self.entry and not own.isdigit():
                return own
        return self.name

    def layers(self) -> list[str]:
        """The full names of all that the entry makes: rows, or the copies of a block."""
        return made_by(self.reading, self.name)

    def has(self, key: str) -> bool:
        """Whether the entry or a column of its rows gives a key."""
        return self.entry.has(key) or self.has_column(key)

    def has_column(self, key: str) -> bool:
        """Whether a column of the entry's own rows fills the key."""
        return key in self.scope.columns_of(self.entry)

    def column(self, key: str) -> Path | None:
        """The path of the cell that gives a key. Raises UsageError where the table is computed."""
        row = self.scope.row
        if self.entry.has(key) or row is None or not self.has_column(key):
            return None
        return cell(self, self.entry, row.number, key)

    def path_of(self, key: str) -> Path:
        """The path at which a key is written, or would be. Raises UsageError where its table is computed."""
        return self.column(key) or (*self.body, key)

    def origin(self, key: str) -> Path:
        """Where the value is written that an expression of one name gives to a key. Raises UsageError."""
        column = self.column(key)
        if column is not None:
            return column
        raw = self.entry.get(key)
        if not isinstance(raw, Expression) or not raw.text.isidentifier():
            shown = f"={raw.text}" if isinstance(raw, Expression) else "what stands there"
            raise UsageError(f"{key} of {self.name} reads no single name: {shown}", "set it where it stands")
        row = self.scope.row
        number = row.number if row is not None and row.entry is self.entry else 0
        chain = [*chain_of(self.reading, self.scope), (self.entry, number)]
        return _source_of(self, raw.text, chain, self.scope.blocks)


def find(reading: Reading, name: str) -> Place:
    """The place of a layer, block, container or group of copies. Raises UsageError where it cannot be edited."""
    found = reading.trace.entries.get(name)
    if reading.spec is None:
        message = f"the text cannot be read: {reading.problems[0].message}"
        raise UsageError(message, "mend the text first, or take the last step back")
    if found is None:
        raise _unknown(reading, name)
    entry, scope = found
    if entry.mark >= FILE:
        where = reading.source.where(entry.mark)
        raise UsageError(f"{name} stands in {where.file}, which this file includes", "open that file to change it")
    return Place(name, entry, scope, path_of(reading, entry.mark), reading)


def made_by(reading: Reading, name: str) -> list[str]:
    """The full names of all that the entry of a layer makes: rows, or the copies of a block. Raises UsageError."""
    entries = reading.trace.entries
    if name not in entries:
        raise _unknown(reading, name)
    entry = entries[name][0]
    names = [name for name, (other, _) in entries.items() if other is entry]
    groups = {name.rpartition(".")[0] for name in names}
    return [name for name in names if name not in groups]


def _unknown(reading: Reading, name: str) -> UsageError:
    help = nearest(name, reading.trace.entries)
    if not help and reading.problems:
        help = "mend what is wrong with the text, or take the last step back"
    return UsageError(f"there is no layer `{name}` in the text", help)


def path_of(reading: Reading, mark: Mark) -> Path:
    """The path of the entry at a mark of the spec's own file."""
    where = reading.source.where(mark)
    return reading.document.entry_path(where.line, where.column)


def body_of(reading: Reading, mark: Mark) -> Path:
    """The path of the parameters of the entry at a mark."""
    path = path_of(reading, mark)
    return (*path, reading.document.entry_type(path))


def cell(place: Place, entry: Entry, number: int, column: str) -> Path:
    """The path of a cell of an entry's rows, or of the param that holds them. Raises UsageError."""
    reading, raw = place.reading, entry.get("rows")
    if isinstance(raw, Expression):
        if reading.spec is None or raw.text not in reading.spec.params.pairs:
            raise UsageError(f"the rows of {place.name} are computed: ={raw.text}", "change what it reads")
        base = param_path(reading, raw.text)
    else:
        base = (*body_of(reading, _own(reading, entry.mark)), "rows")
    table = reading.document.value(base)
    header = table[0] if isinstance(table, list) and table else None
    if not isinstance(header, list) or column not in header:
        raise UsageError(f"the rows of {place.name} are computed", "change what they are made of")
    return (*base, number + 1, header.index(column))


def param_path(reading: Reading, name: str) -> Path:
    """Where a param of the spec has its value: with the variant in view where that gives one, else with the file."""
    variant = None if reading.variant is None else ("variants", reading.variant, "params", name)
    return variant if variant is not None and reading.document.has(variant) else ("params", name)


def chain_of(reading: Reading, scope: Scope) -> Chain:
    """The entries of blocks and containers that led to a scope."""
    return list(scope.path)


def _source_of(place: Place, name: str, chain: Chain, blocks: tuple[str, ...]) -> Path:
    """Where the value of a name is written that the last entry of a chain reads; through further names of names."""
    reading = place.reading
    spec = reading.spec
    assert spec is not None  # something was built of it
    entry, number = chain[-1]
    outer = chain[:-1]
    if _has_column(reading, entry, name):
        return cell(place, entry, number, name)
    while outer:
        entry, number = outer[-1]
        if isinstance(entry.type, str) and entry.type in CONTAINERS:
            if _has_column(reading, entry, name):
                return cell(place, entry, number, name)
            outer = outer[:-1]
            continue
        block = _defined(spec, blocks[-1])
        if name in block.params.pairs:
            return _given(place, name, block, outer, blocks[:-1])
        break  # a block sees beneath its own params those of the spec
    if name not in spec.params.pairs:
        raise UsageError(f"`{name}` is no param and no column: it is counted or measured", "set the value itself")
    return param_path(reading, name)


def _given(place: Place, name: str, block: Block | CustomType, chain: Chain, blocks: tuple[str, ...]) -> Path:
    """Where a param of a block has its value: with the entry that uses the block, or as its default."""
    entry, number = chain[-1]
    reading = place.reading
    raw = entry.get(name)
    if raw is not None:
        if isinstance(raw, Expression) and raw.text.isidentifier():
            return _source_of(place, raw.text, chain, blocks)
        return (*body_of(reading, _own(reading, entry.mark)), name)
    if _has_column(reading, entry, name):
        return cell(place, entry, number, name)
    _own(reading, block.mark)
    return ("blocks" if isinstance(block, Block) else "custom", block.name, "params", name)


def _own(reading: Reading, mark: Mark) -> Mark:
    """A mark of the spec's own file. Raises UsageError for one of another."""
    if mark >= FILE:
        where = reading.source.where(mark)
        raise UsageError(f"it is written in {where.file}, which this file includes", "open that file to change it")
    return mark


def _defined(spec: Spec, name: str) -> Block | CustomType:
    return spec.blocks[name] if name in spec.blocks else spec.custom[name]


def _has_column(reading: Reading, entry: Entry, name: str) -> bool:
    raw = entry.get("rows")
    if isinstance(raw, Expression) and reading.spec is not None and entry.mark < FILE:
        raw = reading.spec.params.pairs.get(raw.text)
    header = raw.items[0] if isinstance(raw, YamlList) and raw.items else None
    return isinstance(header, YamlList) and name in header.items
