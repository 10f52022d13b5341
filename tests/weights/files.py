"""Files of weights that tests make by hand: safetensors, and pickles from their operations."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from convcalc.weights.torch_file import MAGIC, VERSION


def safetensors(shapes: Mapping[str, Sequence[int]], **other: Any) -> bytes:
    """A file with tensors of these shapes in float16; `other` are entries of the header as they are."""
    header: dict[str, Any] = {}
    at = 0
    for name, shape in shapes.items():
        size = 2 * prod(shape)
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps({**header, **other}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(at)


def operations(*parts: str | int | bytes) -> bytes:
    """A pickle from its operations: bytes as they are, a text as a value, a small number as a value."""
    written = b""
    for part in parts:
        if isinstance(part, bytes):
            written += part
        elif isinstance(part, str):
            written += b"X" + len(part.encode()).to_bytes(4, "little") + part.encode()
        else:
            written += b"J" + part.to_bytes(4, "little", signed=True)
    return b"\x80\x02" + written + b"."


def loaded_name(module: str, name: str) -> bytes:
    """The operation that loads a name of a module."""
    return f"c{module}\n{name}\n".encode()


def tensor(shape: Sequence[int], kind: str = "FloatStorage") -> list[str | int | bytes]:
    """The operations that make a tensor as torch.save writes it."""
    storage: list[str | int | bytes] = [b"((", "storage", loaded_name("torch", kind), "0", "cpu", prod(shape), b"tQ"]
    sizes: list[str | int | bytes] = [b"(", *shape, b"t"]
    rest: list[str | int | bytes] = [
        b"(",
        *[1] * len(shape),
        b"t\x89",
        loaded_name("collections", "OrderedDict"),
        b")Rt",
    ]
    return [loaded_name("torch._utils", "_rebuild_tensor_v2"), *storage, 0, *sizes, *rest, b"R"]


def archive(pickle: bytes, name: str = "model/data.pkl") -> bytes:
    """A file of torch.save without its weights."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr(name, pickle)
        opened.writestr("model/version", "3\n")
    return file.getvalue()


def old_file(pickle: bytes) -> bytes:
    """A file in the format before torch 1.6, without its weights."""
    magic = b"\x80\x02\x8a\n" + MAGIC.to_bytes(10, "little") + b"."
    return magic + operations(VERSION) + operations(b"}") + pickle + operations(b"]")
