"""The wire format of protocol buffers: the fields of a message between two bytes of a file, read where they are needed.

A field with a length is given as a range of bytes, so that what is not needed, such as weights, is never read.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from convcalc.errors import SpecError
from convcalc.problems import Problem, Where

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_RELEASED_AFTER = 2**20  # bytes: then memory is given back
_SIZES = {_FIXED64: 8, _FIXED32: 4}


class Span(NamedTuple):
    """A range of bytes."""

    start: int
    stop: int


class Wire:
    """The bytes of one file, and where it is for messages."""

    def __init__(self, data: bytes | mmap.mmap, path: str) -> None:
        self.data = data
        self.path = path
        self._passed = 0  # bytes since memory was given back

    def fields(self, span: Span) -> Iterator[tuple[int, int | Span]]:
        """The fields of a message: each number with its integer, or with the range of its bytes."""
        at, stop = span
        while at < stop:
            key, at = self.varint(at, stop)
            number, kind = key >> 3, key & 7
            if kind == _VARINT:
                value, at = self.varint(at, stop)
                yield number, value
                continue
            if kind == _BYTES:
                size, at = self.varint(at, stop)
            elif kind in _SIZES:
                size = _SIZES[kind]
            else:
                self.refuse(f"the field at byte {at - 1:,} has the unknown wire type {kind}")
            if size > stop - at:
                self.refuse(f"the field at byte {at:,} is {size:,} bytes long; its message ends {stop - at:,} bytes on")
            yield number, Span(at, at + size)
            at += size
            self._passed += size
            if self._passed > _RELEASED_AFTER:
                self._release()

    def _release(self) -> None:
        """Give pages of the file back: around what is skipped, the system has read ahead."""
        self._passed = 0
        if isinstance(self.data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self.data.madvise(mmap.MADV_DONTNEED)

    def varint(self, at: int, stop: int) -> tuple[int, int]:
        """The integer at a byte, and the byte after it."""
        data = self.data
        if at < stop and data[at] < 128:
            return data[at], at + 1
        result = shift = 0
        start = at
        while at < stop and shift < 70:
            byte = data[at]
            at += 1
            result |= (byte & 127) << shift
            if byte < 128:
                return result & 0xFFFF_FFFF_FFFF_FFFF, at
            shift += 7
        return self.refuse(f"the integer at byte {start:,} has no end")

    def integers(self, value: int | Span) -> list[int]:
        """The signed integers of a repeated field, packed or by itself."""
        if isinstance(value, int):
            return [signed(value)]
        found = []
        at = value.start
        while at < value.stop:
            number, at = self.varint(at, value.stop)
            found.append(signed(number))
        return found

    def numbers(self, value: int | Span, form: str) -> list[float]:
        """The numbers of a repeated field of fixed size; `form` is that of the module struct."""
        count, span = self.count(value, form), self.span(value)
        return list(struct.unpack(f"<{count}{form}", self.data[span.start : span.stop]))

    def count(self, value: int | Span, form: str) -> int:
        """How many numbers such a field has."""
        if isinstance(value, int):
            self.refuse("a number has the form of an integer")
        size = struct.calcsize(form)
        if (value.stop - value.start) % size:
            self.refuse(f"the numbers at byte {value.start:,} are not of {size} bytes each")
        return (value.stop - value.start) // size

    def text(self, value: int | Span) -> str:
        """The text of a field."""
        span = self.span(value)
        try:
            return self.data[span.start : span.stop].decode()
        except UnicodeDecodeError as error:
            self.refuse(f"the text at byte {span.start + error.start:,} is not UTF-8")

    def span(self, value: int | Span) -> Span:
        """The bytes of a field that must have some."""
        if isinstance(value, int):
            self.refuse("a message has the form of an integer")
        return value

    def refuse(self, message: str, help: str = "") -> NoReturn:
        """Raise SpecError for this file."""
        raise unreadable(self.path, message, help)


def signed(value: int) -> int:
    """The two's complement of 64 bits that an integer is.

    >>> signed(2**64 - 1)
    -1
    """
    return value - 2**64 if value >= 2**63 else value


def unreadable(path: str, message: str, help: str = "") -> SpecError:
    """The error for a file that cannot be read."""
    return SpecError([Problem("unreadable-file", message, Where(path), help=help)])
