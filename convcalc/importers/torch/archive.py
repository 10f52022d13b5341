"""The archive that a `.pt2` file is: finds the JSON of the graph in it, and reads no more than that."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from typing import Any, BinaryIO

from convcalc import bounds
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where
from convcalc.text.files import display_path

# The file of the graph inside: ARCHIVE/models/NAME.json since torch 2.8, before that one at the top.
OLD_GRAPH = "serialized_exported_program.json"
END_RECORD = b"PK\x05\x06"
END_RECORD_BYTES = 22
LARGEST_COMMENT = 2**16
UNKNOWN_SIZE = 2**32 - 1
EXPORT_HELP = "write it with torch.export.save"


def read_program(path: str) -> dict[str, Any]:
    """The exported program in a `.pt2` file. Raises SpecError for any other file."""
    try:
        with open(path, "rb") as file:
            check_directory(path, file, EXPORT_HELP)
            text = _graph_text(path, file)
        program = json.loads(text)
    except OSError as error:
        raise unreadable(path, f"the file cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, struct.error) as error:
        if isinstance(error, RecursionError):
            raise unreadable(path, "the JSON of the graph is nested too deep") from None
        raise unreadable(path, f"this is no whole zip archive: {error}") from None
    except ValueError as error:  # of JSON or of its encoding
        raise unreadable(path, f"the JSON of the graph is broken: {error}") from None
    if not isinstance(program, dict) or not isinstance(program.get("graph_module"), dict):
        raise unreadable(path, "the JSON in the archive is no exported program")
    return program


def unreadable(path: str, message: str, help: str = "") -> SpecError:
    return SpecError([Problem("unreadable-file", message, Where(display_path(path)), help=help)])


def check_directory(path: str, file: BinaryIO, help: str) -> None:
    """Refuse an archive whose list of files is itself too large to read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LARGEST_COMMENT - END_RECORD_BYTES))
    tail = file.read()
    at = tail.rfind(END_RECORD)
    if at < 0 or at + END_RECORD_BYTES > len(tail):
        raise unreadable(path, "this is no zip archive", help)
    (directory,) = struct.unpack_from("<I", tail, at + 12)
    # An archive with 64-bit sizes has its record between the list and this one.
    directory = min(directory, size) if directory != UNKNOWN_SIZE else size_of_large_directory(tail[:at])
    if directory > bounds.MAX_ARCHIVE_LIST_BYTES:
        message = f"the list of files in the archive has {directory:,} bytes"
        raise unreadable(path, message, bounds.how_to_raise("MAX_ARCHIVE_LIST_BYTES"))


def size_of_large_directory(tail: bytes) -> int:
    """The size of the list of files in an archive with 64-bit sizes; `tail` ends before the last record."""
    at = tail.rfind(b"PK\x06\x06")
    return int(struct.unpack_from("<Q", tail, at + 40)[0]) if at >= 0 else 0


def _graph_text(path: str, file: BinaryIO) -> bytes:
    with zipfile.ZipFile(file) as archive:
        entry = _graph_entry(path, archive)
        if entry.flag_bits & 1:
            raise unreadable(path, f"`{entry.filename}` in it is encrypted")
        with archive.open(entry) as stream:
            text = stream.read(bounds.MAX_GRAPH_BYTES + 1)
    if len(text) > bounds.MAX_GRAPH_BYTES:
        message = f"`{entry.filename}` in it has more than {bounds.MAX_GRAPH_BYTES:,} bytes"
        raise unreadable(path, message, bounds.how_to_raise("MAX_GRAPH_BYTES"))
    return text


def read_ties(path: str) -> dict[str, str] | None:
    """Names of parameters that are another one by its first name; None where the file does not tell."""
    with zipfile.ZipFile(path) as archive:
        names = [entry for entry in archive.infolist() if entry.filename.endswith("weights_config.json")]
        if len(names) != 1 or names[0].flag_bits & 1:
            return None
        with archive.open(names[0]) as stream:
            text = stream.read(bounds.MAX_GRAPH_BYTES)
    firsts: dict[str, str] = {}
    ties = {}
    for name, weight in json.loads(text)["config"].items():
        meta = weight["tensor_meta"]
        if meta["device"]["type"] == "meta":
            return None
        key = json.dumps([weight["path_name"], meta["sizes"], meta["strides"], meta["storage_offset"]])
        ties[name] = firsts.setdefault(key, name)
    return ties


def _graph_entry(path: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The file with the graph. Names are only compared: nothing is unpacked to the disk."""
    names = [entry for entry in archive.infolist() if _is_graph(entry.filename)]
    if not names:
        help = "torch.save writes such archives too, with weights alone; write this one with torch.export.save"
        raise unreadable(path, "there is no exported graph in the archive", help)
    return names[0]


def _is_graph(name: str) -> bool:
    parts = name.split("/")
    return parts[-1] == OLD_GRAPH or (len(parts) > 1 and parts[-2] == "models" and parts[-1].endswith(".json"))
