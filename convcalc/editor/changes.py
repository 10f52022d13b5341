"""The edits of a spec: each returns a changed document and a title, or raises UsageError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from convcalc import layers as layer_types
from convcalc.editor.origins import origin_path
from convcalc.editor.places import EntryPlace, find, param_path
from convcalc.editor.reading import Reading
from convcalc.editor.references import ListShift, check_numbers, references_to, rename_entry
from convcalc.editor.typed import parse_shape, parse_value
from convcalc.errors import UsageError
from convcalc.language.overrides import unknown_param
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS, Entry, Spec
from convcalc.problems import nearest
from convcalc.text.document import Document, in_words
from convcalc.text.edits import InsertItem, MoveItem, RemoveItem, RemoveKey, SetValue
from convcalc.text.source import Expression, is_in_own_file
from convcalc.text.values import Path
from convcalc.text.writing import flow_text


class EditedText(NamedTuple):
    """A changed document with a `title` for the history; the message also has the `note`.

    `path` leads to the changed value or the added entry. `layers` are the rows of the entry.
    """

    title: str
    document: Document
    path: Path | None = None
    layers: Sequence[str] = ()
    note: str = ""


def set_value(reading: Reading, layer: str, key: str, value: Any, *, keep_size: bool = False) -> EditedText:
    """Set a key of an entry: in the entry, or in its cell of the rows; with `keep_size` its padding as well."""
    place = find(reading, layer)
    check_key(reading, place.entry, key)
    given = parse_value(key, value)
    if key == "name":
        return rename(reading, layer, str(given))
    edited = _set_at(reading, place, key, place.path_of(key), given)
    if not keep_size or key not in ("kernel_size", "dilation"):
        return edited
    from convcalc.editor.keeping import padding_that_keeps  # an option, as most edits change no kernel

    for name, padding in padding_that_keeps(place, key, given).items():
        document = SetValue(place.path_of(name), padding).apply(edited.document)
        title = f"{edited.title} and {name} to {flow_text(padding, in_flow=False)}"
        edited = edited._replace(document=document, title=title)
    return edited


def set_origin(reading: Reading, layer: str, key: str, value: Any) -> EditedText:
    """Set the value that a key reads by a single name, at the place of that value."""
    place = find(reading, layer)
    check_key(reading, place.entry, key)
    path = origin_path(place, key)
    given = parse_value(key, value)
    old = reading.document.value(path) if reading.document.has(path) else None
    document = SetValue(path, given).apply(reading.document)
    title = f"set {in_words(path)} to {flow_text(given, in_flow=False)}"
    note = f"{_old_value(old)}, which {layer}.{key} reads, on line {document.position(path)[0]}"
    return EditedText(title, document, path, (), note)


def unset(reading: Reading, layer: str, key: str) -> EditedText:
    """Remove a key from an entry, so that its default applies."""
    place = find(reading, layer)
    if not place.entry.has(key):
        if place.has(key):
            raise UsageError(f"{key} of {layer} is a column of its rows", "set its cell, or remove the column")
        raise UsageError(f"{layer} does not set {key}", nearest(key, place.entry.body.pairs))
    path = (*place.body, key)
    old = reading.document.value(path)
    document = RemoveKey(path).apply(reading.document)
    return EditedText(f"unset {layer}.{key}", document, None, place.layers(), _old_value(old) + _extent_in_words(place))


def add(
    reading: Reading,
    type: str,
    keys: Mapping[str, Any],
    after: str | None,
    before: str | None,
    into: str | None,
) -> EditedText:
    """Put an entry into a list: beside a layer, at the start of a block, container or the network, or at its end."""
    if sum(place is not None for place in (after, before, into)) > 1:
        raise UsageError("an entry can be added at one place only", "give one of after, before and into")
    _check_type(reading, type, keys)
    body = {key: parse_value(key, value) for key, value in keys.items()}
    neighbour = after if after is not None else before
    if neighbour is not None:
        place = find(reading, neighbour)
        if not isinstance(place.path[-1], int):
            raise UsageError(f"{neighbour} is not in a list")
        path, index = place.path[:-1], place.path[-1] + (after is not None)
        where = f" {'after' if after is not None else 'before'} {neighbour}{_extent_in_words(place)}"
    else:
        path = ("layers",) if not into else _path_of_list(reading, find(reading, into))
        items = reading.document.value(path) if reading.document.has(path) else None
        index = len(items) if isinstance(items, list) and into is None else 0
        where = f" at the start of {into or 'the network'}" if into is not None else " at the end"
    value: Any = {type: body} if body else type
    document = InsertItem(path, index, value).apply(reading.document)
    check_numbers(reading, document, ListShift(path, index, None))
    return EditedText(f"add {flow_text(value, in_flow=False)}{where}", document, (*path, index))


def remove(reading: Reading, layer: str) -> EditedText:
    """Remove an entry, unless other entries refer to it."""
    place = find(reading, layer)
    users = references_to(place)
    if users:
        raise UsageError(f"{layer} is used by {_shorten(users)}", "change the reference first")
    document = RemoveItem(place.path).apply(reading.document)
    check_numbers(reading, document, ListShift(place.path[:-1], None, place.path[-1]))
    return EditedText(f"remove {layer}", document, None, place.layers(), _extent_in_words(place))


def move(reading: Reading, layer: str, by: int) -> EditedText:
    """Move an entry within its list."""
    place = find(reading, layer)
    items, index = reading.document.value(place.path[:-1]), place.path[-1]
    assert isinstance(items, list)  # an entry is in a list
    assert isinstance(index, int)
    target = index + by
    if not 0 <= target < len(items):
        message = f"{layer} is entry {index + 1} of {len(items)} in its list and cannot be moved by {by:+}"
        raise UsageError(message, "remove it and add it elsewhere to move it to another list")
    document = MoveItem(place.path[:-1], index, target).apply(reading.document)
    check_numbers(reading, document, ListShift(place.path[:-1], target, index))
    words = f"{abs(by)} {'up' if by < 0 else 'down'}"
    return EditedText(f"move {layer} {words}", document, None, place.layers(), _extent_in_words(place))


def rename(reading: Reading, layer: str, name: str) -> EditedText:
    """Rename an entry, with every reference to it."""
    place = find(reading, layer)
    document = rename_entry(place, name)
    return EditedText(
        f"rename {layer} to {name}", document, place.path_of("name"), place.layers(), _extent_in_words(place)
    )


def set_input(reading: Reading, shape: Any) -> EditedText:
    """Set the input of the variant in view where it has its own, else the input of the file."""
    value = parse_shape(shape)
    own: Path = ("input",) if reading.variant is None else ("variants", reading.variant, "input")
    path: Path = own if reading.document.has(own) else ("input",)
    title = f"set {'.'.join(map(str, path))} to {flow_text(value, in_flow=False)}"
    old = reading.document.value(path) if reading.document.has(path) else None
    return EditedText(title, SetValue(path, value).apply(reading.document), path, (), _old_value(old))


def set_param(reading: Reading, name: str, value: Any) -> EditedText:
    """Set a param: in the variant in view where the variant sets it, else in the file."""
    known = list(reading.spec.params.pairs) if reading.spec is not None else []
    if name not in known:
        raise unknown_param(name, known)
    path = param_path(reading, name)
    given = parse_value(name, value)
    old = reading.document.value(path) if reading.document.has(path) else None
    of_variant = f" of {path[1]}" if path[0] == "variants" else ""
    title = f"set param {name}{of_variant} to {flow_text(given, in_flow=False)}"
    return EditedText(title, SetValue(path, given).apply(reading.document), path, (), _old_value(old))


def known_keys(place: EntryPlace) -> list[str] | None:
    """The keys of an entry's type, without the keys of every entry; None where its type is computed."""
    return keys_of_entry(place.reading, place.entry)


def keys_of_entry(reading: Reading, entry: Entry) -> list[str] | None:
    """The same for an entry, which may be written in an included file."""
    type, spec = entry.type, reading.spec
    return None if type is None or isinstance(type, Expression) or spec is None else _keys_of(type, spec)


def check_key(reading: Reading, entry: Entry, key: str) -> None:
    """Raise UsageError for a key that the entry does not take."""
    known = keys_of_entry(reading, entry)
    if known is not None and key not in known and key not in ENTRY_KEYS:
        raise _unknown_key(str(entry.type), key, known)


def _set_at(reading: Reading, place: EntryPlace, key: str, path: Path, value: Any) -> EditedText:
    document = reading.document
    old = document.value(path) if document.has(path) else None
    title = f"set {place.name}.{key} to {flow_text(value, in_flow=False)}"
    return EditedText(
        title, SetValue(path, value).apply(document), path, place.layers(), _old_value(old) + _extent_in_words(place)
    )


def _keys_of(type: str, spec: Spec) -> list[str] | None:
    """The keys of a container, layer, block or custom type; None where there is no such type."""
    if type in CONTAINERS:
        return list(CONTAINERS[type])
    defined = spec.blocks.get(type) or spec.custom.get(type)
    if defined is not None:
        return list(defined.params.pairs)
    kind = layer_types.find(type)
    return None if kind is None else list(kind.parameters)


def _check_type(reading: Reading, type: str, keys: Mapping[str, Any]) -> None:
    spec = reading.spec
    if type.startswith("=") or spec is None:
        return
    known = _keys_of(type, spec)
    if known is None:
        from convcalc.language.translations import type_name_help  # only a mistake loads it

        defined = dict.fromkeys([*spec.blocks, *spec.custom], ())
        help = type_name_help(type, defined) or "`convcalc layers` lists the types"
        raise UsageError(f"there is no layer, container or block `{type}`", help)
    for key in keys:
        if key not in known and key not in ENTRY_KEYS:
            raise _unknown_key(type, key, known)


def _unknown_key(type: str, key: str, known: list[str]) -> UsageError:
    from convcalc.language.translations import key_name_help  # only a mistake loads it

    words = [*known, *sorted(ENTRY_KEYS)]
    help = key_name_help(type, key, words) or f"it takes {', '.join(words)}"
    return UsageError(f"{type} has no `{key}`", help)


def _path_of_list(reading: Reading, place: EntryPlace) -> Path:
    """The path of the first list of entries of a container, or of the definition of a block."""
    type, spec = place.entry.type, reading.spec
    if type in CONTAINERS:
        return (*place.body, "branches", 0) if type == "parallel" else (*place.body, "layers")
    block = spec.blocks.get(type) if spec is not None and isinstance(type, str) else None
    if block is None:
        raise UsageError(f"{place.name} is a {place.type}, which has no entries", "name a container or a block")
    if not is_in_own_file(block.mark):
        raise UsageError(f"the block {block.name} is in {reading.source.where(block.mark).file}, which this file"
                         " includes", "open that file to change it")  # fmt: skip
    return ("blocks", block.name, "layers")


def _extent_in_words(place: EntryPlace) -> str:
    """How many layers an entry makes, and in which block it is."""
    count = len(place.layers())
    places = f", in {count:,} places" if count > 1 else ""
    return f"{places} (block {place.path[1]})" if place.path[0] == "blocks" else places


def _old_value(old: Any) -> str:
    return "" if old is None else f" (was {flow_text(old, in_flow=False)})"


def _shorten(words: list[str]) -> str:
    more = f" and {len(words) - 4} more" if len(words) > 4 else ""
    return ", ".join(words[:4]) + more
