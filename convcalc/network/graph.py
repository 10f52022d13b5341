"""The graph of a network. Nodes are in the order of execution: each reads tensors of nodes before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convcalc.arith.shape import Shape
from convcalc.arith.units import count_of
from convcalc.language.spec import Entry
from convcalc.layers.base import Layer
from convcalc.text.source import Mark, Source, YamlMapping

if TYPE_CHECKING:
    from convcalc.network.layer_changes import LayerChanges


class Node:
    """One layer in its place.

    `reads` are tensor numbers: the inputs of the graph come first, then one tensor for each node. `tied_to` is the
    index of the node whose params it uses. `tied_terms` are the names of the terms that it uses, None where it uses
    all. `entry` is the entry that made the node, and `line` its line in the spec's own file; for an entry of an
    included block it is the line of the entry that uses the block.
    """

    __slots__ = (
        "entry",
        "layer",
        "line",
        "name",
        "output_shape",
        "reads",
        "tied_terms",
        "tied_to",
        "trainable",
    )

    def __init__(
        self,
        name: str,
        layer: Layer,
        reads: tuple[int, ...],
        output_shape: Shape,
        entry: Entry,
        line: int,
        trainable: bool,
        tied_to: int | None = None,
        tied_terms: frozenset[str] | None = None,
    ) -> None:
        self.name = name
        self.layer = layer
        self.reads = reads
        self.output_shape = output_shape
        self.entry = entry
        self.line = line
        self.trainable = trainable
        self.tied_to = tied_to
        self.tied_terms = tied_terms


class Graph:
    """A network: the shapes of its inputs by name, its nodes, and its output tensors by name.

    `changes` are the keys of single layers that a call changed, and `input_marks` the places of the input shapes in the
    text.
    """

    __slots__ = (
        "changes",
        "citation",
        "description",
        "expect",
        "input_marks",
        "inputs",
        "name",
        "nodes",
        "outputs",
        "source",
        "variant",
    )

    def __init__(
        self,
        source: Source,
        name: str,
        variant: str | None,
        description: str = "",
        citation: str = "",
        expect: YamlMapping | None = None,
    ) -> None:
        self.source = source
        self.name = name
        self.variant = variant
        self.description = description
        self.citation = citation
        self.inputs: dict[str, Shape] = {}
        self.input_marks: dict[str, Mark] = {}
        self.nodes: list[Node] = []
        self.outputs: dict[str, int] = {}
        self.expect = expect
        self.changes: LayerChanges | None = None

    def __repr__(self) -> str:
        return f"<Graph {self.name or self.source.name}: {count_of(len(self.nodes), 'layer')}>"

    def shape(self, tensor: int) -> Shape:
        """The shape of a tensor, without a batch axis."""
        count = len(self.inputs)
        return self.nodes[tensor - count].output_shape if tensor >= count else list(self.inputs.values())[tensor]

    def shapes(self) -> list[Shape]:
        """The shape of every tensor by its number."""
        return [*self.inputs.values(), *[node.output_shape for node in self.nodes]]

    def tensor_name(self, tensor: int) -> str:
        """The name of a tensor: that of the input, or of the node that writes it."""
        count = len(self.inputs)
        return self.nodes[tensor - count].name if tensor >= count else list(self.inputs)[tensor]

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes of the tensors that a node reads."""
        return tuple([self.shape(tensor) for tensor in node.reads])

    def check_changes(self) -> None:
        """Raise UsageError where a key that the call sets is of no layer."""
        if self.changes is not None:
            self.changes.check()

    @property
    def changed(self) -> dict[str, Any]:
        """`{"changed": […]}` with the keys of single layers that a call changed, for JSON; {} where it changed none."""
        return {} if self.changes is None else {"changed": self.changes.to_list()}

    def tensor_of(self, index: int) -> int:
        """The tensor that node number `index` writes."""
        return len(self.inputs) + index
