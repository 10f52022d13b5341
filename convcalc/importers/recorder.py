"""Collects operations while a reader walks through the layers of a source, and checks what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from convcalc import bounds
from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import SpecError, UsageError
from convcalc.importers.defaults import only_set
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import Module, Operation, Output, Tensor
from convcalc.problems import Problem, Where
from convcalc.text.files import read_file
from convcalc.text.source import Source

LARGEST_SIZE = 2**31 - 1  # sizes are 32-bit numbers in darknet and in Caffe


class Recorder:
    """The operations of a network, and the shapes of all values by name."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.operations: list[Operation] = []
        self.shapes: dict[str, Shape] = {}
        self.tensors: dict[str, Shape] = {}
        self.remarks: list[str] = []

    def refusal(self, message: str, where: Where, help: str = "") -> SpecError:
        """The error of a source that cannot be read."""
        return SpecError([Problem("unreadable-file", message, where, help=help)])

    def remark(self, text: str) -> None:
        """Note what the spec does not say of the source; once for all layers."""
        if text not in self.remarks:
            self.remarks.append(text)

    def check(self, shape: Shape, where: Where) -> None:
        """Raise SpecError where a shape is none."""
        if any(size < 1 for size in shape):
            raise self.refusal(f"the output would be {format_shape(shape)}: the window does not fit the input", where)
        if any(size > LARGEST_SIZE for size in shape):
            raise self.refusal(f"the output would be {format_shape(shape)}: sizes go up to {LARGEST_SIZE:,}", where)

    def add(
        self,
        type: str,
        inputs: Sequence[str],
        shape: Shape,
        where: Where,
        /,
        *,
        modules: tuple[Module, ...] = (),
        name: str = "",
        known: bool = True,
        tensors: dict[str, Tensor] | None = None,
        buffers: dict[str, Tensor] | None = None,
        **parameters: Any,
    ) -> str:
        """Record an operation; the name of its output among all values."""
        self.check(shape, where)
        for tensor in (tensors or {}).values():
            self.check(tensor.shape, where)
            if self.tensors.setdefault(tensor.name, tensor.shape) != tensor.shape:
                message = (
                    f"the shared parameter {tensor.name} is {format_shape(self.tensors[tensor.name])} in an earlier"
                )
                raise self.refusal(f"{message} layer and {format_shape(tensor.shape)} here", where)
        if len(self.operations) >= bounds.MAX_NETWORK_TEXT_LAYERS:
            message = f"the network has more than {bounds.MAX_NETWORK_TEXT_LAYERS:,} operations"
            raise self.refusal(message, where, bounds.how_to_raise("MAX_NETWORK_TEXT_LAYERS"))
        value = f"{len(self.operations)}:{type}"
        self.shapes[value] = shape
        self.operations.append(
            Operation(
                type,
                list(inputs),
                [Output(value, shape)],
                only_set(type, parameters) if known else {},
                tensors or {},
                buffers or {},
                modules,
                name,
                f"line {where.line}",
                known,
            )
        )
        return value

    def finished(self) -> list[Operation]:
        """All operations. An operation that is alone in its layer has the layer's name, without one of its own."""
        alone = Counter(each.modules for each in self.operations)
        for operation in self.operations:
            if alone[operation.modules] == 1:
                operation.name = ""
        return self.operations


def read_text(path: str) -> Source:
    """The text of a network. Raises SpecError where it cannot be read, or is far larger than any network."""
    source = read_file(path, lambda: ())
    if len(source.text) > bounds.MAX_NETWORK_TEXT_BYTES:
        message = f"the file has {len(source.text):,} characters"
        help = bounds.how_to_raise("MAX_NETWORK_TEXT_BYTES")
        raise SpecError([Problem("unreadable-file", message, Where(source.name), help=help)])
    return source


def given_shapes(inputs: GivenInputs, names: Sequence[str]) -> dict[str, Shape]:
    """The shapes of `--input` for inputs of these names. Raises UsageError where they do not belong together."""
    if inputs is None:
        return {}
    if isinstance(inputs, dict):
        unknown = [name for name in inputs if name not in names]
        if unknown:
            raise UsageError(f"the network has no input `{unknown[0]}`", f"its inputs are {', '.join(names)}")
        return {name: given.shape for name, given in inputs.items()}
    if len(inputs) > len(names):
        raise UsageError(f"--input has {len(inputs)} shapes, the network has {len(names)} inputs")
    return {name: given.shape for name, given in zip(names, inputs)}
