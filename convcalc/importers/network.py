"""The form in which every reader gives a network: its operations, in the order in which the source computes them.

The type of an operation is a layer type of the language wherever there is one, with the parameters of that type
as a spec writes them; otherwise it is the operator of the source, and `known` is false. All shapes are those of the
language: without the batch axis, channels first. Axes in parameters count in these shapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape, elements


class Module(NamedTuple):
    """A module, scope or nested model around an operation.

    `name` is its path from the module around it, `layer1` or `layers.0`; `kind` is its class, empty where the source
    does not tell. `call` counts the calls of one module, from 0.
    """

    name: str
    kind: str = ""
    call: int = 0


class Tensor(NamedTuple):
    """A parameter or a buffer of the source. Two operations with a tensor of one name share it."""

    name: str
    shape: Shape
    trainable: bool = True

    @property
    def elements(self) -> int:
        return elements(self.shape)


class Output(NamedTuple):
    """A value that an operation computes: its name among all values, its shape, and which output of the layer it is.

    `part` is empty for the output itself, and the name of a further output otherwise: h, c, indices, weights.
    """

    name: str
    shape: Shape
    part: str = ""


@dataclass(slots=True)
class Operation:
    """One operation of the source.

    `inputs` are names of values. `tensors` are its parameters and `buffers` its fixed tensors, by the name that they
    have in it: weight, bias. `modules` are the modules around it, from the outermost, without the network itself.
    `name` is its own name inside the innermost module; it is empty for an operation without a name. `place` is where
    the source has it, for messages: `node 12 (Conv_4)`, `line 7`. `lost_bias` is true where an exporter has left out a
    bias of zeros.
    """

    type: str
    inputs: list[str]
    outputs: list[Output]
    parameters: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    buffers: dict[str, Tensor] = field(default_factory=dict)
    modules: tuple[Module, ...] = ()
    name: str = ""
    place: str = ""
    known: bool = True
    lost_bias: bool = False

    @property
    def output(self) -> Output:
        return self.outputs[0]

    @property
    def params(self) -> int:
        return sum(tensor.elements for tensor in self.tensors.values())


class Input(NamedTuple):
    """An input of the network; `is_index` where its elements are whole numbers, such as words of a vocabulary."""

    name: str
    shape: Shape
    is_index: bool = False


@dataclass(slots=True)
class ForeignNetwork:
    """A network as its source states it.

    `format` is what it was read from: `ONNX, opset 17`. `outputs` are names of values. `macs` are those that the source
    itself states; None where it does not. `remarks` are sentences about what the source has lost or left out.
    """

    name: str
    format: str
    inputs: list[Input]
    outputs: list[str]
    operations: list[Operation]
    macs: int | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def own_tensors(self) -> dict[str, Tensor]:
        """Every parameter that an operation has, once, by its name."""
        return {tensor.name: tensor for each in self.operations for tensor in each.tensors.values()}

    @property
    def params(self) -> int:
        """How many parameters the operations have; shared ones count once."""
        return sum(tensor.elements for tensor in self.own_tensors.values())
