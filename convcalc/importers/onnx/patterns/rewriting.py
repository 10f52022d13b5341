"""A network whose operations are replaced: who gives and who reads each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeGuard

from convcalc.arith.shape import Shape
from convcalc.importers.network import ForeignNetwork, Operation
from convcalc.importers.onnx.naming import Nodes

VALUES = ("parameter", "constant")


class Rewriting:
    """Replaces operations by others. `nodes` has the node of each operation, by its identity."""

    def __init__(self, network: ForeignNetwork, nodes: Nodes) -> None:
        self.network = network
        self.nodes = nodes
        self.givers = {output.name: each for each in network.operations for output in each.outputs}
        self.shapes: dict[str, Shape] = {each.name: each.shape for each in network.inputs}
        self.shapes.update({output.name: output.shape for each in network.operations for output in each.outputs})
        self.readers: dict[str, dict[int, Operation]] = {}
        self.outputs = set(network.outputs)
        for each in network.operations:
            self._read(each)
        self._gone: set[int] = set()
        self._put: dict[int, list[Operation]] = {}

    def _read(self, operation: Operation) -> None:
        for name in operation.inputs:
            self.readers.setdefault(name, {})[id(operation)] = operation

    def is_there(self, operation: Operation) -> bool:
        """Whether it is still an operation of the network."""
        return id(operation) not in self._gone

    def giver(self, operation: Operation, index: int = 0) -> Operation | None:
        """The operation whose output one of the inputs is."""
        return self.givers.get(operation.inputs[index]) if index < len(operation.inputs) else None

    def only_reader(self, operation: Operation) -> Operation | None:
        """The operation that reads its output, where there is one alone and nothing else needs the output."""
        found = self.readers.get(operation.output.name, {})
        return next(iter(found.values())) if len(found) == 1 and operation.output.name not in self.outputs else None

    def is_inner(self, operation: Operation | None, *types: str) -> TypeGuard[Operation]:
        """Whether it is of one of these types, and one operation alone reads it."""
        return operation is not None and operation.type in types and self.only_reader(operation) is not None

    def value_beside(self, operation: Operation, other: str) -> Operation | None:
        """The parameter or constant that an operation reads beside another value."""
        names = [name for name in operation.inputs if name != other]
        found = self.givers.get(names[0]) if len(names) == 1 and len(operation.inputs) == 2 else None
        return found if found is not None and found.type in VALUES else None

    def replace(self, parts: Iterable[Operation], last: Operation, new: Operation, at: Operation | None = None) -> None:
        """Put an operation in place of `last`, whose output it gives; the other parts go."""
        new.outputs = [*last.outputs, *new.outputs[1:]]
        new.place = new.place or last.place
        self.nodes[id(new)] = self.nodes[id(at or last)]
        for each in {id(part): part for part in (*parts, last)}.values():
            self._remove(each)
        self._put[id(last)] = [*self._put.get(id(last), [last])[:-1], new]
        self._read(new)
        self.givers.update({output.name: new for output in new.outputs})
        self.shapes.update({output.name: output.shape for output in new.outputs})

    def insert_before(self, operation: Operation, new: Operation, at: Operation) -> None:
        """Put an operation before another."""
        self._put.setdefault(id(operation), [operation]).insert(0, new)
        self.nodes[id(new)] = self.nodes[id(at)]
        self._read(new)
        self.givers[new.output.name] = new
        self.shapes[new.output.name] = new.output.shape

    def bypass(self, parts: Iterable[Operation], last: Operation, value: str) -> None:
        """Let all readers of an operation read another value; the parts and the operation go."""
        for each in (*parts, last):
            self._remove(each)
        name = last.output.name
        for reader in self.readers.pop(name, {}).values():
            reader.inputs = [value if each == name else each for each in reader.inputs]
            self.readers.setdefault(value, {})[id(reader)] = reader
        if name in self.outputs:
            self.network.outputs = [value if each == name else each for each in self.network.outputs]
            self.outputs = set(self.network.outputs)

    def _remove(self, operation: Operation) -> None:
        self._gone.add(id(operation))
        for name in operation.inputs:
            self.readers.get(name, {}).pop(id(operation), None)

    def drop_unread(self) -> None:
        """Leave out operations that nothing reads, but for layers with parameters; and outputs of the others."""
        wanted = self.outputs
        for operation in reversed(self.network.operations):
            is_read = any(output.name in wanted or self.readers.get(output.name) for output in operation.outputs)
            if not is_read and (not operation.tensors or operation.type in VALUES):
                self._remove(operation)
                continue
            if not operation.known:
                continue
            operation.outputs[1:] = [
                output for output in operation.outputs[1:] if output.name in wanted or self.readers.get(output.name)
            ]

    def part_outputs(self, operation: Operation) -> None:
        """Let each output of an unknown operator be an operation; the first one that is read has the tensors."""
        read = [each for each in operation.outputs if self.readers.get(each.name) or each.name in self.outputs]
        operation.outputs = read[:1] or operation.outputs[:1]
        others = [Operation(operation.type, list(operation.inputs), [output], place=operation.place, known=False)
                  for output in read[1:]]  # fmt: skip
        self._put[id(operation)] = [operation, *others]
        self.nodes.update({id(each): self.nodes[id(operation)] for each in others})

    def finish(self) -> None:
        """Give the network its new operations."""
        result: list[Operation] = []
        for operation in self.network.operations:
            for each in self._put.get(id(operation), [operation]):
                if id(each) not in self._gone:
                    result.append(each)
        self.network.operations = result


Rule = Callable[[Rewriting, Operation], bool]


def number(operation: Operation, name: str) -> float | None:
    """The number of a `scalar` that has this parameter alone."""
    if operation.type != "scalar" or set(operation.parameters) != {name}:
        return None
    value = operation.parameters[name]
    return value if isinstance(value, (int, float)) else None


def is_near(value: float | None, wanted: float) -> bool:
    """Whether a number is another one, to four digits.

    >>> is_near(0.7071, 2 ** -0.5)
    True
    """
    return value is not None and abs(value - wanted) <= 1e-3 * abs(wanted)
