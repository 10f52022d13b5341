"""Finds the configuration of a network in a file: in a `.keras` archive, as JSON, or in an HDF5 file."""

from __future__ import annotations

import json
import mmap
import os
import zipfile
import zlib
from importlib import util
from typing import Any

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where
from convcalc.text.files import display_path

CONFIG = "config.json"
HDF5 = b"\x89HDF\r\n\x1a\n"
ARCHIVE = b"PK\x03\x04"
# A configuration in an HDF5 file begins with one of these.
BEGINNINGS = (b'{"class_name": "', b'{"module": "keras')
# The last record of a zip archive: where it is at the latest, and where in it the size of the list of files is.
END_RECORD = b"PK\x05\x06"
LARGEST_TAIL = 2**16 + 22
SUBCLASSED = "the file holds no layers: the model is a Python class of its own, and Keras saves only how it is made"
SUBCLASSED_HELP = "build it with the functional API, or export it as ONNX and read that"


def unreadable(path: str, message: str, help: str = "", line: int = 0, column: int = 0) -> SpecError:
    return SpecError([Problem("unreadable-file", message, Where(display_path(path), line, column), help=help)])


def read_config(path: str) -> dict[str, Any]:
    """The configuration of the network in a file. Raises SpecError for any other file."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise unreadable(path, "this is not a regular file")
        with open(path, "rb") as file:
            beginning = file.read(len(HDF5))
        if beginning.startswith(ARCHIVE):
            return _checked(path, _parsed(path, _archived(path)))
        if beginning == HDF5:
            return _in_hdf5(path)
        size = os.path.getsize(path)
        if size > bounds.MAX_CONFIG_BYTES:
            raise unreadable(path, f"the file has {size:,} bytes", bounds.how_to_raise("MAX_CONFIG_BYTES"))
        with open(path, "rb") as file:
            return _checked(path, _parsed(path, file.read()))
    except FileNotFoundError:
        raise unreadable(path, "there is no such file") from None
    except OSError as error:
        raise unreadable(path, f"the file cannot be read: {error.strerror or error}") from None


def _parsed(path: str, text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8"))
    except RecursionError:
        raise unreadable(path, "the JSON is nested too deep") from None
    except json.JSONDecodeError as error:
        raise unreadable(path, f"the JSON is broken: {error.msg}", "", error.lineno, error.colno) from None
    except UnicodeDecodeError as error:
        raise unreadable(path, f"byte {error.start + 1:,} is not UTF-8") from None
    except ValueError as error:  # a number of thousands of digits
        raise unreadable(path, f"the JSON is broken: {error}") from None


def _checked(path: str, config: Any) -> dict[str, Any]:
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        raise unreadable(path, "this is no network of Keras", "write the file with model.save or model.to_json")
    inner = config.get("config")
    if not isinstance(inner, list) and not (isinstance(inner, dict) and "layers" in inner):
        raise unreadable(path, SUBCLASSED, SUBCLASSED_HELP)
    return config


def _archived(path: str) -> bytes:
    """The configuration in a zip archive."""
    try:
        _check_list_of_files(path)
        with zipfile.ZipFile(path) as archive:
            if CONFIG not in archive.NameToInfo:
                raise unreadable(path, f"there is no {CONFIG} in the archive", "write the file with model.save")
            entry = archive.getinfo(CONFIG)
            if entry.flag_bits & 1:
                raise unreadable(path, f"{CONFIG} in it is encrypted")
            with archive.open(entry) as stream:
                text = stream.read(bounds.MAX_CONFIG_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise unreadable(path, f"this is no whole zip archive: {error}") from None
    if len(text) > bounds.MAX_CONFIG_BYTES:
        message = f"{CONFIG} in it has more than {bounds.MAX_CONFIG_BYTES:,} bytes"
        raise unreadable(path, message, bounds.how_to_raise("MAX_CONFIG_BYTES"))
    return text


def _check_list_of_files(path: str) -> None:
    """Refuse an archive whose list of files is too large to read. That of Keras has three files."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LARGEST_TAIL))
        tail = file.read()
    at = tail.rfind(END_RECORD)
    listed = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if min(listed, size) > bounds.MAX_ARCHIVE_LIST_BYTES:
        message = f"the list of files in the archive has {listed:,} bytes"
        raise unreadable(path, message, bounds.how_to_raise("MAX_ARCHIVE_LIST_BYTES"))


def _in_hdf5(path: str) -> dict[str, Any]:
    """The configuration in an HDF5 file: its attribute `model_config`; found by its beginning where h5py is missing."""
    if util.find_spec("h5py") is not None:
        import h5py  # type: ignore[import-not-found, import-untyped, unused-ignore]  # an option: it needs numpy

        try:
            with h5py.File(path, "r") as file:
                text = file.attrs.get("model_config")
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise unreadable(path, f"this is no whole HDF5 file: {error}") from None
        if text is None:
            raise unreadable(path, "the file holds weights alone", "save the model, or read its .json")
        return _checked(path, _parsed(path, text if isinstance(text, bytes) else str(text).encode()))
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        places = [at for beginning in BEGINNINGS if (at := data.find(beginning)) >= 0]
        if not places:
            raise unreadable(path, "no network is found in the file", "save it as .keras, or install h5py")
        text = data[min(places) : min(places) + bounds.MAX_CONFIG_BYTES]
    try:
        config, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", "replace"))
    except RecursionError:
        raise unreadable(path, "the JSON is nested too deep") from None
    except ValueError as error:
        raise unreadable(path, f"the JSON in the file is broken: {error}", "save it as .keras") from None
    return _checked(path, config)
