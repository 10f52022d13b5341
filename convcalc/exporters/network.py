"""A network to export: its graph, and the blocks, groups and containers that its layers are in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from convcalc import api
from convcalc.importers.network import ForeignNetwork
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.language.spec import Entry, Spec
from convcalc.network.graph import Graph, Node
from convcalc.network.scope import Scope
from convcalc.network.trace import Trace
from convcalc.targets.target import Target
from convcalc.text.source import Source

BLOCK, GROUP, CONTAINER = "block", "group", "container"


class Network(NamedTuple):
    """A built network with the entries and scopes that made it."""

    spec: Spec
    graph: Graph
    trace: Trace
    label: str


class Leaf:
    """A layer in its piece. `parts` has the tensors of its further outputs that are read, by their names."""

    __slots__ = ("entry", "index", "name", "node", "parts", "scope", "tensor")

    def __init__(self, name: str, index: int, node: Node, tensor: int, scope: Scope | None) -> None:
        self.name = name
        self.index = index
        self.node = node
        self.tensor = tensor
        self.entry = node.entry
        self.scope = scope
        self.parts: dict[str, int] = {}


class Piece:
    """Consecutive layers under one name: a block, a group of copies, or a container with a name.

    `inputs` are the tensors that it reads, by name, and `outputs` those of its own that others read. `block` is the
    name of a block; `params` are the values that its entries see.
    """

    __slots__ = ("block", "entry", "inputs", "items", "kind", "name", "outputs", "params", "prefix", "scope", "tensors")

    def __init__(self, name: str, prefix: str, entry: Entry | None, scope: Scope | None) -> None:
        self.name = name
        self.prefix = prefix
        self.entry = entry
        self.scope = scope
        self.kind = CONTAINER
        self.block = ""
        self.params: dict[str, Any] = {}
        self.items: list[Leaf | Piece] = []
        self.inputs: dict[str, int] = {}
        self.outputs: list[int] = []
        self.tensors: set[int] = set()

    def leaves(self) -> Iterator[Leaf]:
        """Its layers, in order."""
        for item in self.items:
            if isinstance(item, Leaf):
                yield item
            else:
                yield from item.leaves()

    def pieces(self) -> Iterator[Piece]:
        """The pieces inside it at any depth, the inner ones first."""
        for item in self.items:
            if isinstance(item, Piece):
                yield from item.pieces()
                yield item


def build_network(target: Target, changes: Overrides) -> Network:
    """The network of a target with what a call changes. Raises SpecError and UsageError.

    A network of another format keeps the names of its layers, so that its weights can be loaded by name.
    """
    trace = Trace()
    graph = api.load_target(target, changes, trace)
    if target.foreign is not None and not _has_names(graph, target.foreign):
        from convcalc.importers import specs  # only for such a network of another format

        text = specs.spec_text(target.foreign, flat=True)
        target = target._replace(source=Source(target.source.name, text))
        trace = Trace()
        graph = api.load_target(target, changes, trace)
    spec, _ = parse(target.source)
    return Network(spec, graph, trace, target.label)


def _has_names(graph: Graph, source: ForeignNetwork) -> bool:
    """Whether layers with weights have the names of the source; where repetition became a block, they have others."""
    names = {node.name for node in graph.nodes}
    wanted = (".".join([*(module.name for module in each.modules), each.name]) for each in source.operations
              if each.tensors and each.name)  # fmt: skip
    return names.issuperset(wanted)


def outline(network: Network) -> Piece:
    """The pieces of a network, as one piece."""
    graph, entries = network.graph, network.trace.entries
    root = Piece("", "", None, None)
    root.kind = BLOCK
    found: dict[str, Piece] = {"": root}
    owners: dict[str, Leaf] = {}
    for index, node in enumerate(graph.nodes):
        tensor = graph.tensor_of(index)
        if node.layer.is_further_output:
            owner, _, part = node.name.rpartition(".")
            owners[owner].parts[part] = tensor
            continue
        *path, name = node.name.split(".")
        leaf = Leaf(name, index, node, tensor, entries[node.name][1] if node.name in entries else None)
        if node.name in found:  # the sum or the concatenation at the end of a container
            leaf.name = ""
            path = [*path, name]
        owners[node.name] = leaf
        _piece(root, path, found, network).items.append(leaf)
    _describe(network, found)
    for piece in found.values():
        _find_tensors(piece)
    _find_edges(graph, found)
    return root


def _piece(root: Piece, path: list[str], found: dict[str, Piece], network: Network) -> Piece:
    """The piece of that path; it is added where it is new."""
    piece = root
    for depth, name in enumerate(path, start=1):
        prefix = ".".join(path[:depth])
        if prefix not in found:
            entry, scope = network.trace.entries.get(prefix, (None, None))
            found[prefix] = Piece(name, prefix, entry, scope)
            piece.items.append(found[prefix])
        piece = found[prefix]
    return piece


def _describe(network: Network, found: dict[str, Piece]) -> None:
    """Set what each piece is, from the scopes of the entries in it."""
    for _, scope in network.trace.entries.values():
        piece = found.get(scope.level.prefix[:-1])
        if piece is None or piece.kind != CONTAINER:
            continue
        if scope.level.is_group:
            piece.kind = GROUP
        elif scope.level.parent is None:
            piece.kind = BLOCK
            piece.block = scope.blocks[-1]
            piece.params = scope.values
            piece.inputs = dict(scope.inputs)
    root = found[""]
    root.inputs = {name: tensor for tensor, name in enumerate(network.graph.inputs)}


def _find_tensors(piece: Piece) -> None:
    for leaf in piece.leaves():
        piece.tensors.add(leaf.tensor)
        piece.tensors.update(leaf.parts.values())


def _find_edges(graph: Graph, found: dict[str, Piece]) -> None:
    """Set the tensors that each piece reads and those that others read of it."""
    written = set(graph.outputs.values())
    for piece in found.values():
        own = piece.tensors
        reads = [tensor for leaf in piece.leaves() for tensor in leaf.node.reads if tensor not in own]
        if piece.kind == BLOCK:
            declared = piece.inputs
            piece.inputs = {name: tensor for name, tensor in declared.items() if tensor in reads or not piece.name}
            piece.inputs = piece.inputs or dict(list(declared.items())[:1])  # its batch is that of what it writes
            known = set(piece.inputs.values())
            extra = [tensor for tensor in dict.fromkeys(reads) if tensor not in known]
        else:
            extra = list(dict.fromkeys(reads))
        for tensor in extra:
            name = "input" if not piece.inputs else f"input{len(piece.inputs) + 1}"
            piece.inputs[name] = tensor
        used = {
            tensor
            for index, node in enumerate(graph.nodes)
            if graph.tensor_of(index) not in own
            for tensor in node.reads
            if tensor in own
        }
        piece.outputs = sorted(used | (written & own)) or sorted(own)[-1:]
    root = found[""]
    root.outputs = list(graph.outputs.values())
