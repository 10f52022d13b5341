"""A layer of Caffe while it is read: what it reads, and the operations that it becomes."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import SpecError
from convcalc.importers.caffe.net import Blob, Definition
from convcalc.importers.caffe.prototext import Message, refusal
from convcalc.importers.network import Module, Tensor
from convcalc.importers.recorder import Recorder


class Layer:
    """One layer. `inputs` are the names of the values of its bottoms, `value` is the first and what it becomes.

    Axes of Caffe count the batch, those of shapes here do not. `outputs` are the values of its tops, where there are
    several.
    """

    def __init__(self, recorder: Recorder, definition: Definition, inputs: list[str]) -> None:
        self.recorder = recorder
        self.definition = definition
        self.inputs = inputs
        self.value = inputs[0] if inputs else ""
        self.outputs: list[str] = []
        self.module = Module(definition.name.replace(".", "_"), definition.type)  # a dot would be a module in a module

    @property
    def shape(self) -> Shape:
        return self.shape_of(self.value)

    def shape_of(self, value: str) -> Shape:
        return self.recorder.shapes[value]

    def parameters(self, *names: str) -> Message:
        return self.definition.parameters(*names)

    def refusal(self, message: str, help: str = "") -> SpecError:
        subject = f"{self.definition.name} ({self.definition.type})"
        return refusal(f"{subject}: {message}", self.definition.where, help)

    def add(self, type: str, shape: Shape | None = None, /, *, name: str = "", **others: Any) -> str:
        """Record an operation that reads `inputs`, by default the layer's value, which its output then is."""
        inputs = others.pop("inputs", [self.value])
        shape = self.shape_of(inputs[0]) if shape is None else shape
        self.value = self.recorder.add(
            type, inputs, shape, self.definition.where, modules=(self.module,), name=name, **others
        )
        return self.value

    def prepare(self, type: str, shape: Shape, /, **parameters: Any) -> None:
        """Record an operation that Caffe does silently: it is none of the layer's, and has no name."""
        self.value = self.recorder.add(
            type, [self.value], shape, self.definition.where, **parameters
        )  # fmt: skip

    def tensor(self, index: int, term: str, shape: Shape) -> Tensor:
        """The parameter tensor of a number."""
        blobs = self.definition.blobs
        blob = blobs[index] if index < len(blobs) else Blob()
        return Tensor(blob.name or f"{self.definition.name}.{term}", shape, blob.is_trainable)

    def axis(self, message: Message, name: str, default: int = 1) -> int:
        """An axis of the first bottom, without the batch. A layer may not work on the batch."""
        axis = message.integer(name, default, -64)
        axis = axis + len(self.shape) + 1 if axis < 0 else axis
        if not 1 <= axis <= len(self.shape):
            raise self.refusal(f"{name} {axis} is no axis of {format_shape(self.shape)} after the batch")
        return axis - 1

    def flatten_from(self, axis: int) -> Shape:
        """Join all axes from this one on."""
        if axis < len(self.shape) - 1:
            self.prepare("flatten", (*self.shape[:axis], prod(self.shape[axis:])), start_axis=axis)
        return self.shape

    def channels(self) -> int:
        """The size of the first axis."""
        if not self.shape:
            raise self.refusal("its input has no channels")
        return self.shape[0]

    def expect(self, count: int) -> None:
        """Refuse a layer that reads fewer values."""
        if len(self.inputs) < count:
            raise self.refusal(f"it reads {count} values, and {len(self.inputs)} are given")
