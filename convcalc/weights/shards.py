"""A checkpoint in several files, with an index that says which file has which tensor: `model.safetensors.index.json`.

https://huggingface.co/docs/transformers: "Sharded checkpoints". The files are in the folder of the index.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from convcalc import bounds
from convcalc.arith.wording import listed
from convcalc.text.files import display_path
from convcalc.weights.checkpoint import Checkpoint, Tensor, unreadable
from convcalc.weights.safetensors import json_object

BEGINNING = b"{"
MAP = "weight_map"
MOST_FILES = 10_000
MOST_NAMES = 4  # in a message


def read(path: str, read_file: Callable[[str], Checkpoint]) -> Checkpoint:
    """The tensors of all files, in the order of the files. Raises SpecError."""
    files = _files(path)
    tensors: dict[str, Tensor] = {}
    parts = []
    for name in sorted(set(files.values())):
        part = read_file(os.path.join(os.path.dirname(path), name))
        repeated = tensors.keys() & part.tensors.keys()
        if repeated:
            raise unreadable(part.path, f"`{min(repeated)}` is in another file of {display_path(path)} too")
        absent = [each for each, file in files.items() if file == name and each not in part.tensors]
        if absent:
            more = [f"{len(absent) - MOST_NAMES} more"] if len(absent) > MOST_NAMES else []
            shown = listed([*(f"`{each}`" for each in absent[:MOST_NAMES]), *more])
            raise unreadable(part.path, f"it has no {shown}, which {display_path(path)} says is in it")
        tensors.update(part.tensors)
        parts.append(part)
    count = f"{len(parts)} files" if len(parts) > 1 else "1 file"
    left_out = list(dict.fromkeys(each for part in parts for each in part.left_out))
    return Checkpoint(path, f"{parts[0].format}, {count}", tensors, left_out, any(part.other_axes for part in parts))


def _files(path: str) -> dict[str, str]:
    """The name of the file of each tensor."""
    if os.path.getsize(path) > bounds.MAX_CHECKPOINT_BYTES:
        raise unreadable(path, "the index is too long", bounds.how_to_raise("MAX_CHECKPOINT_BYTES"))
    with open(path, "rb") as file:
        index = json_object(path, file.read(), "it")
    found = index.get(MAP)
    if not isinstance(found, dict) or not found:
        raise unreadable(path, f"it has no `{MAP}` with the file of each tensor", "give the index of a checkpoint")
    for name, file_name in found.items():
        if not isinstance(file_name, str) or file_name != os.path.basename(file_name) or "\\" in file_name:
            raise unreadable(path, f"the file of `{name[:80]}` is no file beside it: {str(file_name)[:80]!r}")
    if len(set(found.values())) > MOST_FILES:
        raise unreadable(path, f"it has more than {MOST_FILES:,} files")
    return found
