"""Files of torch.save: an archive since torch 1.6, before that a row of pickles. Nothing in them is run."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import Any

from convcalc import bounds
from convcalc.weights import pickles
from convcalc.weights.checkpoint import Checkpoint, Tensor, unreadable
from convcalc.weights.pickles import PickleError, UnknownNameError

PICKLE = "data.pkl"
# The number at the beginning of the older format, and its version.
MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
# The keys under which programs keep the weights of the network, the most specific first.
KEYS = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "params", "weights",
        "ema", "model_ema", "state_dict_ema", "params_ema", "generator", "encoder")  # fmt: skip
SAVE_HELP = "save the weights alone: torch.save(model.state_dict(), FILE)"


def read_archive(path: str) -> Checkpoint:
    """The tensors of an archive. Raises SpecError."""
    try:
        with zipfile.ZipFile(path) as archive:
            data = _pickle(path, archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        RuntimeError,
        struct.error,
        ValueError,
    ) as error:
        raise unreadable(path, f"this is no whole zip archive: {error}") from None
    try:
        value, _ = pickles.read(data)
    except PickleError as error:
        raise _refusal(path, error) from None
    return _checkpoint(path, value)


def _pickle(path: str, archive: zipfile.ZipFile) -> bytes:
    entries = [entry for entry in archive.infolist() if entry.filename.split("/")[-1] == PICKLE]
    if "config.json" in archive.NameToInfo:
        raise unreadable(path, "this archive of Keras holds no weights")
    if len(entries) != 1:
        raise unreadable(path, f"there is no {PICKLE} in the archive", SAVE_HELP)
    if entries[0].flag_bits & 1:
        raise unreadable(path, f"{PICKLE} in it is encrypted")
    with archive.open(entries[0]) as stream:
        data = stream.read(bounds.MAX_CHECKPOINT_BYTES + 1)
    if len(data) > bounds.MAX_CHECKPOINT_BYTES:
        message = f"{PICKLE} in it has more than {bounds.MAX_CHECKPOINT_BYTES:,} bytes"
        raise unreadable(path, message, bounds.how_to_raise("MAX_CHECKPOINT_BYTES"))
    return data


def read_pickles(path: str) -> Checkpoint:
    """The tensors of a file in the older format: a number, a version, the machine, then the checkpoint. SpecError."""
    with open(path, "rb") as file:
        data = file.read(bounds.MAX_CHECKPOINT_BYTES)
    try:
        magic, at = pickles.read(data)
        if magic != MAGIC:
            raise unreadable(path, "this pickle is not of torch.save", SAVE_HELP)
        version, at = pickles.read(data, at)
        if version != VERSION:
            raise unreadable(path, f"it has the unknown version {str(version)[:40]}", SAVE_HELP)
        _, at = pickles.read(data, at)
        value, at = pickles.read(data, at)
        keys, at = pickles.read(data, at)
    except PickleError as error:
        raise _refusal(path, error) from None
    if not isinstance(keys, list) or os.path.getsize(path) < at:
        raise unreadable(path, f"the file ends at byte {os.path.getsize(path):,}, before its weights")
    return _checkpoint(path, value)


def _refusal(path: str, error: PickleError) -> Exception:
    if not isinstance(error, UnknownNameError):
        return unreadable(path, str(error))
    message = f"the file names `{error.name[:100]}`, which is no part of a tensor; nothing in it was run"
    return unreadable(path, message, SAVE_HELP)


def _checkpoint(path: str, value: Any) -> Checkpoint:
    if not isinstance(value, dict):
        raise unreadable(path, "it holds no mapping from names to tensors", SAVE_HELP)
    weights, left_out = _weights(value)
    try:
        tensors = dict(pickles.tensors_in(weights))
    except PickleError as error:
        raise unreadable(path, str(error)) from None
    return Checkpoint(path, "PyTorch", tensors, left_out)


def _weights(value: dict[Any, Any]) -> tuple[dict[Any, Any], list[str]]:
    """The mapping with the weights of the network, and the names of what is beside it."""
    left_out: list[str] = []
    while not any(isinstance(item, Tensor) for item in value.values()):
        inner = {key: item for key, item in value.items() if isinstance(item, dict)}
        key = next((key for key in KEYS if key in inner and any(pickles.tensors_in(inner[key]))), None)
        if key is None:
            break
        left_out += [str(each) for each in value if each != key]
        value = inner[key]
    return value, left_out
