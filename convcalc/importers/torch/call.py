"""A call of the source while it is translated: its arguments, its values, and the operations that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from convcalc.arith.shape import Shape
from convcalc.importers.defaults import only_set
from convcalc.importers.network import Operation, Output, Tensor
from convcalc.importers.torch.graph import Node, Ref, refs_in
from convcalc.importers.torch.values import FIXED, LEARNED, LIVE, Value, batch_after_reshape

if TYPE_CHECKING:
    from convcalc.importers.torch.translate import Translator


class NoCounterpart(Exception):
    """The language has no operation for a call."""


class Call:
    """One call. Names of arguments are those of PyTorch's functions; several are alternatives."""

    def __init__(self, translator: Translator, node: Node) -> None:
        self.translator = translator
        self.node = node

    def get(self, *names: str, default: Any = None) -> Any:
        """An argument that is no tensor."""
        for name in names:
            value = self.node.arguments.get(name)
            if value is not None:
                return value
        return default

    def has_tensor(self, *names: str) -> bool:
        return isinstance(self.get(*names), Ref)

    def value(self, *names: str) -> Value:
        """An argument that is a tensor. Raises NoCounterpart where it is not given."""
        found = self.get(*names)
        if not isinstance(found, Ref):
            raise NoCounterpart(f"{self.node.operator} without a tensor {names[0]}")
        return self.translator.values[found.name]

    def values(self, *names: str) -> list[Value]:
        """An argument that is a list of tensors."""
        return [self.translator.values[ref.name] for ref in self.get(*names)]

    @property
    def input(self) -> Value:
        """The first tensor: `self` of methods, `input` of functions."""
        return self.value("self", "input", "x", "tensor", "a")

    def shape(self, output: int = 0) -> Shape:
        name = self.node.outputs[output]
        if name is None:
            raise NoCounterpart(f"output {output} is not there")
        return self.translator.graph.values[name].shape

    def axes(self, value: Value, axes: int | Sequence[int] | None) -> list[int]:
        """Axes of the source, counted from 0."""
        if axes is None:
            return list(range(value.rank))
        axes = [axes] if isinstance(axes, int) else axes
        return [axis % max(value.rank, 1) for axis in axes]

    def give(
        self, type: str, inputs: Sequence[Value], batch: int | None, parameters: dict[str, Any] | None = None, *,
        tensors: dict[str, Tensor] | None = None, buffers: dict[str, Tensor] | None = None, output: int = 0,
        parts: Sequence[tuple[int, str, Shape, int | None]] = (),
    ) -> Value:  # fmt: skip
        """The operation that gives an output of the call. `parts` are further outputs: number, name, shape, batch."""
        name = self.node.outputs[output]
        value = self._new_value(output, batch, inputs)
        if tensors and value.origin == FIXED:
            value = replace(value, origin=LEARNED)
        names = [self.translator.read(each, self.node) for each in inputs]
        outputs = [Output(value.name, value.sample)]
        for number, part, shape, part_batch in parts:
            further = self.node.outputs[number] if number < len(self.node.outputs) else None
            if further is not None:
                outputs.append(Output(further, Value(further, shape, part_batch).sample, part))
                dtype = self.translator.graph.values[further].dtype
                self.translator.values[further] = Value(further, shape, part_batch, value.origin, dtype=dtype)
        operation = Operation(
            type, names, outputs, only_set(type, parameters or {}), tensors or {}, buffers or {},
            place=self.node.place,
        )  # fmt: skip
        self.translator.add(operation, self.node.frames)
        if name is not None:
            self.translator.values[name] = value
        return value

    def _new_value(self, output: int, batch: int | None, inputs: Sequence[Value]) -> Value:
        name = self.node.outputs[output]
        if name is None:
            raise NoCounterpart("the output is not used")
        shape, dtype = self.translator.graph.values[name]
        origins = {value.origin for value in inputs}
        origin = LIVE if LIVE in origins or not origins else LEARNED if LEARNED in origins else FIXED
        return Value(name, shape, batch, origin, dtype=dtype)

    def alias(self, value: Value, batch: int | None, output: int = 0) -> Value:
        """The output is the input, perhaps with other axes of size 1 around it."""
        name = self.node.outputs[output]
        if name is None:
            raise NoCounterpart("the output is not used")
        shape, dtype = self.translator.graph.values[name]
        result = replace(value, shape=shape, batch=batch, dtype=dtype)
        if result.sample != value.sample:
            result = self.give("reshape", [value], batch, {"shape": list(result.sample)}, output=output)
        self.translator.values[name] = result
        return result

    def same(self, value: Value, output: int = 0) -> Value:
        return self.alias(value, value.batch, output)

    def insert(self, type: str, inputs: list[Value], shape: Shape, batch: int | None, /, **parameters: Any) -> Value:
        return self.translator.insert(self.node, type, inputs, shape, batch, **parameters)

    def number(self, shape: Shape = ()) -> Value:
        """A number of the source as a constant."""
        return Value(self.translator.fresh("number"), shape, None, FIXED)

    def unbatched(self, value: Value) -> Value:
        return self.translator.unbatched(value, self.node)

    def rooted(self, value: Value) -> Value:
        """The value with the batch as its first axis or nowhere."""
        return value if value.batch in (0, None) else self.unbatched(value)

    def aligned(self, values: Sequence[Value], kept: int = 0) -> tuple[list[Value], int | None]:
        """Operands whose axes are matched from the last on, with one batch axis; and where that is in the result.

        The batch may not be among the last `kept` axes, which mean something else.
        """
        rank = max(value.rank for value in values)
        places = {value.batch - value.rank for value in values if value.batch is not None}
        if not places:
            return list(values), None
        place = min(places)
        fits = len(places) == 1 and place < -kept
        if fits and all(v.batch is not None or v.rank < -place or v.shape[place] == 1 for v in values):
            return [self._with_batch(value, place) for value in values], rank + place
        return [self.unbatched(value) for value in values], None

    def _with_batch(self, value: Value, place: int) -> Value:
        if value.batch is not None or value.rank < -place:
            return value
        return self.translator.batched(value, value.rank + place, self.node)

    def reshaped(self, value: Value, output: int = 0) -> Value:
        """The output has the elements of the value in their order."""
        shape = self.shape(output)
        batch = batch_after_reshape(value, shape)
        target = Value("", shape, batch).sample
        if target == value.sample:
            return self.alias(value, batch, output)
        if len(target) == 1 and len(value.sample) > 1:
            return self.give("flatten", [value], batch, output=output)
        return self.give("reshape", [value], batch, {"shape": list(target)}, output=output)

    def unknown(self) -> None:
        """An operation that the language does not have: its inputs, its tensors and its outputs."""
        values = [self.translator.values[ref.name] for ref in refs_in(self.node.arguments)
                  if ref.name in self.translator.values]  # fmt: skip
        held = {value.tensor.name.rpartition(".")[2]: value.tensor for value in values
                if value.tensor is not None and value.origin == LEARNED}  # fmt: skip
        inputs = [value for value in values if value.tensor is None and value.origin != FIXED]
        names = [self.translator.read(value, self.node) for value in inputs]
        for output, name in enumerate(self.node.outputs):
            if name is None:
                continue
            shape = self.translator.graph.values[name].shape
            batch = 0 if shape and shape[0] == 1 and any(value.batch == 0 for value in inputs) else None
            value = self._new_value(output, batch, inputs or values)
            operation = Operation(self.node.operator, names, [Output(name, value.sample)], tensors=held,
                                  place=self.node.place, known=False)  # fmt: skip
            self.translator.add(operation, self.node.frames)
            self.translator.values[name] = value
