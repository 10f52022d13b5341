"""Copies of blocks: a block is expanded once for equal values and equal input shapes, and then copied node by node.

A network of stages repeats its blocks, and a sweep builds most blocks of a spec again and again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from convcalc import bounds
from convcalc.language.spec import Block, Entry, Spec
from convcalc.network.construction import Construction
from convcalc.network.graph import Node
from convcalc.network.scope import Binding, Scope
from convcalc.network.site import Site
from convcalc.network.values import names_in
from convcalc.plain_tuple import PlainTuple
from convcalc.text.source import Expression, Value, YamlList, YamlMapping, is_in_own_file

MAX_NODES = 50_000  # in the expanded blocks that one build leaves to the next: some tens of megabytes


class Move(PlainTuple):
    """The way from the tensors of a block to those of its copy, which reads other tensors.

    Those from `start` on are its own, and `shift` later in the copy. `inputs` has the tensors that the copy reads, by
    those that the block reads.
    """

    start: int
    shift: int
    inputs: dict[int, int]

    def tensor(self, tensor: int) -> int:
        return tensor + self.shift if tensor >= self.start else self.inputs[tensor]


class ExpandedBlock(PlainTuple):
    """A block as it was expanded: its nodes, and the meaning of its name.

    `reads` are the tensors that it read, and `start` is the first tensor that it wrote. `prefix` is how many characters
    the names of its nodes begin with before their own, and `entries` how many entries were expanded.
    """

    nodes: list[Node]
    binding: Binding
    reads: list[int]
    start: int
    prefix: int
    entries: int


class BlockCopies:
    """Copies the blocks of a graph under construction that are equal to an expanded one."""

    __slots__ = ("construction", "is_off", "known", "sharing")

    def __init__(self, construction: Construction, sharing: str | None) -> None:
        self.construction = construction
        self.sharing = sharing
        spec = construction.spec
        if spec.expanded_nodes > MAX_NODES:
            spec.expanded_blocks.clear()
            spec.expanded_nodes = 0
        self.known: dict[Hashable, ExpandedBlock] = spec.expanded_blocks
        changes = construction.changes
        # A trace records each entry in its scope, and what keeps the size of a layer is known by its full name.
        self.is_off = construction.trace is not None or (changes is not None and changes.keep_size)

    def key_of(self, site: Site, block: Block, scope: Scope) -> Hashable | None:
        """What the expansion of a block depends on; None where it may not be copied.

        The line of a node is that of the entry that uses its block where the block is included. The number of inputs is
        between the numbers of a node and of its tensor, and variants may have other inputs.
        """
        construction = self.construction
        if self.is_off or construction.problems:
            return None  # after a problem the rest is expanded for its own problems
        if construction.changes is not None and construction.changes.may_be_inside(site.full_name):
            return None
        shapes = tuple([construction.shapes[tensor] for tensor in site.reads])
        if len(shapes) > 1 and len(set(site.reads)) < len(shapes):
            return None  # a copy could not tell which of its inputs a node reads
        values = scope.values
        read = [values[name] for name in names_read(construction.spec, block) if name in values]
        origin = 0 if is_in_own_file(block.mark) else scope.origin
        inputs = len(construction.graph.inputs)
        return block.name, repr(read), shapes, scope.trainable, scope.blocks, origin, self.sharing, inputs

    def copy(self, key: Hashable, site: Site) -> Binding | None:
        """Add the nodes of an equal block, in the place of a site; None where there is no such block."""
        found, construction = self.known.get(key), self.construction
        if found is None or construction.entry_count + found.entries > bounds.MAX_LAYERS:
            return None
        shapes, nodes = construction.shapes, construction.nodes
        move = Move(found.start, len(shapes) - found.start, dict(zip(found.reads, site.reads)))
        prefix, cut, moved = site.full_name + ".", found.prefix, move.tensor
        for node in found.nodes:
            reads = tuple([moved(tensor) for tensor in node.reads])
            shapes.append(node.output_shape)
            name = prefix + node.name[cut:]
            nodes.append(Node(name, node.layer, reads, node.output_shape, node.entry, node.line, node.trainable))
        construction.entry_count += found.entries
        return found.binding.moved(move)

    def add(self, key: Hashable, site: Site, binding: Binding, first: int, before: tuple[int, ...]) -> None:
        """Keep a block that was just expanded. `first` is its first node, `before` the state before it."""
        construction = self.construction
        nodes = construction.nodes[first:]
        entries, *others = [now - then for now, then in zip(self.state(), before)]
        if construction.problems or any(others):
            return
        start = len(construction.shapes) - len(nodes)
        self.known[key] = ExpandedBlock(nodes, binding, site.reads, start, len(site.full_name) + 1, entries)
        construction.spec.expanded_nodes += len(nodes) + 1  # a block without nodes takes room as well

    def state(self) -> tuple[int, ...]:
        """How many entries are expanded, and what a block may do that its copies would not: ties, further outputs."""
        construction = self.construction
        return construction.entry_count, construction.tie_count, len(construction.further_bindings)


def names_read(spec: Spec, block: Block) -> frozenset[str]:
    """The names of params that a block can read: its own, and those of the spec in its expressions or inner blocks.

    All params of the spec where its entries have custom types, whose formulas read them, or computed types.
    """
    found = spec.names_read.get(block.name)
    if found is None:
        found = spec.names_read[block.name] = frozenset(_names(spec, block, {block.name}))
    return found


def _names(spec: Spec, block: Block, seen: set[str]) -> Iterator[str]:
    yield from block.params.pairs
    yield from _names_in_value(block.params)
    for entry in _entries(block.layers):
        yield from _names_in_value(entry.body)
        if not isinstance(entry.type, str) or entry.type in spec.custom:
            yield from spec.params.pairs
        if isinstance(entry.type, Expression):
            yield from _names_in_value(entry.type)
            inner: Iterable[Block] = spec.blocks.values()
        else:
            inner = [spec.blocks[entry.type]] if entry.type in spec.blocks else []
        for each in inner:
            if each.name not in seen:
                seen.add(each.name)
                yield from _names(spec, each, seen)


def _entries(entries: Iterable[Entry]) -> Iterator[Entry]:
    """All entries of a list, also those inside containers."""
    for entry in entries:
        yield entry
        for inner in entry.lists:
            yield from _entries(inner)


def _names_in_value(value: Value) -> Iterator[str]:
    if isinstance(value, Expression):
        yield from names_in(value)
    elif isinstance(value, YamlList):
        for item in value.items:
            yield from _names_in_value(item)
    elif isinstance(value, YamlMapping):
        for item in value.pairs.values():
            yield from _names_in_value(item)
