"""Neighbours that are alike become copies of one entry: `repeat`, or `rows` where their values follow no rule."""

from __future__ import annotations

from typing import Any

from convcalc.importers.outline import Entry, Outline, Ref, Stepwise, lists, moved, replace_refs
from convcalc.importers.params import default_of

REPEAT = "repeat"


def join_runs(outline: Outline) -> None:
    """Join the neighbours in every list of entries of the network."""
    places: dict[Entry, Ref] = {}
    for entries in lists(outline.entries):
        for container in entries:
            if container.entries is not None and _is_numbered(container.entries):
                _join(container, container.entries, places)
    if places:
        change = moved(places)
        replace_refs(outline.entries, change)
        outline.outputs = [change(ref) for ref in outline.outputs]


def _is_numbered(entries: list[Entry]) -> bool:
    """Whether these are copies 0, 1, 2, … of one block, each reading the one before."""
    first = entries[0]
    if first.block is None or not all(entry.name == str(number) for number, entry in enumerate(entries)):
        return False
    return all(_follows(before, entry) for before, entry in zip(entries, entries[1:]))


def _follows(before: Entry, entry: Entry) -> bool:
    """Whether an entry is a copy of the one before, and reads it."""
    return (
        entry.type == before.type
        and entry.block is before.block
        and entry.keys == before.keys
        and not entry.keys.get("rows")
        and REPEAT not in entry.parameters
        and REPEAT not in before.parameters
        and entry.reads == [Ref(before), *before.reads[1:]]
    )


def _join(container: Entry, entries: list[Entry], places: dict[Entry, Ref]) -> None:
    """Put the copies in the place of the container that holds them."""
    first = entries[0]
    container.type, container.block, container.entries, container.kind = first.type, first.block, None, ""
    container.reads = list(first.reads)
    container.keys = dict(first.keys)
    container.has_tensors = True
    container.parameters = {REPEAT: len(entries)}
    table: dict[str, list[Any]] = {}
    for key in dict.fromkeys(key for entry in entries for key in entry.parameters):
        values = [entry.parameters.get(key, default_of(first, key)) for entry in entries]
        value = _by_rule(values)
        if value is None:
            table[key] = values
        else:
            container.parameters[key] = value[0]
    if table:
        del container.parameters[REPEAT]
        container.keys["rows"] = [list(table), *(list(row) for row in zip(*table.values()))]
    for number, entry in enumerate(entries):
        is_last = number == len(entries) - 1
        places[entry] = Ref(container) if is_last else Ref(container, (str(number),))


def _by_rule(values: list[Any]) -> tuple[Any] | None:
    """One value for all copies, or for the first and for the others; None where they follow no such rule."""
    first, *others = values
    if any(isinstance(value, Stepwise) for value in values):
        return (first,) if not others else None
    if not others or all(type(value) is type(first) and value == first for value in others):
        return (first,)
    if all(type(value) is type(others[0]) and value == others[0] for value in others) and not isinstance(first, list):
        return (Stepwise(first, others[0]),)
    return None
