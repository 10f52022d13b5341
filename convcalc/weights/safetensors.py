"""Files of safetensors: 8 bytes with the length of the header, the header as JSON, then the weights, which stay unread.

https://huggingface.co/docs/safetensors: "Format".
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from convcalc import bounds
from convcalc.arith.shape import elements
from convcalc.weights.checkpoint import Checkpoint, Tensor, unreadable

LENGTH_BYTES = 8
METADATA = "__metadata__"
# The bits of an element, by the name of its type.
BITS = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "C64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
        "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4, "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32,
        "U16": 16, "U8": 8, "BOOL": 8}  # fmt: skip
WHOLE = ("I", "U", "BOOL")


def is_header(beginning: bytes) -> bool:
    """Whether a file may begin so: with the length of a header that is not too long."""
    return len(beginning) == LENGTH_BYTES and 2 <= int.from_bytes(beginning, "little") <= bounds.MAX_CHECKPOINT_BYTES


def read(path: str) -> Checkpoint:
    """The tensors of a file, in the order of their weights. Raises SpecError."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        if size < LENGTH_BYTES or length > size - LENGTH_BYTES:
            raise unreadable(path, f"the file ends at byte {size:,}, before its header does")
        if length > bounds.MAX_CHECKPOINT_BYTES:
            raise unreadable(path, f"its header has {length:,} bytes", bounds.how_to_raise("MAX_CHECKPOINT_BYTES"))
        header = json_object(path, file.read(length), "its header")
    data = size - LENGTH_BYTES - length
    entries = [(name, _entry(path, name, entry, data)) for name, entry in header.items() if name != METADATA]
    entries.sort(key=lambda each: each[1][0])
    if sum(end - start for _, (start, end, _) in entries) > data:
        raise unreadable(path, f"its tensors have more bytes than the {data:,} behind the header")
    return Checkpoint(path, "safetensors", {name: tensor for name, (_, _, tensor) in entries})


def json_object(path: str, text: bytes, what: str) -> Mapping[str, Any]:
    """The JSON object that a text is; `what` has the text, in messages. Raises SpecError."""
    inside = "" if what == "it" else f" of {what}"
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_without_repetition)
    except RecursionError:
        raise unreadable(path, f"the JSON{inside} is nested too deep") from None
    except ValueError as error:  # of JSON, of its encoding, or of a number of thousands of digits
        raise unreadable(path, f"the JSON{inside} is broken: {error}") from None
    if not isinstance(found, dict):
        raise unreadable(path, f"{what} is no JSON object")
    return found


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _entry(path: str, name: str, entry: Any, data: int) -> tuple[int, int, Tensor]:
    """The place of the bytes of a tensor, and the tensor."""
    if not isinstance(entry, dict) or not {"dtype", "shape", "data_offsets"} <= entry.keys():
        raise unreadable(path, f"`{name}` in its header has no dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in (BITS if isinstance(dtype, str) else ()):
        raise unreadable(path, f"`{name}` in its header has the unknown type `{str(dtype)[:40]}`")
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        raise unreadable(path, f"`{name}` in its header has a shape or data_offsets that are no sizes")
    start, end = offsets
    if not start <= end <= data:
        raise unreadable(path, f"`{name}` is at the bytes {start:,} to {end:,} of {data:,}")
    needed = -(-elements(tuple(shape)) * BITS[dtype] // 8)
    if end - start != needed:
        raise unreadable(path, f"`{name}` has {end - start:,} bytes, and its shape needs {needed:,}")
    return start, end, Tensor(tuple(shape), dtype.startswith(WHOLE))


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(size) is int and 0 <= size < 2**63 for size in value)
