"""The references to an entry: a new name changes them, and they prevent its removal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from convcalc.editor.places import EntryPlace
from convcalc.editor.reading import Reading, variant_traces
from convcalc.errors import UsageError
from convcalc.language.spec import ENTRY_NAME_HELP, is_entry_name
from convcalc.network.graph import Graph
from convcalc.network.trace import Reference, Trace
from convcalc.problems import Problem
from convcalc.text import crossing
from convcalc.text.document import Document
from convcalc.text.edits import Edit, RenameKey, SetValue, Together
from convcalc.text.source import is_in_own_file
from convcalc.text.values import Path, PathPart

_NUMBERED = re.compile(r"_\d+(?=\.|$)")
# By the variant and the path of a reference: for each dotted part, the paths of the entries that it refers to.
Meaning = dict[tuple[str | None, Path], list[frozenset[Path]]]
EXPECTED_BY_OUTPUT = ("output_shape", "receptive_field")


class NameUse(NamedTuple):
    """A reference to an entry: its path, its text, and the number of the dotted part with the entry's name."""

    path: Path
    text: str
    part: int


class References:
    """The meaning of every reference of a text, in the file and each of its variants."""

    def __init__(self, reading: Reading) -> None:
        self.document = reading.document
        self.graphs: dict[str | None, Graph | None] = {}
        self.problems: dict[str | None, list[Problem]] = {}
        self.meaning: Meaning = {}
        self.texts: dict[Path, str] = {}
        self._paths: dict[int, Path] = {}
        for variant, traced in variant_traces(reading).items():
            self.graphs[variant], self.problems[variant] = traced.graph, traced.problems
            for reference in traced.trace.references:
                if is_in_own_file(reference.mark):
                    self._add(variant, reference, traced.trace)

    def _add(self, variant: str | None, reference: Reference, trace: Trace) -> None:
        path = crossing.path_of(self.document, reference.mark)
        self.texts[path] = reference.text
        found = [frozenset(self._path_of(name, trace) for name in names) for names in reference.names]
        # An entry of a block has one reference for each use of the block.
        known = self.meaning.get((variant, path), found)
        self.meaning[variant, path] = [one | other for one, other in zip(known, found)]

    def _path_of(self, name: str, trace: Trace) -> Path:
        mark = trace.entries[name][0].mark
        if mark not in self._paths:
            self._paths[mark] = crossing.entry_path(self.document, mark) if is_in_own_file(mark) else ()
        return self._paths[mark]

    def uses(self, entry: Path) -> Iterator[NameUse]:
        """The references from outside an entry to it or to entries inside it; each part once."""
        known: set[NameUse] = set()
        for (_, path), parts in self.meaning.items():
            if path[: len(entry)] == entry:
                continue
            for number, targets in enumerate(parts):
                use = NameUse(path, self.texts[path], number)
                if use not in known and any(target[: len(entry)] == entry for target in targets):
                    known.add(use)
                    yield use

    def in_words(self, path: Path) -> str:
        """`from` on line 12"""
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        key = "expect" if "expect" in path else key
        return f"`{key}` on line {self.document.position(path)[0]}"


def rename_entry(place: EntryPlace, name: str) -> Document:
    """The document after an entry and every reference to it have the new name.

    Raises UsageError where that is impossible, or where a reference would refer to another layer than before.
    """
    if not is_entry_name(name):
        help = ENTRY_NAME_HELP
        raise UsageError(f"`{name}` cannot be a name", help)
    reading = place.reading
    before = References(reading)
    edits: dict[Path, Edit] = {}
    own = place.path_of("name")
    _refuse_computed(before.document, own, place.name)
    edits[own] = SetValue(own, name)
    old_name = place.own_name
    texts: dict[Path, list[str]] = {}
    for use in before.uses(place.path):
        parts = texts.setdefault(use.path, use.text.split("."))
        if parts[use.part] != old_name or not _names_entry_itself(before, use, place.path):
            continue
        if before.document.value(use.path) != use.text:
            message = f"an expression refers to {place.name}, in {before.in_words(use.path)}"
            raise UsageError(message, "change the expression first")
        parts[use.part] = name
        edits[use.path] = SetValue(use.path, ".".join(parts))
    for path in _unresolved(before, place.path, old_name):
        edits[path] = SetValue(path, ".".join([name, *str(before.document.value(path)).split(".")[1:]]))
    document = Together(tuple(edits.values())).apply(before.document)
    after = References(reading.read_again(document))
    _check_meaning(before, after)
    expected = _expectation_edits(before, after)
    return Together(tuple(expected)).apply(document) if expected else document


class ListShift(NamedTuple):
    """An edit of the list at `path`: an item is removed at `source`, inserted at `target`, or both."""

    path: Path
    target: int | None
    source: PathPart | None

    def new_path(self, path: Path) -> Path | None:
        """The path of the same value after the edit; None where the value is removed."""
        depth = len(self.path)
        if path[:depth] != self.path or len(path) == depth:
            return path
        index = path[depth]
        if not isinstance(index, int):
            return path
        if index == self.source:
            return None if self.target is None else (*self.path, self.target, *path[depth + 1 :])
        index -= isinstance(self.source, int) and index > self.source
        index += self.target is not None and index >= self.target
        return (*self.path, index, *path[depth + 1 :])


def check_numbers(reading: Reading, document: Document, shift: ListShift) -> None:
    """Raise UsageError where another entry would get the number of a reference, as in `relu_2`."""
    if not any(_NUMBERED.search(reference.text) for reference in reading.trace.references):
        return
    before, after = References(reading), References(reading.read_again(document))
    for (variant, path), meaning in before.meaning.items():
        site = shift.new_path(path)
        found = None if site is None else after.meaning.get((variant, site))
        if found is not None and found != [frozenset(map(shift.new_path, targets)) for targets in meaning]:
            words = f"{before.in_words(path)}, {before.texts[path]},"
            raise UsageError(f"{words} would refer to another layer than before", "give its layer a name")


def _refuse_computed(document: Document, path: Path, layer: str) -> None:
    old = document.value(path) if document.has(path) else None
    if isinstance(old, str) and old.startswith("="):
        raise UsageError(f"the name of {layer} is computed: {old}", "change the values that it reads")


def _names_entry_itself(names: References, use: NameUse, entry: Path) -> bool:
    """Whether a part refers to the entry itself, not to an entry inside it."""
    return any(path == use.path and entry in parts[use.part] for (_, path), parts in names.meaning.items())


def _unresolved(names: References, entry: Path, old_name: str) -> Iterator[Path]:
    """The references in the same scope that no variant resolves, because `when` leaves out their entries."""
    scope = entry[:2] if entry[0] == "blocks" else entry[:1]
    for path, node in names.document.root.walk():
        value = node.value
        if not isinstance(value, str) or value.split(".")[0] != old_name:
            continue
        keys = [step for step in path if isinstance(step, str)]
        if path[: len(scope)] == scope and path not in names.texts and keys[-1] in ("from", "tied", "like"):
            yield path


def _check_meaning(before: References, after: References) -> None:
    """Raise UsageError where a reference refers to another layer than before, or where a variant no longer builds."""
    for key, meaning in before.meaning.items():
        if after.meaning.get(key, meaning) != meaning:
            message = f"{before.in_words(key[1])}, {before.texts[key[1]]}, would refer to another layer than before"
            raise UsageError(message, "give its layer a name first, or choose another name")
    for variant, graph in before.graphs.items():
        if graph is not None and after.graphs[variant] is None:
            where = "" if variant is None else f" the variant {variant}:"
            raise UsageError(f"with that name{where} {after.problems[variant][0].message}", "choose another name")


def _expectation_edits(before: References, after: References) -> list[Edit]:
    """The edits of the keys of `expect` whose layers or outputs were renamed."""
    edits: dict[Path, Edit] = {}
    for variant, old in before.graphs.items():
        new = after.graphs[variant]
        if old is None or new is None:
            continue
        base: Path = ("expect",) if variant is None else ("variants", variant, "expect")
        layers = {one.name: other.name for one, other in zip(old.nodes, new.nodes)}
        outputs = dict(zip(old.outputs, new.outputs))
        edits |= _key_renames(before.document, (*base, "layers"), layers)
        for key in EXPECTED_BY_OUTPUT:
            edits |= _key_renames(before.document, (*base, key), outputs)
    return list(edits.values())


def _key_renames(document: Document, path: Path, new_names: Mapping[str, str]) -> dict[Path, Edit]:
    """The edits of the keys of a mapping that have new names, by their paths."""
    renamed = [key for key in _keys(document, path) if new_names.get(key, key) != key]
    return {(*path, key): RenameKey((*path, key), new_names[key]) for key in renamed}


def _keys(document: Document, path: Path) -> list[str]:
    value = document.value(path) if document.has(path) else None
    return list(value) if isinstance(value, dict) else []


def _names_around(name: str) -> Iterator[str]:
    """A full name, and the names of all blocks and containers around it."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def references_to(place: EntryPlace) -> list[str]:
    """The references, in words, that the removal of an entry would break."""
    names = References(place.reading)
    found = [names.in_words(use.path) for use in names.uses(place.path)]
    found += [names.in_words(path) for path in _unresolved(names, place.path, place.own_name)
              if path[: len(place.path)] != place.path]  # fmt: skip
    own = set(place.layers())
    gone = {name for name in place.reading.trace.entries if not own.isdisjoint(_names_around(name))}
    for variant in names.graphs:
        base: Path = ("expect",) if variant is None else ("variants", variant, "expect")
        path = (*base, "layers")
        found += [names.in_words((*path, key)) for key in _keys(names.document, path) if key in gone]
    return list(dict.fromkeys(found))
