"""The place of the value that a key reads by name: a param, a column of rows, or a value given to a block."""

from __future__ import annotations

from typing import NamedTuple

from convcalc.editor.places import EntryPlace, body_of, cell, own_mark, param_path
from convcalc.editor.reading import Reading
from convcalc.errors import UsageError
from convcalc.language.spec import CONTAINERS, Block, CustomType, Entry, Spec
from convcalc.text.source import Expression, YamlList, is_in_own_file
from convcalc.text.values import Path


def origin_path(place: EntryPlace, key: str) -> Path:
    """The path of the value that a key reads by a single name or from its rows. Raises UsageError."""
    column = place.column(key)
    if column is not None:
        return column
    raw = place.entry.get(key)
    if not isinstance(raw, Expression) or not raw.text.isidentifier():
        shown = f"={raw.text}" if isinstance(raw, Expression) else "a value of its own"
        raise UsageError(f"{key} of {place.name} reads no single name: {shown}", "set the key itself")
    entry, row = place.scope.path_to(place.entry)[-1]
    return path_of_name(raw.text, EntryRow(entry, row, None), entries_around(place), place)


class EntryRow(NamedTuple):
    """An entry, the number of its row if it has rows, and the block or custom type that it uses.

    `definition` is None for a container, and for the entry of the layer itself.
    """

    entry: Entry
    row: int
    definition: Block | CustomType | None


def entries_around(place: EntryPlace) -> list[EntryRow]:
    """The entries around a layer, the outermost first: each uses a block or is a container."""
    spec = place.reading.spec
    assert spec is not None  # the place is in it
    blocks = iter(place.scope.blocks)  # the names of their blocks, in the same order
    found = []
    for entry, row in place.scope.path:
        is_container = isinstance(entry.type, str) and entry.type in CONTAINERS
        found.append(EntryRow(entry, row, None if is_container else _definition(spec, next(blocks))))
    return found


def path_of_name(name: str, reader: EntryRow, around: list[EntryRow], place: EntryPlace) -> Path:
    """The path of the value of a name that the entry `reader` reads. Raises UsageError.

    The value may be another name. An entry sees the columns of its own rows and of the containers around it, then the
    params of the block around these, then those of the spec.
    """
    reading = place.reading
    if _has_column(reading, reader.entry, name):
        return cell(place, reader.entry, reader.row, name)
    for depth in reversed(range(len(around))):
        outer = around[depth]
        if outer.definition is None:
            if _has_column(reading, outer.entry, name):
                return cell(place, outer.entry, outer.row, name)
        elif name in outer.definition.params.pairs:
            return _path_of_block_param(name, outer, around[:depth], place)
        else:
            break  # a block does not see the names around the entry that uses it
    if reading.spec is None or name not in reading.spec.params.pairs:
        raise UsageError(f"`{name}` is not a param or a column: its value is computed", "set the value itself")
    return param_path(reading, name)


def _path_of_block_param(name: str, user: EntryRow, around: list[EntryRow], place: EntryPlace) -> Path:
    """The path of the value of a block's param: in the entry that uses the block, or its default."""
    reading, raw, definition = place.reading, user.entry.get(name), user.definition
    assert definition is not None  # the param belongs to it
    if isinstance(raw, Expression) and raw.text.isidentifier():
        return path_of_name(raw.text, user, around, place)
    if raw is not None:
        return (*body_of(reading, own_mark(reading, user.entry.mark)), name)
    if _has_column(reading, user.entry, name):
        return cell(place, user.entry, user.row, name)
    own_mark(reading, definition.mark)
    return ("blocks" if isinstance(definition, Block) else "custom", definition.name, "params", name)


def _definition(spec: Spec, name: str) -> Block | CustomType:
    return spec.blocks[name] if name in spec.blocks else spec.custom[name]


def _has_column(reading: Reading, entry: Entry, name: str) -> bool:
    raw = entry.get("rows")
    if isinstance(raw, Expression) and reading.spec is not None and is_in_own_file(entry.mark):
        raw = reading.spec.params.pairs.get(raw.text)
    header = raw.items[0] if isinstance(raw, YamlList) and raw.items else None
    return isinstance(header, YamlList) and name in header.items
