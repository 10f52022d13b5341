"""Reads a file of weights. Which format it has is seen from its content, because endings are used for several."""

from __future__ import annotations

import os
from functools import partial

from convcalc.importers.torch.archive import check_directory
from convcalc.weights import hdf5, safetensors, shards, torch_file
from convcalc.weights.checkpoint import Checkpoint, unreadable

ARCHIVE = b"PK\x03\x04"
HDF5 = b"\x89HDF\r\n\x1a\n"
PICKLE = b"\x80"  # the first byte of a pickle of protocol 2 or newer
KERAS_ENDING = ".keras"
HELP = "give a file of safetensors, torch.save or Keras"


def read(path: str) -> Checkpoint:
    """The tensors of a file. Raises SpecError for any other file. Nothing in the file is run."""
    found = _read(path)
    if not found.tensors:
        raise unreadable(path, "there is no tensor in it", HELP)
    return found


def _read(path: str, *, is_shard: bool = False) -> Checkpoint:
    if not os.path.isfile(path):
        message = "this is not a regular file" if os.path.exists(path) else "there is no such file"
        raise unreadable(path, message)
    try:
        with open(path, "rb") as file:
            beginning = file.read(len(HDF5))
        if beginning.startswith(ARCHIVE):
            with open(path, "rb") as file:
                check_directory(path, file, HELP)
            return hdf5.read_archive(path) if hdf5.is_archive(path) else torch_file.read_archive(path)
        if beginning == HDF5:
            return hdf5.read(path)
        if path.endswith(".safetensors") or safetensors.is_header(beginning):
            return safetensors.read(path)
        if beginning.startswith(PICKLE):
            return torch_file.read_pickles(path)
        if beginning.lstrip().startswith(shards.BEGINNING):
            if is_shard:
                raise unreadable(path, "an index names it as a file of tensors, and it is an index")
            return shards.read(path, partial(_read, is_shard=True))
    except OSError as error:
        raise unreadable(path, f"the file cannot be read: {error.strerror or error}") from None
    raise unreadable(path, "this is no file of weights that is known", HELP)
