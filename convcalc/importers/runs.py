"""Neighbours that are alike become copies of one entry: `repeat`, or `rows` where their values follow no rule."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any

from convcalc.importers.lines import count_lines
from convcalc.importers.naming import cleaned
from convcalc.importers.outline import Entry, Moves, Outline, Ref, Stepwise, lists, replace_refs
from convcalc.importers.params import value_of, without_defaults

REPEAT = "repeat"


def join_numbered(outline: Outline) -> None:
    """Let one entry be the copies that a container holds, such as layer1.0, layer1.1, …"""
    moves = Moves()
    for entries in lists(outline.entries):
        for container in entries:
            if container.entries is not None and _is_numbered(container.entries):
                _join(container, container.entries, moves)
    _move(outline, moves)


def join_neighbours(outline: Outline) -> None:
    """Join neighbours that are copies of one block, in every list of entries of the network."""
    moves = Moves()
    for entries in lists(outline.entries):
        for run in _runs(entries):
            _join_neighbours(entries, run, moves)
    _move(outline, moves)


def _move(outline: Outline, moves: Moves) -> None:
    if moves.inside:
        replace_refs(outline.entries, moves)
        outline.outputs = [moves(ref) for ref in outline.outputs]


def _is_numbered(entries: list[Entry]) -> bool:
    """Whether these are copies 0, 1, 2, … of one block, each reading the one before."""
    if REPEAT in entries[0].parameters or entries[0].keys.get("rows"):  # copies themselves
        return False
    if entries[0].block is None or not all(entry.name == str(number) for number, entry in enumerate(entries)):
        return False
    return all(_follows(before, entry) for before, entry in pairwise(entries))


def _runs(entries: list[Entry]) -> list[list[Entry]]:
    """The longest runs of neighbours that are copies of one block, each reading the one before."""
    runs: list[list[Entry]] = []
    for entry in entries:
        if runs and entry.block is not None and _follows(runs[-1][-1], entry):
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return [run for run in runs if len(run) > 1]


def _join_neighbours(entries: list[Entry], run: list[Entry], moves: Moves) -> None:
    """Put one entry in the place of neighbours, where that is shorter: all of them, or those with equal parameters."""
    if _join_named(entries, run, moves) or not all(entry.name for entry in run):
        return
    for _, group in groupby(run, key=lambda entry: repr(sorted(entry.parameters.items()))):
        alike = list(group)
        if len(alike) > 1:
            _join_named(entries, alike, moves)


def _join_named(entries: list[Entry], run: list[Entry], moves: Moves) -> bool:
    """Put copies in the place of neighbours without names, or rows with their names; whether that is shorter."""
    is_named = any(entry.name for entry in run)
    joined = Entry(run[0].type, list(run[0].reads), in_shape=run[0].in_shape)
    _join(joined, run, Moves(), by_rule=not is_named)
    names = [cleaned(entry.name) if is_named else str(number) for number, entry in enumerate(run)]
    if is_named:
        if not all(names):
            return False
        rows = joined.keys.get("rows", [[], *([] for _ in run)])
        joined.keys["rows"] = [["name", *rows[0]], *([name, *row] for name, row in zip(names, rows[1:]))]
        joined.parameters.pop(REPEAT, None)
        if _lines(joined) >= sum(map(_lines, run)):
            return False
    start = entries.index(run[0])
    entries[start : start + len(run)] = [joined]
    for number, (entry, name) in enumerate(zip(run, names)):
        moves.add(entry, Ref(joined, (name,)), Ref(joined) if number == len(run) - 1 else None)
    return True


def _lines(entry: Entry) -> int:
    """How many lines an entry takes."""
    name = {"name": entry.name} if entry.name else {}
    return count_lines({entry.type: {**name, **entry.keys, **without_defaults(entry, entry.parameters)}})


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


def _join(container: Entry, entries: list[Entry], moves: Moves, *, by_rule: bool = True) -> None:
    """Put the copies in the place of the container that holds them; `by_rule` where they have numbers for names."""
    first = entries[0]
    container.type, container.block, container.entries, container.kind = first.type, first.block, None, ""
    container.reads = list(first.reads)
    container.keys = dict(first.keys)
    container.has_tensors = True
    container.parameters = {REPEAT: len(entries)}
    keys = dict.fromkeys(key for entry in entries for key in entry.parameters)
    values = {key: [value_of(first, entry.parameters, key) for entry in entries] for key in keys}
    rules = {key: _by_rule(each) if by_rule or _is_constant(each) else None for key, each in values.items()}
    if None not in rules.values():
        container.parameters.update({key: rule[0] for key, rule in rules.items() if rule is not None})
    else:
        table = {key: each for key, each in values.items() if not _is_constant(each)}
        container.parameters = {key: each[0] for key, each in values.items() if key not in table}
        container.keys["rows"] = [list(table), *(list(row) for row in zip(*table.values()))]
    for number, entry in enumerate(entries):
        moves.add(entry, Ref(container, (str(number),)), Ref(container) if number == len(entries) - 1 else None)


def _by_rule(values: list[Any]) -> tuple[Any] | None:
    """One value for all copies, or for the first and for the others; None where they follow no such rule."""
    first, *others = values
    if any(isinstance(value, Stepwise) for value in others):
        return None
    if _is_constant(values):
        return (first,)
    if _is_constant(others) and not isinstance(first, (list, str)):
        return (Stepwise(first, others[0]),)
    return None


def _is_constant(values: list[Any]) -> bool:
    return all(type(value) is type(values[0]) and value == values[0] for value in values)
