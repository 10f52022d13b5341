"""The tensors of an ONNX file: weights are not read, and wrong ones are refused."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from convcalc.errors import SpecError
from convcalc.importers.onnx.model import DOUBLE, FLOAT, INT64
from convcalc.importers.onnx.tensors import read_tensor
from convcalc.importers.onnx.wire import Span, Wire


class CountedWire(Wire):
    """A wire that counts how often numbers are read."""

    reads = 0

    def numbers(self, value: int | Span, form: str) -> list[float]:
        self.reads += 1
        return super().numbers(value, form)


def tensor(dtype: int, shape: list[int], field: int, data: bytes) -> tuple[CountedWire, Span]:
    """A tensor message whose field `field` has these bytes."""
    message = b"".join([b"\x08" + bytes([size]) for size in shape]) + b"\x10" + bytes([dtype])
    message += bytes([field << 3 | 2, len(data)]) + data
    return CountedWire(message, "net.onnx"), Span(0, len(message))


@pytest.mark.parametrize(
    ("dtype", "field", "form", "numbers"),
    [
        (FLOAT, 9, "<3f", [0.5, -2.0, 4.0]),
        (INT64, 9, "<3q", [-1, 0, 2**40]),
        (FLOAT, 4, "<3f", [0.5, -2.0, 4.0]),
        (DOUBLE, 10, "<3d", [0.1, 0.2, 0.3]),
    ],
)
def test_numbers_are_read_when_they_are_needed(dtype: int, field: int, form: str, numbers: list[Any]) -> None:
    wire, span = tensor(dtype, [3], field, struct.pack(form, *numbers))
    data = read_tensor(wire, span).data
    assert data is not None
    assert len(data) == 3
    assert wire.reads == 0
    assert list(data) == numbers
    assert data[1] == numbers[1]
    assert data[1:] == numbers[1:]
    assert wire.reads == 1


@pytest.mark.parametrize(
    ("shape", "data", "message"),
    [
        ([3], struct.pack("<2f", 1, 2), "a tensor of 3 elements holds 2 numbers"),
        ([2], struct.pack("<2f", 1, 2)[:-1], "are not of 4 bytes each"),
    ],
)
@pytest.mark.parametrize("field", [4, 9])
def test_wrong_numbers_are_refused_unread(shape: list[int], data: bytes, message: str, field: int) -> None:
    wire, span = tensor(FLOAT, shape, field, data)
    with pytest.raises(SpecError, match=message):
        read_tensor(wire, span)
    assert wire.reads == 0
