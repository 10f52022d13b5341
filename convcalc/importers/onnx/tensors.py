"""Tensors of an ONNX file: their shapes, and the numbers of small ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any

from convcalc.bounds import MAX_CONSTANT_ELEMENTS
from convcalc.importers.onnx.model import (
    BFLOAT16,
    BOOL,
    DOUBLE,
    FLOAT,
    FLOAT16,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Numbers,
    StoredTensor,
)  # fmt: skip
from convcalc.importers.onnx.wire import Span, Wire

MAX_AXES = 64
# How the module struct names the numbers of `raw_data`.
_FORMS = {
    FLOAT: "f", UINT8: "B", INT8: "b", UINT16: "H", INT16: "h", INT32: "i", INT64: "q", BOOL: "?", FLOAT16: "e",
    DOUBLE: "d", UINT32: "I", UINT64: "Q",
}  # fmt: skip


def read_sparse_tensor(wire: Wire, span: Span) -> StoredTensor:
    """A sparse tensor, without its numbers."""
    shape: list[int] = []
    values: StoredTensor | None = None
    for number, value in wire.fields(span):
        if number == 1:
            values = read_tensor(wire, wire.span(value))
        elif number == 3:
            shape += wire.integers(value)
    return StoredTensor(values.name if values else "", _shape(wire, shape, span), values.dtype if values else 1, None)


def read_tensor(wire: Wire, span: Span) -> StoredTensor:
    """A tensor, with its numbers where they are few."""
    name, dtype, shape = "", 0, list[int]()
    is_external = False
    raw: Span | None = None
    typed: list[tuple[int, int | Span]] = []
    for number, value in wire.fields(span):
        if number == 1:
            shape += wire.integers(value)
        elif number == 2 and isinstance(value, int):
            dtype = value
        elif number == 8:
            name = wire.text(value)
        elif number == 9:
            raw = wire.span(value)
        elif number in (4, 5, 7, 10, 11):
            typed.append((number, value))
        elif number == 14:
            is_external = value == 1
    sizes = _shape(wire, shape, span)
    data = None
    if not is_external and prod(sizes) <= MAX_CONSTANT_ELEMENTS:
        data = _data(wire, dtype, prod(sizes), raw, typed)
    return StoredTensor(name, sizes, dtype, data)


def _shape(wire: Wire, shape: list[int], span: Span) -> tuple[int, ...]:
    if len(shape) > MAX_AXES or any(not 0 <= size < 2**48 for size in shape):
        wire.refuse(f"the tensor at byte {span.start:,} has an impossible shape")
    return tuple(shape)


class StoredNumbers(Sequence[Any]):
    """The numbers of a field, of one form, which are read when they are needed: those of few weights are."""

    def __init__(self, wire: Wire, field: int | Span, form: str) -> None:
        self._wire = wire
        self._field = field
        self._form = form
        self._count = wire.count(field, form)

    @cached_property
    def _all(self) -> list[Any]:
        return self._wire.numbers(self._field, self._form)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        return self._all[place]


def _data(wire: Wire, dtype: int, count: int, raw: Span | None, typed: list[tuple[int, int | Span]]) -> Numbers | None:
    """The numbers of a small tensor; None where they are not of a type that is needed."""
    found: Numbers
    if raw is not None and raw.stop > raw.start:
        form = _FORMS.get(dtype)
        if form is None:
            return None
        found = StoredNumbers(wire, raw, form)
    else:
        found = _typed(wire, typed)
        if dtype in (FLOAT16, BFLOAT16) and found:
            return None  # their bits are in integers
    if not found and count:
        return None
    if len(found) != count:
        wire.refuse(f"a tensor of {count:,} elements holds {len(found):,} numbers")
    return found


def _typed(wire: Wire, typed: list[tuple[int, int | Span]]) -> Numbers:
    """The numbers in the fields for numbers of a type; none where there are too many of them."""
    found: list[Any] = []
    for number, value in typed:
        if isinstance(value, Span) and value.stop - value.start > 12 * MAX_CONSTANT_ELEMENTS:
            return ()
        if number in (4, 10):
            numbers = StoredNumbers(wire, value, "f" if number == 4 else "d")
            if len(typed) == 1:
                return numbers
            found += numbers
        else:
            found += wire.integers(value)
    return found
