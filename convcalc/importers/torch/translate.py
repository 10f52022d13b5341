"""From a traced network of PyTorch to operations of the language: its calls in order, one handler for each function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from convcalc.arith.shape import Shape, elements
from convcalc.errors import UsageError
from convcalc.importers.defaults import only_set
from convcalc.importers.network import ForeignNetwork, Input, Operation, Output, Tensor
from convcalc.importers.torch.call import Call, NoCounterpart
from convcalc.importers.torch.frames import joined
from convcalc.importers.torch.graph import Graph, Node, refs_in
from convcalc.importers.torch.naming import name_operations, place_of_tensor
from convcalc.importers.torch.operators import HANDLERS
from convcalc.importers.torch.values import FIXED, LEARNED, LIVE, Value

INTEGERS = frozenset(("uint8", "int8", "int16", "int32", "int64", "bool"))
# Functions that give numbers of their own and read only the shape of their input.
FILLS = frozenset((
    "zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like", "new_zeros", "new_ones",
    "new_full", "new_empty", "new_tensor", "bernoulli", "randint_like",
))  # fmt: skip
# Functions whose result is a part of their input: a change of it in place changes that too.
VIEWS = frozenset((
    "slice", "select", "narrow", "view", "transpose", "permute", "unsqueeze", "squeeze", "expand", "chunk", "split",
    "split_with_sizes", "unbind", "t", "T", "mT", "unflatten", "alias", "detach", "swapaxes", "movedim", "__getitem__",
))  # fmt: skip
COPIES = frozenset(("clone", "detach", "contiguous", "alias", "to", "_to_copy", "lift_fresh_copy"))


def translate(graph: Graph) -> ForeignNetwork:
    """The network in the words of the language."""
    return Translator(graph).network()


class Translator:
    """The values that are known so far and the operations that compute them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: dict[str, Value] = {}
        self.operations: list[Operation] = []
        self.frames: dict[int, tuple[Any, ...]] = {}  # of each operation, by its id
        self.producers: dict[str, Operation] = {}
        self.held: dict[tuple[str, Shape], str] = {}  # the values of parameters and constants that are operations
        self.names: set[str] = set(graph.values)
        self.batch_size = 1
        self.nodes = joined(graph)
        self.read_later = {ref.name for node in self.nodes for ref in refs_in(node.arguments)} | set(graph.outputs)
        self.last_read = {ref.name: index for index, node in enumerate(self.nodes) for ref in refs_in(node.arguments)}
        self.last_read |= dict.fromkeys(graph.outputs, len(self.nodes))
        self.views: dict[str, str] = {}
        self.remarks = list(graph.remarks)

    def network(self) -> ForeignNetwork:
        inputs = self._take_inputs()
        self._take_held()
        for index, node in enumerate(self.nodes):
            self._run_node(node)
            self._note_view(index, node)
        outputs = list(dict.fromkeys(self._output(name) for name in self.graph.outputs if name in self.values))
        self._drop_unread(outputs)
        self._remark_unread()
        name_operations(self.operations, self.frames)
        return ForeignNetwork(
            self.graph.name, self.graph.format, inputs, outputs, self.operations, remarks=self.remarks
        )

    def _take_inputs(self) -> list[Input]:
        inputs = []
        for name, value_name in self.graph.inputs.items():
            shape, dtype = self.graph.values[value_name]
            value = Value(value_name, shape, 0 if shape else None, LIVE, dtype=dtype)
            if shape:
                self.batch_size = max(self.batch_size, shape[0])
            self.values[value_name] = value
            inputs.append(Input(name, value.sample, is_index=dtype in INTEGERS))
        if self.batch_size > 1:
            raise UsageError(
                f"the network was exported with a batch of {self.batch_size}",
                "export it with an input of batch 1, or with a dynamic batch",
            )
        return inputs

    def _take_held(self) -> None:
        for held, origin in ((self.graph.parameters, LEARNED), (self.graph.buffers, FIXED),
                             (self.graph.constants, FIXED)):  # fmt: skip
            for name, tensor in held.items():
                dtype = self.graph.values[name].dtype if name in self.graph.values else "float32"
                self.values[name] = Value(name, tensor.shape, None, origin, tensor, dtype)

    def _run_node(self, node: Node) -> None:
        call = Call(self, node)
        if self._is_fixed(node):
            self._keep_fixed(node)
            return
        handler = HANDLERS.get(node.operator)
        count = len(self.operations)
        try:
            if handler is None:
                raise NoCounterpart(node.operator)
            handler(call)
        except (NoCounterpart, LookupError, TypeError, AttributeError, ValueError, ArithmeticError, StopIteration):
            self._undo(count)
            call.unknown()

    def _note_view(self, index: int, node: Node) -> None:
        """Remember what is a part of what; where a part was changed in place, what it is a part of has changed too."""
        refs = refs_in(node.arguments)
        if not refs or not node.outputs or node.outputs[0] is None:
            return
        first, whole = refs[0].name, self.views.get(refs[0].name)
        if node.operator in VIEWS:
            self.views.update((name, whole or first) for name in node.outputs if name is not None)
        elif node.in_place and whole is not None:
            self.views[node.outputs[0]] = whole
            part, before = self.values[node.outputs[0]], self.values[whole]
            if LIVE in (part.origin, before.origin) and self.last_read.get(whole, -1) > index:
                self.values[whole] = self._changed(node, before, part)

    def _changed(self, node: Node, whole: Value, part: Value) -> Value:
        """A tensor that was changed in part: an operation that the language does not have."""
        result = replace(whole, name=self.fresh(whole.name), origin=LIVE, tensor=None)
        names = [self.read(whole, node), self.read(part, node)]
        operation = Operation(f"{node.operator}_to_part", names, [Output(result.name, result.sample)], known=False,
                              place=node.place)  # fmt: skip
        self.add(operation, node.frames)
        return result

    def _undo(self, count: int) -> None:
        """Take back the operations of a call that turned out to have no counterpart."""
        gone = {output.name for operation in self.operations[count:] for output in operation.outputs}
        del self.operations[count:]
        for name in gone:
            del self.producers[name]
        if gone:
            self.held = {key: name for key, name in self.held.items() if name not in gone}

    def _is_fixed(self, node: Node) -> bool:
        """Whether a call computes with numbers alone: no input of the network and no parameter is in it."""
        shapes = [self.graph.values[name].shape for name in node.outputs if name is not None]
        if node.operator in FILLS or all(0 in shape for shape in shapes):
            return True
        refs = refs_in(node.arguments)
        return all(self.values[ref.name].origin == FIXED for ref in refs if ref.name in self.values)

    def _keep_fixed(self, node: Node) -> None:
        """Numbers that a call computes from numbers. A copy of a buffer is the buffer still."""
        refs = refs_in(node.arguments)
        for name in node.outputs:
            if name is not None:
                shape, dtype = self.graph.values[name]
                source = self.values.get(refs[0].name) if node.operator in COPIES and refs else None
                tensor = source.tensor if source is not None and source.shape == shape else None
                self.values[name] = Value(source.name if source and tensor else name, shape, None, FIXED, tensor, dtype)

    def read(self, value: Value, node: Node | None) -> str:
        """The name of a value as an input of an operation; what the network holds becomes an operation here."""
        if value.tensor is None and value.origin != FIXED:
            return value.name
        key = (value.name, value.sample)
        if key not in self.held:
            kind = "parameter" if value.origin == LEARNED else "constant"
            own = {kind: value.tensor} if value.tensor is not None else {}
            name = self.fresh(value.name)
            operation = Operation(
                kind, [], [Output(name, value.sample)], {"shape": list(value.sample)},
                own if kind == "parameter" else {}, own if kind == "constant" else {},
            )  # fmt: skip
            frames = node.frames if node is not None else ()
            if value.tensor is not None:
                operation.modules, operation.name = place_of_tensor(value.tensor.name, frames)
            operation.place = node.place if node is not None else ""
            self.add(operation, frames if value.tensor is None else None)
            self.held[key] = name
        return self.held[key]

    def add(self, operation: Operation, frames: tuple[Any, ...] | None) -> None:
        """Put an operation behind the others. `frames` are the modules around it; None where it has its own name."""
        self.operations.append(operation)
        if frames is not None:
            self.frames[id(operation)] = frames
        for output in operation.outputs:
            self.producers[output.name] = operation

    def insert(
        self, node: Node, type: str, inputs: list[Value], shape: Shape, batch: int | None, /, **parameters: Any
    ) -> Value:
        """An operation of our own between those of the source. `shape` is with the batch axis."""
        origin = join_origins(inputs)
        value = Value(self.fresh(inputs[0].name if inputs else type), shape, batch, origin, dtype=inputs[0].dtype)
        names = [self.read(each, node) for each in inputs]
        operation = Operation(type, names, [Output(value.name, value.sample)], only_set(type, parameters))
        operation.place = node.place
        self.add(operation, node.frames)
        return value

    def insert_layer(
        self, node: Node, type: str, inputs: list[Value], shape: Shape, parameters: dict[str, Any],
        tensors: dict[str, Tensor], batch: int | None = None,
    ) -> Value:  # fmt: skip
        """As `insert`, for a layer with parameters of its own."""
        result = self.insert(node, type, inputs, shape, batch, **parameters)
        self.operations[-1].tensors.update(tensors)
        return replace(result, origin=LEARNED) if result.origin == FIXED else result

    def fresh(self, name: str) -> str:
        """A name for a value that no other value has."""
        number = 2
        result = f"{name}@{number}"
        while result in self.names:
            number += 1
            result = f"{name}@{number}"
        self.names.add(result)
        return result

    def unbatched(self, value: Value, node: Node) -> Value:
        """The value with its batch axis as an axis of the sample."""
        if value.batch is None:
            return value
        whole = replace(value, batch=None)
        if value.tensor is not None or value.origin == FIXED or whole.sample == value.sample:
            return whole
        return self.insert(node, "unsqueeze", [value], value.shape, None, axis=value.batch)

    def batched(self, value: Value, axis: int, node: Node) -> Value:
        """The value with an axis of size 1 as its batch axis."""
        result = replace(value, batch=axis)
        if value.tensor is not None or value.origin == FIXED or result.sample == value.sample:
            return result
        return self.insert(node, "squeeze", [value], value.shape, axis, axis=axis)

    def _remark_unread(self) -> None:
        """Say which parameters no layer reads."""
        held = {tensor.name: tensor for tensor in self.graph.parameters.values()}
        read = {tensor.name for operation in self.operations for tensor in operation.tensors.values()}
        unread = [tensor for name, tensor in held.items() if name not in read]
        if unread:
            owners = list(dict.fromkeys(tensor.name.partition(".")[0] for tensor in unread))
            named = ", ".join(owners[:3]) + (", …" if len(owners) > 3 else "")
            count = sum(elements(tensor.shape) for tensor in unread)
            reason = "the trace did not reach" if self.graph.is_part else "no layer uses in inference"
            if not self.graph.knows_ties:
                reason += ", or that are shared ones under another name"
            self.remarks.append(f"there are {count:,} parameters ({named}) that {reason}")

    def _output(self, name: str) -> str:
        value = self.values[name]
        return self.read(value, None)

    def _drop_unread(self, outputs: list[str]) -> None:
        """Leave out what no output of the network depends on, but for layers with parameters of their own."""
        needed = set(outputs)
        kept = []
        for operation in reversed(self.operations):
            is_layer = bool(operation.tensors) and operation.known and operation.type != "parameter"
            if is_layer or any(output.name in needed for output in operation.outputs):
                needed.update(operation.inputs)
                kept.append(operation)
        self.operations = kept[::-1]


def join_origins(values: list[Value]) -> str:
    origins = {value.origin for value in values}
    return LIVE if LIVE in origins else LEARNED if LEARNED in origins else FIXED
