"""What an ONNX file holds, as plain values: graphs, nodes, functions, and tensors without their large data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape

FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, FLOAT16, DOUBLE, UINT32, UINT64 = range(1, 14)
BFLOAT16 = 16
INTEGERS = frozenset((UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64, BOOL))

Numbers = Sequence[Any]


class StoredTensor(NamedTuple):
    """A tensor of the file; `data` are its numbers, None where there are too many or they are in another file."""

    name: str
    shape: Shape
    dtype: int
    data: Numbers | None


class ValueInfo(NamedTuple):
    """The stated type of a value; a size is None where it is unknown, and a text where it is symbolic.

    The weights that `convcalc export` writes as inputs have a note.
    """

    name: str
    sizes: tuple[int | str | None, ...] | None
    dtype: int
    note: str = ""


class Reference(NamedTuple):
    """The value of an attribute of a function, which its caller gives."""

    name: str


@dataclass(slots=True, eq=False)
class Node:
    """A node. `index` is its number in the file; `scope` are names of the functions that it is inlined from."""

    operator: str
    domain: str
    name: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]
    metadata: dict[str, str]
    index: int
    overload: str = ""
    scope: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"node {self.index} ({self.name or self.operator})"


@dataclass(slots=True, eq=False)
class OnnxGraph:
    """A graph or a subgraph."""

    name: str = ""
    nodes: list[Node] = field(default_factory=list)
    tensors: list[StoredTensor] = field(default_factory=list)
    inputs: list[ValueInfo] = field(default_factory=list)
    outputs: list[ValueInfo] = field(default_factory=list)
    values: list[ValueInfo] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Function:
    """A local function: its nodes, and the names of its inputs, outputs and attributes."""

    name: str = ""
    domain: str = ""
    overload: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    defaults: dict[str, Any] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """By what a node calls it."""
        return self.domain, self.name, self.overload


@dataclass(slots=True, eq=False)
class Model:
    """A whole file."""

    path: str
    producer: str = ""
    graph: OnnxGraph | None = None
    opsets: dict[str, int] = field(default_factory=dict)
    functions: dict[tuple[str, str, str], Function] = field(default_factory=dict)

    @property
    def opset(self) -> int:
        """The version of ONNX's own operators."""
        return self.opsets.get("", 0)
