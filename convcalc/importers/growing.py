"""Concatenations that grow: each joins all that the one before joins, and something more, as in DenseNet.

They are written as people write them: a concatenation reads the one before and what is new. Each then belongs to the
module that made the new part, so that these modules are copies of one block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from convcalc.importers.network import Module, Operation

CONCAT = "concat"


def shorten_growing(operations: Sequence[Operation]) -> None:
    """Let every concatenation read an earlier one in place of all that it joins."""
    earlier: dict[tuple[object, ...], str] = {}
    for operation in operations:
        if operation.type != CONCAT:
            continue
        axis, inputs = operation.parameters.get("axis", 0), operation.inputs
        key = (axis, *inputs)
        for count in range(len(inputs) - 1, 1, -1):
            known = earlier.get((axis, *inputs[:count]))
            if known is not None:
                operation.inputs = [known, *inputs[count:]]
                break
        earlier.setdefault(key, operation.output.name)


def move_into_modules(operations: Sequence[Operation]) -> None:
    """Move a concatenation of what a module reads and gives to the end of that module, where this happens again."""
    moves = [(operation, place) for operation, place in _movable(operations)]
    kinds = Counter(place[-1].kind for _, place in moves)
    for operation, place in moves:
        if place[-1].kind and kinds[place[-1].kind] > 1:
            operation.modules, operation.name = place, ""


def _movable(operations: Sequence[Operation]) -> list[tuple[Operation, tuple[Module, ...]]]:
    """The concatenations right behind a module that read what it reads, and what it gives; and that module."""
    found = []
    for before, operation in pairwise(operations):
        if operation.type != CONCAT or len(operation.inputs) != 2 or operation.inputs[1] != before.output.name:
            continue
        depth = _shared(before.modules, operation.modules)
        place = before.modules[: depth + 1]
        if len(place) > depth and _reads(operations, place, operation.inputs[0]):
            found.append((operation, place))
    return found


def _shared(one: tuple[Module, ...], other: tuple[Module, ...]) -> int:
    depth = 0
    while depth < min(len(one), len(other)) and one[depth] == other[depth]:
        depth += 1
    return depth


def _reads(operations: Sequence[Operation], place: tuple[Module, ...], value: str) -> bool:
    """Whether an operation inside a module reads a value."""
    return any(value in each.inputs for each in operations if each.modules[: len(place)] == place)
