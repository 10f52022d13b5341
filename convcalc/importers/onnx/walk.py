"""The way through a graph, node by node: constants are worked out, all others become operations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from math import prod
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.bounds import MAX_FOREIGN_OPERATIONS
from convcalc.importers.onnx.calls import Budget, Call
from convcalc.importers.onnx.constants import result
from convcalc.importers.onnx.errors import Unmatched
from convcalc.importers.onnx.evaluate import EVALUATORS, whole_shape
from convcalc.importers.onnx.model import (
    BFLOAT16,
    DOUBLE,
    FLOAT,
    FLOAT16,
    INT64,
    Function,
    Model,
    Node,
    OnnxGraph,
    Reference,
    StoredTensor,
    ValueInfo,
)
from convcalc.importers.onnx.operators import OPERATORS
from convcalc.importers.onnx.trace import Trace, tensor_of
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value
from convcalc.importers.onnx.wire import unreadable

MAX_CALLS = 32  # of local functions inside each other
_FLOATS = frozenset((FLOAT, FLOAT16, BFLOAT16, DOUBLE))
_WORKED_OUT = re.compile(r"val_\d+")
# Operators that compute only from the shape of what they read.
_SHAPES = ("Shape", "Size")


class Walk:
    """Goes through the nodes of one file, with the batch axis of a given size."""

    def __init__(self, model: Model, trace: Trace) -> None:
        self.model = model
        self.trace = trace
        self.values: dict[str, Value] = {}
        self.tensors: set[str] = set()
        self.stated: dict[str, ValueInfo] = {}
        self.budget = Budget()
        self.steps = 0

    def enter(self, graph: OnnxGraph) -> None:
        """Make the tensors and the stated types of a graph known."""
        self.stated.update({each.name: each for each in (*graph.values, *graph.outputs) if each.sizes is not None})
        self.tensors.update(tensor.name for tensor in graph.tensors)
        for tensor in graph.tensors:
            self.values[tensor.name] = stored(tensor, self.model.producer)

    def run(self, nodes: Iterable[Node], depth: int = 0) -> None:
        """Go through nodes, in the order of the file."""
        for node in nodes:
            self.steps += 1
            if max(self.steps, len(self.trace.operations)) > MAX_FOREIGN_OPERATIONS:
                raise unreadable(
                    self.model.path, f"its functions and branches run more than {MAX_FOREIGN_OPERATIONS:,} nodes"
                )
            self._step(node, depth)

    def _step(self, node: Node, depth: int) -> None:
        function = self.model.functions.get((node.domain, node.operator, node.overload))
        if function is not None:
            self._call(node, function, depth)
            return
        call = Call(self.trace, node, [self._value(node, name) for name in node.inputs], self.model.opset, self.budget)
        if node.operator == "If" and not node.domain:
            branch = self._branch(call)
            if branch is not None:
                self.enter(branch)
                self.run(branch.nodes, depth)
                found = [self._value(node, each.name) for each in branch.outputs]
                self._keep(node, [each for each in found if each is not None])
                return
        state = self.trace.state()
        try:
            self._keep(node, self._results(call))
        except Unmatched as error:
            self.trace.undo(state)
            self._keep(node, self._unknown(call, str(error)))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            # An attribute or a constant of a broken file may be anything.
            raise unreadable(self.model.path, f"{node.place}: {node.operator} cannot be read: {error}") from None

    def _value(self, node: Node, name: str) -> Value | None:
        if not name:
            return None
        if name not in self.values:
            raise unreadable(self.model.path, f"{node.place} reads `{name}`, which no node before it gives")
        return self.values[name]

    def _keep(self, node: Node, values: list[Value]) -> None:
        for name, value in zip(node.outputs, values):
            if name:
                self.values[name] = value

    def _results(self, call: Call) -> list[Value]:
        """What a node gives. Raises Unmatched."""
        node = call.node
        if node.operator in _SHAPES and not node.domain:
            shape = call.value(0).shape
            return [whole_shape(shape, call) if node.operator == "Shape" else result(call, (), [prod(shape)], INT64)]
        constants = [each for each in call.inputs if isinstance(each, Constant)]
        if len(constants) == sum(each is not None for each in call.inputs) and node.operator in EVALUATORS:
            found = EVALUATORS[node.operator](call, constants)
            if found:
                found[0].is_learned = found[0].is_learned or self._is_filled_weight(node, found[0])
                return list(found)
        if node.operator == "CastLike" and isinstance(call.inputs[0], Constant):
            return [call.inputs[0]]
        handler = OPERATORS.get(node.operator)
        if handler is None or node.domain not in ("", "com.microsoft"):
            raise Unmatched("no layer type does this")
        return handler(call)

    def _is_filled_weight(self, node: Node, found: Constant) -> bool:
        """Whether a file without its weights has one filled with a number, in the shape that it stores."""
        is_filled = node.operator == "ConstantOfShape" and self.model.producer != "pytorch"
        return is_filled and node.inputs[0] in self.tensors and found.dtype in _FLOATS and prod(found.shape) > 1

    def _branch(self, call: Call) -> OnnxGraph | None:
        """The branch of an If that is taken, where that is known."""
        condition = call.optional(0)
        if not isinstance(condition, Constant) or condition.data is None or not condition.data:
            return None
        branch = call.node.attributes.get("then_branch" if condition.data[0] else "else_branch")
        return branch if isinstance(branch, OnnxGraph) else None

    def _call(self, node: Node, function: Function, depth: int) -> None:
        """Go through the nodes of a local function, whose names are its own."""
        if depth >= MAX_CALLS:
            raise unreadable(self.model.path, f"{node.place}: functions call each other more than {MAX_CALLS} deep")
        given = [self._value(node, name) for name in node.inputs]
        given += [None] * (len(function.inputs) - len(given))
        outside, self.values = self.values, {}
        left_out = {name for name, value in zip(function.inputs, given) if value is None}
        self.values.update({name: value for name, value in zip(function.inputs, given) if value is not None})
        attributes = {**function.defaults, **node.attributes}
        scope = (*node.scope, node.name or node.operator)
        self.run((_inlined(each, node, attributes, scope, left_out) for each in function.nodes), depth + 1)
        found = [self._value(node, name) for name in function.outputs]
        self.values = outside
        self._keep(node, [value for value in found if value is not None])

    def _unknown(self, call: Call, reason: str) -> list[Value]:
        """The outputs of an operator that the language does not have, as they are stated."""
        node, trace = call.node, self.trace
        shapes: list[tuple[Shape, tuple[int, ...]]] = []
        for name in node.outputs:
            shape = self._stated_shape(name)
            if shape is None:
                raise unreadable(
                    self.model.path,
                    f"{node.place}: {node.operator} is not known here ({reason}), and the file does not state the "
                    f"shape of its output `{name}`",
                    help="run onnx.shape_inference.infer_shapes on the file first, or export it with shapes",
                )
            if 0 in shape:
                raise unreadable(self.model.path, f"{node.place}: the output `{name}` has no elements")
            is_batch = bool(shape) and shape[0] == trace.batch
            shapes.append(
                (shape[1:] or (1,), (BATCH, *range(len(shape) - 1)))
                if is_batch
                else (shape or (1,), tuple(range(len(shape))))
            )
        reads = [trace.settle(each) for each in call.inputs if isinstance(each, Live)]
        tensors = [tensor_of(each) for each in call.inputs if isinstance(each, Constant) and each.is_learned]
        return list(trace.emit_unknown(node, reads, shapes, tensors))

    def _stated_shape(self, name: str) -> Shape | None:
        """The shape that the file states for a value; an open batch axis has the size of the batch."""
        info = self.stated.get(name)
        if info is None or info.sizes is None:
            return None
        sizes = [
            self.trace.batch if at == 0 and not isinstance(size, int) else size for at, size in enumerate(info.sizes)
        ]
        return (
            tuple(size for size in sizes if isinstance(size, int))
            if all(isinstance(size, int) for size in sizes)
            else None
        )


def _inlined(inner: Node, caller: Node, given: dict[str, Any], scope: tuple[str, ...], left_out: set[str]) -> Node:
    """A node of a function, with the attributes of its caller and without the inputs that this leaves out."""
    attributes = {
        name: given.get(value.name) if isinstance(value, Reference) else value
        for name, value in inner.attributes.items()
    }
    return replace(
        inner,
        inputs=["" if name in left_out else name for name in inner.inputs],
        attributes={name: value for name, value in attributes.items() if value is not None},
        metadata=inner.metadata or caller.metadata,
        index=caller.index,
        scope=scope,
    )


def stored(tensor: StoredTensor, producer: str) -> Constant:
    """A tensor of the file as a value. Floats are learned, but for those that PyTorch's exporter has worked out."""
    is_worked_out = producer == "pytorch" and _WORKED_OUT.fullmatch(tensor.name) is not None
    is_learned = tensor.dtype in _FLOATS and not is_worked_out
    return Constant(tensor.shape, tensor.dtype, tensor.data, tensor.name, tensor.shape, is_learned)
