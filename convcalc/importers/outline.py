"""A spec in the making: entries that refer to each other as objects, before names and texts are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape

SEQUENTIAL = "sequential"


class Argument(NamedTuple):
    """An input of the network or of a block, by its number."""

    number: int


class Stepwise(NamedTuple):
    """The value of a parameter in copies of an entry: one for the first copy, one for all others."""

    first: Any
    others: Any


@dataclass(slots=True, eq=False, repr=False)
class Entry:
    """An entry: a layer, a container with `entries` of its own, or the use of a block.

    `type` is a layer type, `sequential`, or the name of the block. `kind` is the class of a container in the source.
    `parameters` are plain values; `keys` are those that every entry takes, such as `repeat`. `tied` is the entry whose
    parameters it uses. `in_shape` is the shape of what it reads first, `has_tensors` whether the source has parameters
    or buffers for it.
    """

    type: str
    reads: list[Ref]
    name: str = ""
    kind: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] | None = None
    block: Block | None = None
    tied: Ref | None = None
    in_shape: Shape = ()
    has_tensors: bool = False

    @property
    def inner(self) -> list[Entry]:
        return [] if self.entries is None else self.entries


class Ref(NamedTuple):
    """What an entry reads: an argument, or the output of an entry.

    `path` leads from the output of a block or of copies to something inside: entries of the block, numbers of copies,
    and the name of a further output.
    """

    of: Entry | Argument
    path: tuple[Entry | str, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Block:
    """A block: its entries, the number of its inputs, its params with defaults, and what it gives.

    `output` is None where that is the output of the last entry. `kind` is the class of the source whose modules it is,
    empty for a block that only repeats.
    """

    name: str
    inputs: int
    entries: list[Entry]
    output: Ref | None = None
    params: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    kind: str = ""


@dataclass(slots=True, eq=False, repr=False)
class Outline:
    """A whole spec: the inputs with their shapes, the entries, the outputs, and the blocks, inner blocks first."""

    name: str
    inputs: dict[str, Shape]
    entries: list[Entry]
    outputs: list[Ref]
    blocks: list[Block] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)


def walk(entries: Iterable[Entry]) -> Iterator[Entry]:
    """All entries, those inside a container after it; not those inside blocks."""
    for entry in entries:
        yield entry
        yield from walk(entry.inner)


def lists(entries: list[Entry]) -> Iterator[list[Entry]]:
    """This list of entries and those of the containers in it, inner ones first."""
    for entry in entries:
        if entry.entries is not None:
            yield from lists(entry.entries)
    yield entries


def replace_refs(entries: Iterable[Entry], moves: Moves) -> None:
    """Let every reference of these entries follow what has moved."""
    for entry in walk(entries):
        entry.reads = [moves(ref) for ref in entry.reads]
        entry.tied = None if entry.tied is None else moves.owner(entry.tied)


class Moves:
    """Where entries have moved to.

    The output of an entry may be at another place than what is inside it: that of the last copy is the output of all.
    """

    __slots__ = ("inside", "outputs")

    def __init__(self) -> None:
        self.inside: dict[Entry, Ref] = {}
        self.outputs: dict[Entry, Ref] = {}

    def add(self, entry: Entry, place: Ref, output: Ref | None = None) -> None:
        """Note the place of an entry, and that of its output where it is another."""
        self.inside[entry] = place
        if output is not None:
            self.outputs[entry] = output

    def __call__(self, ref: Ref) -> Ref:
        """The same output, where the entry of a reference has moved."""
        if not isinstance(ref.of, Entry) or ref.of not in self.inside:
            return ref
        if not ref.path and ref.of in self.outputs:
            return self.outputs[ref.of]
        return self.owner(ref)

    def owner(self, ref: Ref) -> Ref:
        """The entry itself, not what it gives: the owner of parameters, where it has moved."""
        place = self.inside.get(ref.of) if isinstance(ref.of, Entry) else None
        return ref if place is None else Ref(place.of, place.path + ref.path)


def last_leaf(entry: Entry) -> Entry:
    """The entry whose output is that of a container: its last one."""
    while entry.entries:
        entry = entry.entries[-1]
    return entry
