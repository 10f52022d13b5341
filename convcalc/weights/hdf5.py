"""Weights of Keras: HDF5 files, by themselves or in a `.keras` archive. h5py reads them; it is an option."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from importlib import util
from typing import Any

from convcalc import bounds
from convcalc.weights.checkpoint import Checkpoint, Tensor, unreadable

WEIGHTS = "model.weights.h5"
# Groups without weights of the network.
LEFT_OUT = ("optimizer", "optimizer_weights", "top_level_model_weights")
# A dropout of Keras keeps the state of its random numbers.
SEEDS = "seed_generator"
PIECE_BYTES = 2**20
NEEDS_H5PY = "`pip install h5py`, or save the weights as safetensors"


def is_archive(path: str) -> bool:
    """Whether a zip archive holds weights of Keras."""
    try:
        with zipfile.ZipFile(path) as archive:
            return WEIGHTS in archive.NameToInfo
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        return False


def read_archive(path: str) -> Checkpoint:
    """The tensors of a `.keras` file. Raises SpecError."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(WEIGHTS) as stream, tempfile.TemporaryFile() as copy:
            # h5py jumps within the file, and most archives are compressed.
            while piece := stream.read(PIECE_BYTES):
                copy.write(piece)
                if copy.tell() > bounds.MAX_WEIGHTS_BYTES:
                    message = f"{WEIGHTS} in it has more than {bounds.MAX_WEIGHTS_BYTES:,} bytes"
                    raise unreadable(path, message, bounds.how_to_raise("MAX_WEIGHTS_BYTES"))
            return _read(path, copy)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise unreadable(path, f"this is no whole zip archive: {error}") from None


def read(path: str) -> Checkpoint:
    """The tensors of an HDF5 file. Raises SpecError."""
    return _read(path, path)


def _read(path: str, file: Any) -> Checkpoint:
    if util.find_spec("h5py") is None:
        raise unreadable(path, "h5py is needed to read weights of Keras, and is not installed", NEEDS_H5PY)
    import h5py  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an option: it needs numpy

    tensors: dict[str, Tensor] = {}

    def visit(name: str, item: Any) -> None:
        parts = name.split("/")
        is_tensor = isinstance(item, h5py.Dataset) and parts[0] not in LEFT_OUT and SEEDS not in name
        if is_tensor and len(tensors) < bounds.MAX_CHECKPOINT_TENSORS:
            whole = item.dtype.kind in "iub"
            tensors[".".join(part.removesuffix(":0") for part in parts)] = Tensor(tuple(map(int, item.shape)), whole)

    try:
        with h5py.File(file, "r") as opened:
            opened.visititems(visit)
            left_out = [name for name in opened if name in LEFT_OUT]
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise unreadable(path, f"this is no whole HDF5 file: {error}") from None
    return Checkpoint(path, "Keras", tensors, left_out, other_axes=True)
