"""Writes small ONNX files by the wire format, without the onnx package."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from convcalc.importers.inputs import given_inputs
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.onnx.reader import read

FLOAT, INT64, BOOL = 1, 7, 9
Sizes = Sequence[int | str]


class Graph(bytes):
    """The bytes of a graph, for an attribute that holds one."""


class Weight(NamedTuple):
    """An initializer of floats, of which the file has no numbers."""

    name: str
    shape: Sequence[int]


def varint(number: int) -> bytes:
    number %= 2**64
    result = b""
    while number > 127:
        result += bytes([number & 127 | 128])
        number >>= 7
    return result + bytes([number])


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: an integer, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, values: Any, shape: Sequence[int] | None = None, dtype: int = 0) -> bytes:
    """A tensor with its numbers; whole numbers are of 64 bits, others floats."""
    numbers = list(values) if isinstance(values, (list, tuple)) else [values]
    sizes = ([len(numbers)] if isinstance(values, (list, tuple)) else []) if shape is None else shape
    is_float = any(isinstance(number, float) for number in numbers)
    form = "f" if is_float else "?" if dtype == BOOL else "q"
    data = struct.pack(f"<{len(numbers)}{form}", *numbers)
    dims = b"".join(field(1, size) for size in sizes)
    return dims + field(2, dtype or (FLOAT if is_float else INT64)) + field(8, name) + field(9, data)


def weight(name: str, shape: Sequence[int]) -> bytes:
    """A tensor whose numbers are in another file."""
    dims = b"".join(field(1, size) for size in shape)
    return dims + field(2, FLOAT) + field(8, name) + field(14, 1)


def attribute(name: str, value: Any) -> bytes:
    start = field(1, name)
    if isinstance(value, bool | int):
        return start + field(3, int(value)) + field(20, 2)
    if isinstance(value, float):
        return start + varint(2 << 3 | 5) + struct.pack("<f", value) + field(20, 1)
    if isinstance(value, str):
        return start + field(4, value) + field(20, 3)
    if isinstance(value, Graph):
        return start + field(6, value) + field(20, 5)
    if isinstance(value, bytes):
        return start + field(5, value) + field(20, 4)
    return start + b"".join(field(8, each) for each in value) + field(20, 7)


def node(
    operator: str,
    inputs: str,
    outputs: str,
    *,
    name: str = "",
    domain: str = "",
    metadata: Mapping[str, str] | None = None,
    **attributes: Any,
) -> bytes:
    """A node; names are separated by blanks, and `-` is one that is left out."""
    read = b"".join(field(1, "" if each == "-" else each) for each in inputs.split())
    given = b"".join(field(2, "" if each == "-" else each) for each in outputs.split())
    known = b"".join(field(5, attribute(key, value)) for key, value in attributes.items())
    told = b"".join(field(9, field(1, key) + field(2, value)) for key, value in (metadata or {}).items())
    return read + given + field(3, name) + field(4, operator) + known + field(7, domain) + told


def value_info(name: str, sizes: Sizes | None, dtype: int = FLOAT) -> bytes:
    if sizes is None:
        return field(1, name)
    dims = b"".join(field(1, field(1, each) if isinstance(each, int) else field(2, each)) for each in sizes)
    return field(1, name) + field(2, field(1, field(1, dtype) + field(2, dims)))


def graph(
    nodes: Sequence[bytes],
    inputs: Mapping[str, Sizes | tuple[Sizes, int]],
    outputs: Mapping[str, Sizes | None] | str,
    tensors: Sequence[bytes | Weight] = (),
    values: Mapping[str, Sizes] | None = None,
) -> Graph:
    """A graph; an input is its sizes, or these and a type. Outputs by name alone have no stated sizes."""
    given = {name: each if isinstance(each, tuple) else (each, FLOAT) for name, each in inputs.items()}
    wanted = dict.fromkeys(outputs.split()) if isinstance(outputs, str) else outputs
    parts = [field(1, each) for each in nodes]
    parts += [field(5, weight(*each) if isinstance(each, Weight) else each) for each in tensors]
    parts += [field(11, value_info(name, sizes, dtype)) for name, (sizes, dtype) in given.items()]
    parts += [field(12, value_info(name, sizes)) for name, sizes in wanted.items()]
    parts += [field(13, value_info(name, sizes)) for name, sizes in (values or {}).items()]
    return Graph(b"".join(parts))


def model(content: Graph, opset: int = 17, producer: str = "", functions: Sequence[bytes] = ()) -> bytes:
    """A whole file."""
    start = field(1, 8) + (field(2, producer) if producer else b"")
    return start + field(7, content) + field(8, field(2, opset)) + b"".join(field(25, each) for each in functions)


def function(name: str, inputs: str, outputs: str, nodes: Sequence[bytes], domain: str = "local") -> bytes:
    """A local function."""
    names = b"".join(field(4, each) for each in inputs.split()) + b"".join(field(5, each) for each in outputs.split())
    return field(1, name) + names + b"".join(field(7, each) for each in nodes) + field(10, domain)


def network(folder: Path, content: bytes, input: Any = None, **options: bool) -> ForeignNetwork:
    """What the reader makes of a file with this content."""
    path = folder / "net.onnx"
    path.write_bytes(content)
    return read(str(path), given_inputs(input), **options)


def types(found: ForeignNetwork) -> list[str]:
    return [operation.type for operation in found.operations]


def params(found: ForeignNetwork) -> int:
    """The parameters of a network, each tensor once."""
    tensors = {each.name: each.shape for operation in found.operations for each in operation.tensors.values()}
    return sum(prod(shape) for shape in tensors.values())
