"""Neighbours that are alike become copies of one entry: `repeat`, or `rows` where their values follow no rule."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from convcalc.importers.outline import Entry, Moves, Outline, Ref, Stepwise, lists, replace_refs
from convcalc.importers.params import default_of
from convcalc.text.writing import MAX_WIDTH, flow_text

REPEAT = "repeat"


def join_runs(outline: Outline) -> None:
    """Join the neighbours in every list of entries of the network."""
    moves = Moves()
    for entries in lists(outline.entries):
        for container in entries:
            if container.entries is not None and _is_numbered(container.entries):
                _join(container, container.entries, moves)
    for entries in lists(outline.entries):
        for run in _runs(entries):
            _join_neighbours(entries, run, moves)
    if moves.inside:
        replace_refs(outline.entries, moves)
        outline.outputs = [moves(ref) for ref in outline.outputs]


def _is_numbered(entries: list[Entry]) -> bool:
    """Whether these are copies 0, 1, 2, … of one block, each reading the one before."""
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
    """Put one entry in the place of neighbours: copies without names, or rows that fit on one line."""
    joined = Entry(run[0].type, list(run[0].reads))
    if all(not entry.name for entry in run):
        _join(joined, run, Moves())
        names = [str(number) for number in range(len(run))]
    elif all(entry.name for entry in run):
        names = [entry.name for entry in run]
        _join(joined, run, Moves())
        rows = joined.keys.get("rows", [[], *([] for _ in run)])
        joined.keys["rows"] = [["name", *rows[0]], *([name, *row] for name, row in zip(names, rows[1:]))]
        joined.parameters.pop(REPEAT, None)
        if any(isinstance(value, Stepwise) for value in joined.parameters.values()) or not _fits(joined):
            return
    else:
        return
    start = entries.index(run[0])
    entries[start : start + len(run)] = [joined]
    for number, (entry, name) in enumerate(zip(run, names)):
        moves.add(entry, Ref(joined, (name,)), Ref(joined) if number == len(run) - 1 else None)


def _fits(entry: Entry) -> bool:
    """Whether an entry fits on a line."""
    return len(flow_text({entry.type: {**entry.keys, **entry.parameters}})) < MAX_WIDTH - 20


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


def _join(container: Entry, entries: list[Entry], moves: Moves) -> None:
    """Put the copies in the place of the container that holds them."""
    first = entries[0]
    container.type, container.block, container.entries, container.kind = first.type, first.block, None, ""
    container.reads = list(first.reads)
    container.keys = dict(first.keys)
    container.has_tensors = True
    container.parameters = {REPEAT: len(entries)}
    keys = dict.fromkeys(key for entry in entries for key in entry.parameters)
    values = {key: [entry.parameters.get(key, default_of(first, key)) for entry in entries] for key in keys}
    rules = {key: _by_rule(each) for key, each in values.items()}
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
