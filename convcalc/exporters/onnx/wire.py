"""Writes the messages of protocol buffers that an ONNX file is made of."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

FLOAT, INT64, BOOL = 1, 7, 9
_OF_FLOAT, _OF_INT, _OF_STRING, _OF_TENSOR, _OF_INTS, _OF_STRINGS = 1, 2, 3, 4, 7, 8


def varint(number: int) -> bytes:
    """A whole number; a negative one as 64 bits.

    >>> varint(300).hex()
    'ac02'
    """
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def field(number: int, value: int | float | str | bytes) -> bytes:
    """A field: a whole number, a float of 32 bits, a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode("utf-8") if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def entry(key: str, value: str) -> bytes:
    """A pair of texts."""
    return field(1, key) + field(2, value)


def attribute(name: str, value: Any) -> bytes:
    """An attribute of a node; bytes are a tensor."""
    head = field(1, name)
    if isinstance(value, bytes):
        return head + field(5, value) + field(20, _OF_TENSOR)
    if isinstance(value, float):
        return head + field(2, value) + field(20, _OF_FLOAT)
    if isinstance(value, int):
        return head + field(3, int(value)) + field(20, _OF_INT)
    if isinstance(value, str):
        return head + field(4, value) + field(20, _OF_STRING)
    if value and isinstance(value[0], str):
        return head + b"".join(field(9, each) for each in value) + field(20, _OF_STRINGS)
    return head + b"".join(field(8, int(each)) for each in value) + field(20, _OF_INTS)


def node(
    operator: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    name: str,
    attributes: dict[str, Any],
    namespace: str = "",
) -> bytes:
    """A node; its scopes are in its metadata."""
    return b"".join([
        *(field(1, each) for each in inputs),
        *(field(2, each) for each in outputs),
        field(3, name),
        field(4, operator),
        *(field(5, attribute(key, value)) for key, value in attributes.items()),
        *([field(9, entry("namespace", namespace))] if namespace else []),
    ])  # fmt: skip


def value_info(name: str, shape: Sequence[int | str], dtype: int, note: str = "") -> bytes:
    """The type of a value; a size that is a text is open."""
    sizes = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in shape)
    kind = field(1, field(1, dtype) + field(2, sizes))
    return field(1, name) + field(2, kind) + (field(3, note) if note else b"")


def constant(name: str, values: Sequence[int] | Sequence[float], shape: Sequence[int], dtype: int) -> bytes:
    """A node that gives a tensor of numbers, which is no weight."""
    return node("Constant", [], [name], name, {"value": tensor(values, shape, dtype)})


def tensor(values: Sequence[int] | Sequence[float], shape: Sequence[int], dtype: int) -> bytes:
    """A tensor with its numbers."""
    data = struct.pack(f"<{len(values)}{'q' if dtype == INT64 else 'f'}", *values)
    return b"".join(field(1, size) for size in shape) + field(2, dtype) + field(9, data)
