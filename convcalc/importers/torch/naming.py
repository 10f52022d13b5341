"""The modules around each operation, and the name of an operation that is all of its module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from convcalc.importers.network import Module, Operation
from convcalc.importers.torch.graph import Frame


def name_operations(operations: list[Operation], frames: Mapping[int, tuple[Frame, ...]]) -> None:
    """Give each operation its modules. A module that is one operation gives that its name."""
    own: Counter[Frame] = Counter()
    outer: set[Frame] = set()
    for operation in operations:
        around = frames.get(id(operation), ())
        outer.update(around[:-1])
        own.update(around[-1:])
    for operation in operations:
        if id(operation) not in frames:
            continue
        around = frames[id(operation)]
        modules = modules_of(around)
        if around and own[around[-1]] == 1 and around[-1] not in outer:
            *rest, last = modules
            operation.modules, operation.name = tuple(rest), last.name
        else:
            operation.modules = tuple(modules)


def modules_of(frames: Sequence[Frame]) -> list[Module]:
    """The modules with names from one to the next."""
    modules, path = [], ""
    for frame in frames:
        modules.append(Module(_within(frame.path, path), frame.kind.rpartition(".")[2], frame.call))
        path = frame.path
    return modules


def place_of_tensor(name: str, frames: Sequence[Frame]) -> tuple[tuple[Module, ...], str]:
    """The modules around a parameter that an operation reads, and its own name."""
    owner, _, last = name.rpartition(".")
    around = [frame for frame in frames if owner == frame.path or owner.startswith(frame.path + ".")]
    modules = modules_of(around)
    path = around[-1].path if around else ""
    if owner != path:
        modules.append(Module(_within(owner, path)))
    return tuple(modules), last


def _within(path: str, around: str) -> str:
    """The path of a module from the one that calls it, which may not be the one that holds it.

    >>> _within("stage.unit1.conv", "stage.unit1"), _within("stage.unit1.gate", "stage.unit2")
    ('conv', 'unit1.gate')
    """
    parts, outer = path.split("."), around.split(".")
    while len(parts) > 1 and outer and parts[0] == outer[0]:
        parts, outer = parts[1:], outer[1:]
    return ".".join(parts)
