"""From the bytes of an ONNX file to its model."""

from __future__ import annotations

from typing import Any

from convcalc.bounds import MAX_FOREIGN_OPERATIONS, how_to_raise
from convcalc.importers.onnx.model import Function, Model, Node, OnnxGraph, Reference, StoredTensor, ValueInfo
from convcalc.importers.onnx.tensors import MAX_AXES, read_sparse_tensor, read_tensor
from convcalc.importers.onnx.wire import Span, Wire, signed

MAX_SUBGRAPH_DEPTH = 16
MAX_OUTPUTS = 4096  # of one node
# The metadata of nodes that tell their modules.
METADATA = frozenset(
    ("namespace", "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy", "pkg.onnxscript.rewriter.rule_name")
)


# The producer of files whose weights are inputs with a note: those of `convcalc export`.
OWN = "convcalc"


def move_weights(graph: OnnxGraph) -> None:
    """Make tensors without data of the inputs that are weights."""
    weights = [info for info in graph.inputs if info.note]
    graph.inputs = [info for info in graph.inputs if not info.note]
    for info in weights:
        shape = tuple(size for size in info.sizes or () if isinstance(size, int))
        graph.tensors.append(StoredTensor(info.name, shape, info.dtype, None))


class Decoder:
    """Reads the messages of one file."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.count = 0

    def model(self) -> Model:
        """The whole file."""
        wire = self.wire
        model = Model(wire.path)
        graph: Span | None = None
        for number, value in wire.fields(Span(0, len(wire.data))):
            if number == 2:
                model.producer = wire.text(value)
            elif number == 7:
                graph = wire.span(value)
            elif number == 8:
                domain, version = self._opset(wire.span(value))
                model.opsets["" if domain == "ai.onnx" else domain] = version
            elif number == 25:
                function = self._function(wire.span(value))
                model.functions[function.key] = function
        if graph is None:
            wire.refuse("the file holds no ONNX graph")
        model.graph = self.graph(graph, 0)
        if model.producer == OWN:
            move_weights(model.graph)
        return model

    def graph(self, span: Span, depth: int) -> OnnxGraph:
        """A graph, or a subgraph that is `depth` deep."""
        wire, graph = self.wire, OnnxGraph()
        if depth > MAX_SUBGRAPH_DEPTH:
            wire.refuse(f"the graph at byte {span.start:,} is inside more than {MAX_SUBGRAPH_DEPTH} others")
        self._count(span, (1, 5, 11, 13))
        for number, value in wire.fields(span):
            if number == 1:
                graph.nodes.append(self._node(wire.span(value), len(graph.nodes), depth))
            elif number == 2:
                graph.name = wire.text(value)
            elif number == 5:
                graph.tensors.append(read_tensor(wire, wire.span(value)))
            elif number == 15:
                graph.tensors.append(read_sparse_tensor(wire, wire.span(value)))
            elif number in (11, 12, 13):
                list_ = (graph.inputs, graph.outputs, graph.values)[number - 11]
                list_.append(self._value_info(wire.span(value)))
        return graph

    def _count(self, span: Span, counted: tuple[int, ...]) -> None:
        """Refuse a graph or a function of too many nodes before any of them is read."""
        self.count += sum(number in counted for number, _ in self.wire.fields(span))
        if self.count > MAX_FOREIGN_OPERATIONS:
            self.wire.refuse(
                f"the graph has more than {MAX_FOREIGN_OPERATIONS:,} nodes and tensors",
                how_to_raise("MAX_FOREIGN_OPERATIONS"),
            )

    def _opset(self, span: Span) -> tuple[str, int]:
        domain, version = "", 0
        for number, value in self.wire.fields(span):
            if number == 1:
                domain = self.wire.text(value)
            elif number == 2 and isinstance(value, int):
                version = value
        return domain, version

    def _function(self, span: Span) -> Function:
        wire, function = self.wire, Function()
        self._count(span, (7,))
        for number, value in wire.fields(span):
            if number == 1:
                function.name = wire.text(value)
            elif number == 4:
                function.inputs.append(wire.text(value))
            elif number == 5:
                function.outputs.append(wire.text(value))
            elif number == 7:
                function.nodes.append(self._node(wire.span(value), len(function.nodes), 1))
            elif number == 10:
                function.domain = wire.text(value)
            elif number == 11:
                name, default = self._attribute(wire.span(value), 1)
                function.defaults[name] = default
            elif number == 13:
                function.overload = wire.text(value)
        return function

    def _node(self, span: Span, index: int, depth: int) -> Node:
        wire = self.wire
        node = Node("", "", "", [], [], {}, {}, index)
        for number, value in wire.fields(span):
            if number == 1:
                node.inputs.append(wire.text(value))
            elif number == 2:
                node.outputs.append(wire.text(value))
            elif number == 3:
                node.name = wire.text(value)
            elif number == 4:
                node.operator = wire.text(value)
            elif number == 5:
                name, given = self._attribute(wire.span(value), depth)
                node.attributes[name] = given
            elif number == 7:
                node.domain = wire.text(value)
            elif number == 8:
                node.overload = wire.text(value)
            elif number == 9:
                self._metadata(wire.span(value), node.metadata)
        if len(node.outputs) > MAX_OUTPUTS:
            wire.refuse(f"the node at byte {span.start:,} has more than {MAX_OUTPUTS:,} outputs")
        if node.domain == "ai.onnx":
            node.domain = ""
        return node

    def _metadata(self, span: Span, metadata: dict[str, str]) -> None:
        key, text = "", None
        for number, value in self.wire.fields(span):
            if number == 1:
                key = self.wire.text(value)
            elif number == 2:
                text = value
        if key in METADATA and text is not None:
            metadata[key] = self.wire.text(text)

    def _attribute(self, span: Span, depth: int) -> tuple[str, Any]:
        wire = self.wire
        name = ""
        result: Any = None
        items: list[Any] = []
        has_items = False
        for number, value in wire.fields(span):
            if number == 1:
                name = wire.text(value)
            elif number == 2:
                result = next(iter(wire.numbers(value, "f")), None)
            elif number == 3 and isinstance(value, int):
                result = signed(value)
            elif number == 4:
                result = self._string(wire.span(value))
            elif number == 5:
                result = read_tensor(wire, wire.span(value))
            elif number == 6:
                result = self.graph(wire.span(value), depth + 1)
            elif number in (7, 8, 9):
                has_items = True
                items += self._items(number, value)
            elif number == 20 and value in (6, 7, 8):
                has_items = True  # an empty list has only its type
            elif number == 21:
                result = Reference(wire.text(value))
            elif number == 22:
                result = read_sparse_tensor(wire, wire.span(value))
        return name, items if has_items and result is None else result

    def _items(self, number: int, value: int | Span) -> list[Any]:
        if number == 7:
            return self.wire.numbers(value, "f")
        return self.wire.integers(value) if number == 8 else [self._string(self.wire.span(value))]

    def _string(self, span: Span) -> str:
        """The bytes of an attribute as text; they need not be any."""
        return bytes(self.wire.data[span.start : min(span.stop, span.start + 4096)]).decode(errors="replace")

    def _value_info(self, span: Span) -> ValueInfo:
        name, dtype, note = "", 0, ""
        sizes: tuple[int | str | None, ...] | None = None
        for number, value in self.wire.fields(span):
            if number == 1:
                name = self.wire.text(value)
            elif number == 2:
                for kind, inner in self.wire.fields(self.wire.span(value)):
                    if kind == 1:
                        sizes, dtype = self._tensor_type(self.wire.span(inner))
            elif number == 3:
                note = self.wire.text(value)
        return ValueInfo(name, sizes, dtype, note)

    def _tensor_type(self, span: Span) -> tuple[tuple[int | str | None, ...] | None, int]:
        dtype, shape = 0, None
        for number, value in self.wire.fields(span):
            if number == 1 and isinstance(value, int):
                dtype = value
            elif number == 2:
                inner = self.wire.span(value)
                shape = tuple(self._size(self.wire.span(each)) for key, each in self.wire.fields(inner) if key == 1)
        if shape is not None and len(shape) > MAX_AXES:
            self.wire.refuse(f"the shape at byte {span.start:,} has more than {MAX_AXES} axes")
        return shape, dtype

    def _size(self, span: Span) -> int | str | None:
        for number, value in self.wire.fields(span):
            if number == 1 and isinstance(value, int):
                return signed(value) if 0 <= signed(value) < 2**48 else None
            if number == 2:
                return self.wire.text(value) or None
        return None
