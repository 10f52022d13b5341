"""The operations of a network in the making: what each node adds to them, and the values that it reads and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from convcalc import layers
from convcalc.arith.shape import Shape
from convcalc.importers.defaults import only_set
from convcalc.importers.network import Operation, Output, Tensor
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.model import FLOAT, Node
from convcalc.importers.onnx.values import BATCH, Constant, Live, Merged, Value, numbered
from convcalc.layers.base import LayerError

LEARNED_TENSOR, FIXED_TENSOR = "parameter", "constant"


class Trace:
    """The operations so far, and for each the node that it comes from. `batch` is the size of the batch axis.

    `has_torch_names` where PyTorch's exporter wrote the file: parameters then have their names.
    """

    def __init__(self, batch: int, *, has_torch_names: bool = False) -> None:
        self.batch = batch
        self.has_torch_names = has_torch_names
        self.operations: list[Operation] = []
        self.nodes: list[Node] = []
        self.remarks: dict[str, int] = {}
        # The names of tensors that the file has once, with the name that it has them by.
        self.equals: dict[str, str] = {}
        self._settled: list[Live] = []
        self._given: list[tuple[Constant, Shape]] = []

    def live(
        self, name: str, own: Shape, axes: Sequence[int], dtype: int = FLOAT, merged: Merged | None = None
    ) -> Live:
        """A value by its own shape and its axes."""
        shape = [self.batch if axis == BATCH else own[axis] for axis in axes]
        if merged is not None:
            shape[merged.axis] *= self.batch
        return Live(name, tuple(shape), tuple(own), tuple(axes), dtype, merged)

    def emit(
        self,
        node: Node,
        type: str,
        reads: Sequence[Live],
        axes: Sequence[int] | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        tensors: Mapping[str, Tensor | None] | None = None,
        buffers: Mapping[str, Tensor | None] | None = None,
        part: str = "",
        like: Live | None = None,
    ) -> Live:
        """Add an operation; its output has these axes, by default those of `like`, which is the first of `reads`.

        `part` is the further output that is wanted. Raises Unmatched where the layer does not fit what it reads.
        """
        like = like or (reads[0] if reads else None)
        kind = layers.find(type)
        assert kind is not None
        plain = only_set(kind.name, dict(parameters or {}))
        try:
            layer = kind.build(plain)
            shapes = tuple(each.own for each in reads)
            own = layer.output_shape(shapes)
            result = layer.further_shape(part, shapes, own) if part else own
        except LayerError as error:
            read = " and ".join("x".join(map(str, each.own)) for each in reads)
            raise Unmatched(f"{type}: {str(error).format(input=read, source='source')}") from None
        outputs = [Output(self._name(), own)]
        if part:
            outputs.append(Output(self._name(1), result, part))
        operation = Operation(type, [each.name for each in reads], outputs, plain, _given(tensors), _given(buffers))
        self._add(operation, node)
        if axes is None:
            axes = like.axes if like is not None else range(len(result))
        merged = like.merged if like is not None and tuple(axes) == like.axes else None
        return self.live(outputs[-1].name, result, axes, like.dtype if like is not None else FLOAT, merged)

    def emit_unknown(
        self,
        node: Node,
        reads: Sequence[Live],
        shapes: Sequence[tuple[Shape, Sequence[int]]],
        tensors: Sequence[Tensor],
    ) -> list[Live]:
        """Add an operator that the language does not have; its outputs have these shapes and axes."""
        outputs = [Output(self._name(index), own) for index, (own, _) in enumerate(shapes)]
        held = {f"tensor{index}": tensor for index, tensor in enumerate(tensors, 1)}
        operation = Operation(node.operator, [each.name for each in reads], outputs, tensors=held, known=False)
        self._add(operation, node)
        return [self.live(output.name, own, axes) for output, (own, axes) in zip(outputs, shapes)]

    def _add(self, operation: Operation, node: Node) -> None:
        operation.place = node.place
        self.operations.append(operation)
        self.nodes.append(node)

    def _name(self, offset: int = 0) -> str:
        return f"v{len(self.operations)}.{offset}" if offset else f"v{len(self.operations)}"

    def state(self) -> int:
        """A point to return to."""
        self._settled.clear()
        self._given.clear()
        return len(self.operations)

    def undo(self, state: int) -> None:
        """Drop all operations since a point."""
        del self.operations[state:], self.nodes[state:]
        for live in self._settled:
            live.settled = None
        for constant, shape in self._given:
            del constant.given[shape]

    def remark(self, text: str) -> None:
        """Count something that the source has and the layers have not; `{}` in the text is the count."""
        self.remarks[text] = self.remarks.get(text, 0) + 1

    def settle(self, value: Live) -> Live:
        """The value with its axes in the order of ONNX."""
        if value.is_settled:
            return value
        if value.settled is None:
            assert value.node is not None
            order = [axis for axis in value.axes if axis != BATCH]
            moved = [axis for axis, of in enumerate(order) if axis != of]
            axes = numbered(len(value.axes), value.batch)
            if len(moved) == 2:
                result = self.emit(value.node, "transpose", [value], axes, {"axes": moved})
            else:
                result = self.emit(value.node, "permute", [value], axes, {"axes": order})
            value.settled = self.live(result.name, result.own, axes, value.dtype, value.merged)
            self._settled.append(value)
        return value.settled

    def give(self, node: Node, constant: Constant, own: Shape | None = None) -> Live:
        """An operation that gives a constant, in a shape of the same elements; without a batch axis."""
        own = own or constant.shape or (1,)
        if 0 in own:
            raise Unmatched("a tensor without elements")
        if own not in constant.given:
            if constant.is_learned:
                held = {LEARNED_TENSOR: tensor_of(constant, own)}
                result = self.emit(node, LEARNED_TENSOR, [], None, {"shape": list(own)}, tensors=held)
            else:
                result = self.emit(node, FIXED_TENSOR, [], None, {"shape": list(own)})
            result.dtype = constant.dtype
            constant.given[own] = result
            self._given.append((constant, own))
        return constant.given[own]

    def read(self, node: Node, value: Value) -> Live:
        """The value with its axes in the order of ONNX, as an operation reads it."""
        return self.settle(value) if isinstance(value, Live) else self.give(node, value)

    def without_batch(self, shape: Shape, batch: int | None, merged: Merged | None = None) -> Shape:
        """A shape of ONNX as the language has it. Raises BatchConflict where its batch axis has another size."""
        if batch is not None and shape[batch] != self.batch:
            raise BatchConflict
        own = list(shape)
        if merged is not None:
            own[merged.axis] //= self.batch
        return tuple(size for axis, size in enumerate(own) if axis != batch)


def tensor_of(constant: Constant, shape: Shape | None = None) -> Tensor:
    """The tensor of a constant, in the shape that the file has where it has as many elements."""
    wanted = constant.shape if shape is None else shape
    return Tensor(constant.name, constant.stored if prod(constant.stored) == prod(wanted) else wanted)


def _given(tensors: Mapping[str, Tensor | None] | None) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in (tensors or {}).items() if tensor is not None}
