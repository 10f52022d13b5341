"""Walks over the entries of a spec, and over the expressions in its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcalc.language.spec import Entry
from convcalc.text.source import Expression, Value, YamlList, YamlMapping

# The keys of containers with entries.
LISTS = frozenset(["layers", "shortcut", "branches"])


def expressions_in(value: Value) -> Iterator[Expression]:
    """The expressions in a value, also inside collections."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if type(value) is Expression:
            yield value
        elif type(value) is YamlList:
            waiting += value.items
        elif type(value) is YamlMapping:
            waiting += value.pairs.values()


def entries_in(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of a list and of the containers in it."""
    waiting = list(entries)
    while waiting:
        entry = waiting.pop()
        yield entry
        for inner in entry.lists:
            waiting += inner


def expressions_of(entry: Entry) -> Iterator[Expression]:
    """The expressions of an entry itself: in its type and its keys, but not in the entries of a container."""
    if isinstance(entry.type, Expression):
        yield entry.type
    for key, value in entry.body.pairs.items():
        if not entry.lists or key not in LISTS:
            yield from expressions_in(value)
