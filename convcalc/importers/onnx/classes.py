"""The classes of modules where the source has none: modules that begin alike are of one class."""

from __future__ import annotations

import re
from collections.abc import Sequence

from convcalc.importers.network import Module, Operation

Path = tuple[str, ...]
# So many operations at the beginning of a module tell its class.
_TELLING = 2


def find_classes(operations: Sequence[Operation]) -> None:
    """Give modules a class by their first operations. Lists of modules, whose names are numbers, have none."""
    paths = [_path(operation) for operation in operations]
    begins: dict[Path, list[tuple[Path, str]]] = {}
    for path, operation in zip(paths, operations):
        for depth in range(1, len(path)):
            first = begins.setdefault(path[:depth], [])
            if len(first) < _TELLING:
                first.append((path[depth:], operation.type))
    groups: dict[tuple[tuple[Path, str], ...], list[Path]] = {}
    for path, first in begins.items():
        if len(first) == _TELLING and not first[0][0][0].isdecimal():
            groups.setdefault(tuple(first), []).append(path)
    kinds: dict[Path, str] = {}
    taken: set[str] = set()
    for members in groups.values():
        if len(members) > 1:
            kind = _free(_stem(members[0]), taken)
            kinds.update(dict.fromkeys(members, kind))
    for path, operation in zip(paths, operations):
        if operation.modules:
            modules = path[: len(path) - bool(operation.name)]
            operation.modules = tuple(
                Module(name, kinds.get(modules[: depth + 1], "")) for depth, name in enumerate(modules)
            )


def _path(operation: Operation) -> Path:
    names = [name for module in operation.modules for name in module.name.split(".")]
    return (*names, operation.name) if operation.name else tuple(names)


def _stem(path: Path) -> str:
    """The class of a module by its name: EncoderLayer for `encoder_layer_0`, and Block for a number."""
    words = re.findall(r"[A-Za-z]+", path[-1])
    return "".join(word[:1].upper() + word[1:] for word in words) or "Block"


def _free(stem: str, taken: set[str]) -> str:
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}{number}"
    taken.add(name)
    return name
