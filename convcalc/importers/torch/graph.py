"""A traced network of PyTorch: calls of functions on named tensors, as `.pt2` files and traces both have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.importers.network import Tensor


class Ref(NamedTuple):
    """An argument that is a tensor: the name of its value."""

    name: str


class Meta(NamedTuple):
    """What is known of a value: its shape with the batch axis, and the name of its type in PyTorch, `float32`."""

    shape: Shape
    dtype: str = "float32"


class Frame(NamedTuple):
    """A module that is running: its path from the network, its class, and the number of its call, from 0."""

    path: str
    kind: str
    call: int = 0


@dataclass(slots=True)
class Node:
    """A call: `operator` is the name of the function without its overload, `conv2d`.

    `outputs` are names of values; None for one that is not used. `frames` are the modules around the call, from the
    outermost, without the network itself.
    """

    operator: str
    arguments: dict[str, Any]
    outputs: list[str | None]
    frames: tuple[Frame, ...] = ()
    place: str = ""
    in_place: bool = False  # whether it changes its first argument


@dataclass(slots=True)
class Graph:
    """`parameters`, `buffers` and `constants` are the tensors that the network holds, by the value that each is."""

    name: str
    format: str
    values: dict[str, Meta]
    nodes: list[Node] = field(default_factory=list)
    parameters: dict[str, Tensor] = field(default_factory=dict)
    buffers: dict[str, Tensor] = field(default_factory=dict)
    constants: dict[str, Tensor] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)  # the value of each input, by the input's name
    outputs: list[str] = field(default_factory=list)
    readers: dict[str, list[Node]] = field(default_factory=dict)  # the calls that read each value
    is_part: bool = False  # whether a trace stopped early
    knows_ties: bool = True  # whether parameters with two names are known to be one
    remarks: list[str] = field(default_factory=list)


def refs_in(value: Any) -> list[Ref]:
    """All tensors among arguments."""
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, dict):
        return [ref for each in value.values() for ref in refs_in(each)]
    if isinstance(value, (list, tuple)):
        return [ref for each in value for ref in refs_in(each)]
    return []


def readers_of(nodes: list[Node]) -> dict[str, list[Node]]:
    """The calls that read each value."""
    readers: dict[str, list[Node]] = {}
    for node in nodes:
        for ref in refs_in(node.arguments):
            readers.setdefault(ref.name, []).append(node)
    return readers
