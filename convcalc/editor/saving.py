"""The file behind a session: read with its byte order mark, written whole, with its line ends and permissions."""

from __future__ import annotations

import os
import stat

from convcalc import shipped
from convcalc.errors import UsageError
from convcalc.files import replace_file
from convcalc.text.files import display


class File:
    """A file, and the text that it held when it was last read or written."""

    __slots__ = ("path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @property
    def change(self) -> str:
        """What happened to it on disk since, in words; empty where nothing did."""
        name = display(self.path)
        try:
            data = read_bytes(self.path)
        except FileNotFoundError:
            return f"{name} is no longer there"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
        if data == self.text.encode():
            return ""
        theirs, ours = data.decode(errors="replace").splitlines(), self.text.splitlines()
        return f"{name} was changed by someone else: {_changed_lines(ours, theirs)}"


def write_text(path: str, text: str) -> None:
    """Write a text to a file, with the permissions that it has; a link stays one. Raises UsageError."""
    target = os.path.realpath(path)
    if shipped.is_installed(target):
        raise UsageError(f"{display(path)} is shipped with convcalc and is not changed", "save it to another file")
    if os.path.isdir(target):
        raise UsageError(f"{display(path)} is a directory", "name a file in it")
    try:
        mode = stat.S_IMODE(os.stat(target).st_mode) if os.path.exists(target) else None
        if mode is not None and not os.access(target, os.W_OK):
            raise UsageError(f"{display(path)} is read-only", "save it to another file, or allow writing")
        replace_file((text,), target, mode)
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"{display(path)} cannot be written: {reason}", "save it to another file") from None


def read_bytes(path: str) -> bytes:
    """What a file holds. Raises OSError."""
    with open(path, "rb") as file:
        return file.read()


def is_shipped(path: str) -> bool:
    """Whether a file is one of the specs that come with convcalc."""
    return os.path.realpath(path) in map(os.path.realpath, shipped.files().values())


def _changed_lines(ours: list[str], theirs: list[str]) -> str:
    """The first line that differs, and how many lines were added or taken away."""
    first = next((index for index, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    count = len(theirs) - len(ours)
    words = f", {abs(count)} lines {'more' if count > 0 else 'fewer'}" if count else ""
    return f"it differs from line {first + 1} on{words}"
