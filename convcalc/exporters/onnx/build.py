"""The graph of an ONNX file while it is built: its nodes, its weights as inputs, its constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.exporters.onnx import wire
from convcalc.exporters.onnx.wire import FLOAT, INT64
from convcalc.network.graph import Graph, Node

BATCH = "N"
# The notes by which convcalc knows the weights among the inputs of a graph.
PARAMETER, BUFFER = "parameter", "buffer"
# The inputs of layers that are indices.
_INDEXED = {"embedding": (0,), "index_select": (1,)}


class GraphBuilder:
    """The parts of the graph that are written so far."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[bytes] = []
        self.weights: dict[str, bytes] = {}
        self.constants: dict[str, bytes] = {}
        self.names: dict[int, str] = {}
        self.further = {node.name for node in graph.nodes if node.layer.is_further_output}
        self.parts: dict[str, str] = {}  # what further outputs are called in the file
        self.without_batch: dict[int, str] = {}  # of tensors that are equal for all samples
        self.indices = {
            node.reads[place]
            for node in graph.nodes
            for place in _INDEXED.get(node.layer.type.name, ())
            if place < len(node.reads)
        }

    def dtype(self, tensor: int) -> int:
        """The type of a tensor's elements: whole numbers where a layer reads them as indices."""
        return INT64 if tensor in self.indices else FLOAT

    def constant(self, values: Sequence[int] | Sequence[float], shape: Sequence[int], dtype: int) -> str:
        """The name of a tensor with these numbers."""
        text = "_".join(map(str, (*values[:8], len(values), *shape)))
        name = f"val_{text}_{dtype}".replace("-", "m").replace(".", "p")
        self.constants.setdefault(name, wire.constant(name, values, shape, dtype))
        return name


class Layer:
    """A layer that is being written: what its rule reads, and the nodes that it adds."""

    def __init__(self, builder: GraphBuilder, index: int, kinds: dict[str, str]) -> None:
        self.builder = builder
        self.node: Node = builder.graph.nodes[index]
        self.index = index
        self.layer: Any = self.node.layer
        self.type = self.node.layer.type.name
        self.shapes: tuple[Shape, ...] = builder.graph.input_shapes(self.node)
        self.output: Shape = self.node.output_shape
        self.reads = [builder.names[tensor] for tensor in self.node.reads]
        self.kinds = kinds
        # The further outputs that are read, by their names; a rule sets what gives each.
        self.parts: dict[str, str] = {
            part: "" for part in self.layer.further_outputs if f"{self.node.name}.{part}" in builder.further
        }
        self.last = 0

    @property
    def shape(self) -> Shape:
        """The shape of the first input, without the batch."""
        return self.shapes[0]

    @property
    def tensor(self) -> int:
        """The tensor that it writes."""
        return self.builder.graph.tensor_of(self.index)

    @property
    def rank(self) -> int:
        return len(self.shapes[0])

    def op(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """Add a node. Gives the name of its first output."""
        self.last += 1
        found = [f"{self.node.name}:{self.last}{f'.{each}' if each else ''}" for each in range(outputs)]
        given = {key: value for key, value in attributes.items() if value is not None}
        name = f"{self.node.name}.{self.last}" if self.last > 1 else self.node.name
        self.builder.nodes.append(wire.node(operator, inputs, found, name, given, self._namespace(operator)))
        return found[0]

    def _namespace(self, operator: str) -> str:
        path = self.node.name.split(".")
        scopes = [".".join(path[: depth + 1]) for depth in range(len(path))]
        parts = [": ", *(f"{scope}: {self.kinds.get(scope, '')}" for scope in scopes[:-1])]
        return "/".join([*parts, f"{scopes[-1]}: {self.type}", f"{path[-1]}: {operator}"])

    def weight(self, term: str, shape: Sequence[int], *, note: str = PARAMETER) -> str:
        """The name of a learned tensor; a tied layer has that of its owner."""
        node, nodes = self.node, self.builder.graph.nodes
        is_shared = node.tied_to is not None and (node.tied_terms is None or term in node.tied_terms)
        owner = nodes[node.tied_to] if is_shared and node.tied_to is not None and note == PARAMETER else node
        name = f"{owner.name}.{term}"
        if name not in self.builder.weights:
            self.builder.weights[name] = wire.value_info(name, shape, FLOAT, note)
        return name

    def own_tensor(self, shape: Sequence[int], term: str = "parameter") -> str:
        """The name of a learned tensor that is the layer itself."""
        node, nodes = self.node, self.builder.graph.nodes
        owner = node if node.tied_to is None else nodes[node.tied_to]
        if owner.layer.type is not node.layer.type:
            return self.weight(next(iter(node.tied_terms or {term})), shape)
        self.builder.weights.setdefault(owner.name, wire.value_info(owner.name, shape, FLOAT, PARAMETER))
        return owner.name

    def for_each_sample(self, name: str, shape: Sequence[int]) -> str:
        """A tensor without a batch, repeated for each sample of the first input of the network."""
        batch = self.op("Slice", self.op("Shape", next(iter(self.builder.graph.inputs))), self.ints(0), self.ints(1))
        return self.op("Expand", name, self.op("Concat", batch, self.ints(*shape), axis=0))

    def aligned(self, place: int, rank: int) -> str:
        """An input with so many axes: those that it lacks come first."""
        missing = rank - len(self.shapes[place])
        name = self.reads[place]
        return self.op("Unsqueeze", name, self.ints(*range(1, missing + 1))) if missing else name

    def ints(self, *values: int) -> str:
        """A constant list of whole numbers."""
        return self.builder.constant(values, [len(values)], INT64)

    def number(self, value: float) -> str:
        """A constant number."""
        return self.builder.constant([float(value)], [], FLOAT)

    def filled(self, value: float, size: int) -> str:
        """A constant vector of equal numbers."""
        return self.builder.constant([float(value)] * size, [size], FLOAT)

    def reshaped(self, name: str, sizes: Sequence[int]) -> str:
        """A value with other sizes after the batch."""
        return self.op("Reshape", name, self.ints(-1, *sizes))
