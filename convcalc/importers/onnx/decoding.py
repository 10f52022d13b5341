"""From the bytes of an ONNX file to its model."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.bounds import MAX_CONSTANT_ELEMENTS, MAX_FOREIGN_OPERATIONS, how_to_raise
from convcalc.importers.onnx.model import (
    BFLOAT16,
    BOOL,
    DOUBLE,
    FLOAT,
    FLOAT16,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Function,
    Model,
    Node,
    Numbers,
    OnnxGraph,
    Reference,
    StoredTensor,
    ValueInfo,
)  # fmt: skip
from convcalc.importers.onnx.wire import Span, Wire, signed

MAX_SUBGRAPH_DEPTH = 16
MAX_AXES = 64
# How the module struct names the numbers of `raw_data`.
_FORMS = {
    FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q", BOOL: "?", FLOAT16: "e",
    DOUBLE: "d", UINT32: "I", UINT64: "Q",
}  # fmt: skip
# The metadata of nodes that tell their modules.
METADATA = frozenset(
    ("namespace", "pkg.torch.onnx.name_scopes", "pkg.torch.onnx.class_hierarchy", "pkg.onnxscript.rewriter.rule_name")
)


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
        return model

    def graph(self, span: Span, depth: int) -> OnnxGraph:
        """A graph, or a subgraph that is `depth` deep."""
        wire, graph = self.wire, OnnxGraph()
        if depth > MAX_SUBGRAPH_DEPTH:
            wire.refuse(f"the graph at byte {span.start:,} is inside more than {MAX_SUBGRAPH_DEPTH} others")
        self._count(span)
        for number, value in wire.fields(span):
            if number == 1:
                graph.nodes.append(self._node(wire.span(value), len(graph.nodes), depth))
            elif number == 2:
                graph.name = wire.text(value)
            elif number == 5:
                graph.tensors.append(self._tensor(wire.span(value)))
            elif number == 15:
                graph.tensors.append(self._sparse_tensor(wire.span(value)))
            elif number in (11, 12, 13):
                list_ = (graph.inputs, graph.outputs, graph.values)[number - 11]
                list_.append(self._value_info(wire.span(value)))
        return graph

    def _count(self, span: Span) -> None:
        """Refuse a graph of too many nodes before any of them is read."""
        self.count += sum(number in (1, 5, 13) for number, _ in self.wire.fields(span))
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
        self.count += sum(number == 7 for number, _ in wire.fields(span))
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
                result = wire.numbers(value, "f")[0]
            elif number == 3 and isinstance(value, int):
                result = signed(value)
            elif number == 4:
                result = self._string(wire.span(value))
            elif number == 5:
                result = self._tensor(wire.span(value))
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
                result = self._sparse_tensor(wire.span(value))
        return name, items if has_items and result is None else result

    def _items(self, number: int, value: int | Span) -> list[Any]:
        if number == 7:
            return self.wire.numbers(value, "f")
        return self.wire.integers(value) if number == 8 else [self._string(self.wire.span(value))]

    def _string(self, span: Span) -> str:
        """The bytes of an attribute as text; they need not be any."""
        return bytes(self.wire.data[span.start : min(span.stop, span.start + 4096)]).decode(errors="replace")

    def _value_info(self, span: Span) -> ValueInfo:
        name, dtype = "", 0
        sizes: tuple[int | str | None, ...] | None = None
        for number, value in self.wire.fields(span):
            if number == 1:
                name = self.wire.text(value)
            elif number == 2:
                for kind, inner in self.wire.fields(self.wire.span(value)):
                    if kind == 1:
                        sizes, dtype = self._tensor_type(self.wire.span(inner))
        return ValueInfo(name, sizes, dtype)

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

    def _sparse_tensor(self, span: Span) -> StoredTensor:
        shape: list[int] = []
        values: StoredTensor | None = None
        for number, value in self.wire.fields(span):
            if number == 1:
                values = self._tensor(self.wire.span(value))
            elif number == 3:
                shape += self.wire.integers(value)
        return StoredTensor(
            values.name if values else "", self._shape(shape, span), values.dtype if values else 1, None
        )

    def _tensor(self, span: Span) -> StoredTensor:
        wire = self.wire
        name, dtype, shape = "", 0, list[int]()
        is_external = False
        raw: Span | None = None
        typed: list[tuple[int, int | Span]] = []
        for number, value in wire.fields(span):
            if number == 1:
                shape += wire.integers(value)
            elif number == 2 and isinstance(value, int):
                dtype = value
            elif number == 8:
                name = wire.text(value)
            elif number == 9:
                raw = wire.span(value)
            elif number in (4, 5, 7, 10, 11):
                typed.append((number, value))
            elif number == 14:
                is_external = value == 1
        sizes = self._shape(shape, span)
        data = None
        if not is_external and prod(sizes) <= MAX_CONSTANT_ELEMENTS:
            data = self._data(dtype, prod(sizes), raw, typed)
        return StoredTensor(name, sizes, dtype, data)

    def _shape(self, shape: list[int], span: Span) -> tuple[int, ...]:
        if len(shape) > MAX_AXES or any(not 0 <= size < 2**48 for size in shape):
            self.wire.refuse(f"the tensor at byte {span.start:,} has an impossible shape")
        return tuple(shape)

    def _data(self, dtype: int, count: int, raw: Span | None, typed: list[tuple[int, int | Span]]) -> Numbers | None:
        """The numbers of a small tensor; None where they are not of a type that is needed."""
        wire = self.wire
        if raw is not None and raw.stop > raw.start:
            form = _FORMS.get(dtype)
            if form is None:
                return None
            found = wire.numbers(raw, form)
        else:
            found = []
            for number, value in typed:
                if isinstance(value, Span) and value.stop - value.start > 12 * MAX_CONSTANT_ELEMENTS:
                    return None
                if number in (4, 10):
                    found += wire.numbers(value, "f" if number == 4 else "d")
                else:
                    found += wire.integers(value)
            if dtype in (FLOAT16, BFLOAT16) and found:
                return None  # their bits are in integers
        if not found and count:
            return None
        if len(found) != count:
            wire.refuse(f"a tensor of {count:,} elements holds {len(found):,} numbers")
        return tuple(found)
