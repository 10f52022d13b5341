"""The classes of the exported module: which pieces become one, what they have, and in which order they compute."""

from __future__ import annotations

from typing import Any, NamedTuple

from convcalc.exporters.network import Leaf, Piece
from convcalc.exporters.python.code import Code

# What an item reads: an input of its class ("in", number), or an output of an item ((key), number).
Ref = tuple[Any, int]
INPUT = "in"


class Step(NamedTuple):
    """One computation of a piece: a layer, or a piece that is called as a module.

    `key` is the same in all pieces of a class. `path` leads from the class to the module: a name, then the members of
    lists. `made` constructs it, None for a function; `writes` are its tensors.
    """

    key: Any
    path: tuple[str, ...]
    item: Leaf | Piece
    code: Code
    made: Any
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    kind: str


class Body(NamedTuple):
    """The steps of one piece, and its modules by their names: constructions that several steps may share.

    `is_sequence` is true where its class is a Sequential.
    """

    piece: Piece
    steps: list[Step]
    modules: dict[str, Any]
    is_sequence: bool = False


class ClassArgument(NamedTuple):
    """An argument of a class. `param` is the key of an entry that gives it, `size` the size of an input that it is."""

    name: str
    values: tuple[Any, ...]
    default: Any
    param: str = ""
    size: tuple[int, int] | None = None


class ClassStep:
    """A step of a class: the same of all its pieces. `bodies` has its step in each piece, None where it is absent."""

    __slots__ = ("bodies", "key", "reads")

    def __init__(self, key: Any, bodies: list[Step | None], reads: tuple[Ref, ...]) -> None:
        self.key = key
        self.bodies = bodies
        self.reads = reads

    @property
    def sample(self) -> Step:
        """The step of one piece that has it."""
        return next(step for step in self.bodies if step is not None)

    @property
    def is_optional(self) -> bool:
        return any(step is None for step in self.bodies)


class ClassDef:
    """A class of the exported module. `arguments` and `text` are set when it is written.

    `members` has what the members of its Sequentials write in each piece, by their keys.
    """

    __slots__ = ("arguments", "bodies", "inputs", "members", "name", "outputs", "steps", "text")

    def __init__(self, name: str, bodies: list[Body], steps: list[ClassStep], outputs: list[Ref]) -> None:
        self.name = name
        self.bodies = bodies
        self.steps = steps
        self.outputs = outputs
        self.inputs = list(bodies[0].piece.inputs)
        self.members: dict[Any, list[int]] = {}
        self.arguments: list[ClassArgument] = []
        self.text = ""

    def uses(self) -> tuple[dict[Ref, int], dict[Ref, int]]:
        """How often each reference is read, and the last step that reads it; what is returned is read behind all."""
        counts: dict[Ref, int] = {}
        last: dict[Ref, int] = {}
        for number, refs in enumerate([*(step.reads for step in self.steps), self.outputs]):
            for ref in refs:
                counts[ref] = counts.get(ref, 0) + 1
                last[ref] = number
        return counts, last

    def resolve(self, ref: Ref, number: int) -> Ref:
        """The reference in one piece: an absent step hands on what it would read first."""
        key, _ = ref
        for step in self.steps:
            if step.key == key and step.bodies[number] is None:
                return self.resolve(step.reads[0], number)
        return ref

    def tensor(self, ref: Ref, number: int) -> int:
        """The tensor of a reference in one piece."""
        if ref[0] in self.members:
            return self.members[ref[0]][number]
        key, place = self.resolve(ref, number)
        body = self.bodies[number]
        if key == INPUT:
            return list(body.piece.inputs.values())[place]
        step = next(each for each in body.steps if each.key == key)
        return step.writes[place]
