"""The graph under construction: what the parts of the builder share."""

from __future__ import annotations

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.language.spec import Entry, Spec
from convcalc.layers.base import Layer, LayerType
from convcalc.network.graph import Graph, Node
from convcalc.network.scope import Named, Scope
from convcalc.network.trace import Trace
from convcalc.network.values import Reported, Values
from convcalc.text.collector import Problems
from convcalc.text.source import Mark


class Construction:
    """The graph of a spec, as far as it is built, and the problems that were found.

    `shapes` holds the shape of every tensor, None where an error leaves it unknown.
    """

    __slots__ = ("entry_count", "further", "graph", "nodes", "problems", "shapes", "spec", "trace", "values")

    def __init__(self, spec: Spec, problems: Problems, graph: Graph, trace: Trace | None) -> None:
        self.spec = spec
        self.problems = problems
        self.values = Values(problems)
        self.graph = graph
        self.nodes = graph.nodes
        self.shapes: list[Shape | None] = []
        self.entry_count = 0
        self.further: dict[tuple[int, str], Named] = {}  # by the number of the layer's node, and its name there
        self.trace = trace

    def add_unknown_tensor(self) -> int:
        """The tensor of an entry that could not be built."""
        self.shapes.append(None)
        self.nodes.append(_UNKNOWN_NODE)
        return len(self.shapes) - 1

    def layer_of(self, named: Named) -> Layer | None:
        """The layer that a name means; None for what is no single layer."""
        is_node = named.level is None and named.copies is None and named.last - named.first == 1
        return self.nodes[named.first].layer if is_node else None

    def further_output(self, named: Named, part: str) -> Named | None:
        """A further output of the layer that a name means, with a node of its own; None where it has no such one."""
        if named.tensor >= 0 and self.shapes[named.tensor] is None:
            return named  # reported; what it has is not known
        layer = self.layer_of(named)
        if layer is None or part not in layer.further_outputs:
            return None
        key = named.first, part
        if key not in self.further:
            from convcalc.layers.further_outputs import FurtherOutput  # few networks read one

            node = self.nodes[named.first]
            output = FurtherOutput(layer, part, self.graph.input_shapes(node))
            shape = output.output_shape((node.output_shape,))
            self.shapes.append(shape)
            reads = (named.tensor,)
            self.nodes.append(Node(f"{node.name}.{part}", output, reads, shape, node.entry, node.line, node.trainable))
            self.further[key] = Named(len(self.shapes) - 1, len(self.nodes) - 1, len(self.nodes))
        return self.further[key]

    def count_entry(self, entry: Entry) -> None:
        """Count one copy of an entry, so that nested blocks and repeats cannot grow without limit."""
        self.entry_count += 1
        if self.entry_count > bounds.MAX_LAYERS:
            raise self.spec.source.error(
                "too-large",
                f"the network has more than {bounds.MAX_LAYERS:,} layers",
                entry.mark,
                bounds.how_to_raise("MAX_LAYERS"),
            )

    def refuse(self, rule: str, message: str, mark: Mark, scope: Scope, help: str = "") -> Reported:
        """Report a problem with a name; the exception to raise."""
        self.problems.add(rule, message, mark, help=help, trail=scope.trail)
        return Reported()


class _NoLayer(Layer):
    """The layer of an entry that could not be built; a graph that holds one is never returned."""


_UNKNOWN_NODE = Node("?", _NoLayer(LayerType("unknown", _NoLayer), {}), (), (), Entry(None, 0, None), 0, True)
