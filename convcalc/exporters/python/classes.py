"""Finds the classes of a network: pieces of one block that agree in all but values become one class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from convcalc.exporters.network import BLOCK, Leaf, Network, Piece
from convcalc.exporters.python.code import Call, Code
from convcalc.exporters.python.model import INPUT, Body, ClassDef, ClassStep, Ref, Step
from convcalc.exporters.python.names import class_name
from convcalc.exporters.python.unify import form

# A class with more steps that some of its objects leave out is hard to read: these become classes of their own.
_MOST_OPTIONAL = 2


class Builder(Protocol):
    """What makes the steps of pieces. `classes` has the class and the number of each piece that is one."""

    codes: dict[int, Code]
    classes: dict[str, tuple[ClassDef, int]]

    def body(self, piece: Piece) -> Body:
        """The steps of a piece that becomes a class."""

    def is_class(self, piece: Piece) -> bool:
        """Whether a piece becomes a class."""


class Finder:
    """Makes the classes of a network, those that others use first. In Keras these are functions."""

    def __init__(
        self, builder: Builder, write: Callable[[ClassDef], None], name_of: Callable[[str], str] = class_name
    ) -> None:
        self.builder = builder
        self.write = write
        self.name_of = name_of
        callees = {code.module.callee for code in builder.codes.values() if isinstance(code.module, Call)}
        helpers = {name_of(helper) for code in builder.codes.values() for helper in code.helpers}
        self.taken: set[str] = {name for name in callees if "." not in name} | helpers
        self.found: list[ClassDef] = []

    def find(self, root: Piece, name: str) -> ClassDef:
        """The class of the network; all classes are in `found`."""
        self.taken.add(name)
        for pieces in _in_order(self.builder, root):
            for bodies in self._groups([self.builder.body(piece) for piece in pieces]):
                self._add(bodies, self._free_name(bodies[0].piece))
        body = self.builder.body(root)
        definition = _merged([body])
        assert definition is not None  # one piece agrees with itself
        definition.name = name
        self._finish(definition)
        return definition

    def _add(self, bodies: list[Body], name: str) -> None:
        definition = _merged(bodies)
        assert definition is not None  # they were merged before
        definition.name = name
        self._finish(definition)
        for number, body in enumerate(bodies):
            self.builder.classes[body.piece.prefix] = definition, number

    def _finish(self, definition: ClassDef) -> None:
        self.write(definition)
        self.found.append(definition)

    def _groups(self, bodies: list[Body]) -> list[list[Body]]:
        """The pieces that become one class each: all in one if they agree, else those with equal steps."""
        if _merged(bodies) is not None:
            return [bodies]
        groups: dict[object, list[Body]] = {}
        for body in bodies:
            groups.setdefault(repr(_skeleton(body)), []).append(body)
        merged: list[list[Body]] = []
        for group in groups.values():
            for other in merged:
                if _merged([*other, *group]) is not None:
                    other.extend(group)
                    break
            else:
                merged.append(group)
        result: list[list[Body]] = []
        for group in merged:
            result += [group] if _merged(group) is not None else [[body] for body in group]
        return result

    def _free_name(self, piece: Piece) -> str:
        base = self.name_of(piece.block or piece.name)
        name, number = base, 1
        while name in self.taken:
            number += 1
            name = f"{base}_{number}" if base[-1].isdigit() else f"{base}{number}"
        self.taken.add(name)
        return name


def _in_order(builder: Builder, root: Piece) -> Iterable[list[Piece]]:
    """The pieces of each block or container that becomes classes; what they use comes before."""
    roles: dict[object, list[Piece]] = {}
    inner: dict[object, set[object]] = {}

    def visit(piece: Piece, around: object) -> None:
        for item in piece.items:
            if isinstance(item, Leaf):
                continue
            role = around
            if item.kind == BLOCK or builder.is_class(item):
                role = item.block or id(item.entry)
                roles.setdefault(role, []).append(item)
                inner.setdefault(around, set()).add(role)
            visit(item, role)

    visit(root, "")
    order: list[object] = []

    def place(role: object) -> None:
        if role not in order:
            for each in sorted(inner.get(role, ()), key=lambda each: list(roles).index(each)):
                place(each)
            order.append(role)

    for role in list(roles):
        place(role)
    return [roles[role] for role in order]


def _refs(body: Body, tensors: Iterable[int]) -> tuple[Ref, ...]:
    """Tensors as references inside a piece."""
    known: dict[int, Ref] = {tensor: (INPUT, place) for place, tensor in enumerate(body.piece.inputs.values())}
    for step in body.steps:
        known.update({tensor: (step.key, place) for place, tensor in enumerate(step.writes)})
    return tuple(known[tensor] for tensor in tensors)


def _skeleton(body: Body) -> object:
    steps = [(str(step.key), _form(step), _refs(body, step.reads)) for step in body.steps]
    return steps, _refs(body, body.piece.outputs), len(body.piece.inputs)


def _form(step: Step) -> object:
    """What two steps must agree in."""
    name = step.path if step.made is not None else ()
    code = step.code
    return step.kind, name, form(step.made), code.use, code.function, code.parts, sorted(code.values)


def _merged(bodies: list[Body]) -> ClassDef | None:
    """One class for several pieces, where steps may be absent in some; None where they do not agree."""
    if len({len(body.piece.inputs) for body in bodies}) > 1:
        return None
    keys = _merged_keys(bodies)
    if keys is None:
        return None
    by_key = [{step.key: step for step in body.steps} for body in bodies]
    fullest = max(range(len(bodies)), key=lambda number: len(by_key[number]))
    steps: list[ClassStep] = []
    for key in keys:
        present = [steps_of.get(key) for steps_of in by_key]
        some = [step for step in present if step is not None]
        if len({repr(_form(step)) for step in some}) > 1:
            return None
        number = fullest if present[fullest] is not None else present.index(some[0])
        found = by_key[number][key]
        steps.append(ClassStep(key, present, _refs(bodies[number], found.reads)))
    optional = [step for step in steps if step.is_optional]
    if len(optional) > _MOST_OPTIONAL or not all(map(_may_be_absent, optional)):
        return None
    definition = ClassDef("", bodies, steps, [])
    if not _reads_agree(definition):
        return None
    return definition if _set_outputs(definition, fullest) else None


def _may_be_absent(step: ClassStep) -> bool:
    sample = step.sample
    is_simple = sample.made is None or (len(sample.path) == 1 and not sample.code.is_parameter)
    return bool(step.reads) and len(sample.writes) == 1 and is_simple


def _merged_keys(bodies: list[Body]) -> list[Any] | None:
    """The keys of all steps in one order; None where the orders differ."""
    merged: list[Any] = []
    for body in sorted(bodies, key=lambda body: -len(body.steps)):
        place = 0
        for step in body.steps:
            if step.key in merged:
                found = merged.index(step.key)
                if found < place:
                    return None
                place = found + 1
            else:
                merged.insert(place, step.key)
                place += 1
    return merged


def _reads_agree(definition: ClassDef) -> bool:
    """Whether each step reads the same in all pieces, once absent steps hand on what they read."""
    for step in definition.steps:
        for number, own in enumerate(step.bodies):
            if own is None:
                continue
            wanted = _refs(definition.bodies[number], own.reads)
            if len(wanted) != len(step.reads):
                return False
            if any(definition.resolve(ref, number) != want for ref, want in zip(step.reads, wanted)):
                return False
    return True


def _set_outputs(definition: ClassDef, fullest: int) -> bool:
    """Set what the class returns: all that is read of any of its pieces."""
    numbers = [fullest, *(number for number in range(len(definition.bodies)) if number != fullest)]
    for number in numbers:
        body = definition.bodies[number]
        for ref in _refs(body, body.piece.outputs):
            if all(definition.resolve(known, number) != ref for known in definition.outputs):
                definition.outputs.append(ref)
    order = {step.key: place for place, step in enumerate(definition.steps)}
    if definition.bodies[0].piece.name:
        definition.outputs.sort(key=lambda ref: (order.get(ref[0], -1), ref[1]))
    return all(key == INPUT or key in order for key, _ in definition.outputs)


def network_class_name(network: Network) -> str:
    """The name of the class of the network."""
    graph = network.graph
    name, variant = graph.name or network.label.rpartition("/")[2].partition(".")[0], graph.variant
    if variant is None:
        return class_name(name)
    plain = "".join(letter for letter in name.lower() if letter.isalnum())
    short = variant.replace("_", "").replace("-", "")
    if short.lower().startswith(plain):
        return class_name(
            f"{name}{variant[len(variant) - len(short[len(plain) :]) :]}" if short == variant else variant
        )
    return class_name(variant)
