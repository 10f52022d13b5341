"""The graph under construction, which the modules of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.errors import SpecError
from convcalc.language.spec import Entry, Spec
from convcalc.layers.base import Layer, LayerType
from convcalc.network.graph import Graph, Node
from convcalc.network.scope import Binding, Scope
from convcalc.network.values import Reported, Values
from convcalc.plain_tuple import PlainTuple
from convcalc.problems import Problem
from convcalc.text.collector import Problems
from convcalc.text.source import Mark

if TYPE_CHECKING:
    from convcalc.network.layer_changes import LayerChanges
    from convcalc.network.trace import Trace


class Misfit(PlainTuple):
    """The problem of a layer that cannot read its tensors, and the graph up to this layer."""

    problem: Problem
    graph: Graph
    reads: tuple[int, ...]


class UnbuiltError(SpecError):
    """A network that does not build; `misfit` is its first layer that cannot read what it gets, if there is one."""

    def __init__(self, problems: list[Problem], misfit: Misfit | None) -> None:
        super().__init__(problems)
        self.misfit = misfit


class Construction:
    """The part of a graph that is built so far, and the problems so far.

    `shapes` has the shape of every tensor, None where it is unknown because of a problem. `changes` are the keys of
    single layers that the call changes.
    """

    __slots__ = ("changes", "entry_count", "further_bindings", "graph", "misfit", "nodes", "problems", "shapes", "spec",
                 "tie_count", "trace", "values")  # fmt: skip

    def __init__(self, spec: Spec, problems: Problems, graph: Graph, trace: Trace | None) -> None:
        self.spec = spec
        self.problems = problems
        self.values = Values(problems)
        self.graph = graph
        self.nodes = graph.nodes
        self.shapes: list[Shape | None] = []
        self.entry_count = 0
        self.tie_count = 0  # the entries with the key `tied`
        self.further_bindings: dict[tuple[int, str], Binding] = {}  # by the layer's node and the output's name
        self.trace = trace
        self.misfit: Misfit | None = None
        self.changes: LayerChanges | None = None

    def add_unknown_tensor(self) -> int:
        """The tensor of an entry that could not be built."""
        self.shapes.append(None)
        self.nodes.append(_UNKNOWN_NODE)
        return len(self.shapes) - 1

    def layer_of(self, binding: Binding) -> Layer | None:
        """The layer that a name means; None where the name does not mean a single layer."""
        is_node = binding.level is None and binding.copies is None and binding.last - binding.first == 1
        return self.nodes[binding.first].layer if is_node else None

    def further_output(self, binding: Binding, part: str) -> Binding | None:
        """The further output `part` of the layer that a name means; None where it has none. The output gets a node."""
        if binding.tensor >= 0 and self.shapes[binding.tensor] is None:
            return binding  # the layer has a problem: its outputs are unknown
        layer = self.layer_of(binding)
        if layer is None or part not in layer.further_outputs:
            return None
        key = binding.first, part
        if key not in self.further_bindings:
            from convcalc.layers.further_outputs import FurtherOutput  # few networks read one

            node = self.nodes[binding.first]
            output = FurtherOutput(layer, part, self.graph.input_shapes(node))
            shape = output.output_shape((node.output_shape,))
            self.shapes.append(shape)
            reads = (binding.tensor,)
            self.nodes.append(Node(f"{node.name}.{part}", output, reads, shape, node.entry, node.line, node.trainable))
            self.further_bindings[key] = Binding(len(self.shapes) - 1, len(self.nodes) - 1, len(self.nodes))
        return self.further_bindings[key]

    def count_entry(self, entry: Entry) -> None:
        """Count one copy of an entry. Raises SpecError where nested blocks and repeats make too many."""
        self.entry_count += 1
        if self.entry_count > bounds.MAX_LAYERS:
            raise self.spec.source.error(
                "too-large",
                f"the network has more than {bounds.MAX_LAYERS:,} layers",
                entry.mark,
                bounds.how_to_raise("MAX_LAYERS"),
            )

    def refuse(self, rule: str, message: str, mark: Mark, scope: Scope, help: str = "") -> Reported:
        """Report a problem in a scope. Gives the exception to raise."""
        self.problems.add(rule, message, mark, help=help, trail=self.trail_of(scope))
        return Reported()

    def trail_of(self, scope: Scope) -> tuple[str, ...]:
        """The entries around a scope in words, for messages."""
        return tuple([f"in {subject}, {self.spec.source.place_of(mark)}" for subject, mark in scope.users])


class _NoLayer(Layer):
    """The layer of an entry that could not be built. No finished graph has one."""


_UNKNOWN_NODE = Node("?", _NoLayer(LayerType("unknown", _NoLayer), {}), (), (), Entry(None, 0, None), 0, True)
