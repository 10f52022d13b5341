"""From operations to an outline that has the modules of the source as containers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from convcalc.arith.shape import Shape
from convcalc.importers.network import ForeignNetwork, Module, Operation
from convcalc.importers.outline import SEQUENTIAL, Argument, Entry, Outline, Ref

# Where an operation is: the names and classes of the containers around it, and its own name.
Place = tuple[tuple[Module, ...], str]
_Opened = list[tuple[Module, Entry]]


def outline_of(network: ForeignNetwork) -> Outline:
    """The outline of a network: one entry for each operation, inside the containers of its modules."""
    outline = Outline(network.name, {each.name: each.shape for each in network.inputs}, [], [])
    values = {each.name: Ref(Argument(index)) for index, each in enumerate(network.inputs)}
    shapes = dict(outline.inputs)
    owners: dict[str, Entry] = {}
    opened: _Opened = []
    for operation, (modules, name) in zip(network.operations, _places(network.operations)):
        opened = _open(outline, opened, modules)
        entry = _entry(operation, name, values, shapes)
        _tie(entry, operation, owners)
        (opened[-1][1].inner if opened else outline.entries).append(entry)
        for output in operation.outputs:
            values[output.name] = Ref(entry, (output.part,) if output.part else ())
            shapes[output.name] = output.shape
    outline.outputs = [values[name] for name in network.outputs]
    return outline


def _entry(operation: Operation, name: str, values: dict[str, Ref], shapes: dict[str, Shape]) -> Entry:
    return Entry(
        operation.type,
        [values[value] for value in operation.inputs],
        name=name,
        parameters=dict(operation.parameters),
        in_shape=shapes[operation.inputs[0]] if operation.inputs else (),
        has_tensors=bool(operation.tensors or operation.buffers),
    )


def _tie(entry: Entry, operation: Operation, owners: dict[str, Entry]) -> None:
    """Note the owner of parameters that an earlier entry has, and whether they are trained."""
    for tensor in operation.tensors.values():
        owner = owners.setdefault(tensor.name, entry)
        if owner is not entry:
            entry.tied = Ref(owner)
    if operation.tensors and not any(tensor.trainable for tensor in operation.tensors.values()):
        entry.keys["trainable"] = False


def _open(outline: Outline, opened: _Opened, modules: Sequence[Module]) -> _Opened:
    """The open containers for an operation inside `modules`: those that are open already, and new ones."""
    count = 0
    while count < min(len(opened), len(modules)) and opened[count][0] == modules[count]:
        count += 1
    opened = opened[:count]
    for module in modules[count:]:
        container = Entry(SEQUENTIAL, [], name=module.name, kind=module.kind, entries=[])
        (opened[-1][1].inner if opened else outline.entries).append(container)
        opened.append((module, container))
    return opened


def _places(operations: Sequence[Operation]) -> list[Place]:
    """The place of each operation. A module that is a single operation is no container: the operation has its name."""
    direct = Counter(operation.modules for operation in operations)
    around = {operation.modules[:depth] for operation in operations for depth in range(len(operation.modules))}
    places: list[Place] = []
    for operation in operations:
        modules, name = operation.modules, operation.name
        if not name and modules and direct[modules] == 1 and modules not in around:
            modules, name = modules[:-1], modules[-1].name
        *folders, name = name.split(".")
        levels = [level for module in modules for level in _levels(module)]
        places.append(((*levels, *map(Module, folders)), name))
    return _contiguous(places)


def _levels(module: Module) -> list[Module]:
    """A module and the lists that hold it, such as `layers` of `layers.0`; these are not modules that are called."""
    *folders, own = module.name.split(".")
    return [*map(Module, folders), module._replace(name=own)]


def _contiguous(places: list[Place]) -> list[Place]:
    """The same places, where every container holds neighbours: names of other containers become part of inner names."""
    broken = _broken(places)
    while broken:
        places = [_joined(place, broken) for place in places]
        broken = _broken(places)
    return places


def _broken(places: list[Place]) -> set[tuple[Module, ...]]:
    """The containers that are left and entered again."""
    left: set[tuple[Module, ...]] = set()
    broken: set[tuple[Module, ...]] = set()
    before: tuple[Module, ...] = ()
    for modules, _ in places:
        prefixes = [modules[:depth] for depth in range(1, len(modules) + 1)]
        broken.update(left.intersection(prefixes))
        left.update({before[:depth] for depth in range(1, len(before) + 1)} - set(prefixes))
        before = modules
    return broken


def _joined(place: Place, broken: set[tuple[Module, ...]]) -> Place:
    modules, name = place
    kept: list[Module] = []
    prefix = ""
    for depth, module in enumerate(modules, 1):
        own = module._replace(name=prefix + module.name)
        if modules[:depth] in broken:
            prefix = own.name + "_"
        else:
            kept.append(own)
            prefix = ""
    return tuple(kept), prefix + name if name else ""
