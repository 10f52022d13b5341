"""Files written whole or not at all, and their names in a file that records them."""

from __future__ import annotations

import os
from collections.abc import Iterable


def replace_file(pieces: Iterable[str] | bytes, output: str, mode: int | None = None) -> None:
    """Write a text or bytes to a file, whole or not at all, with the permissions of a new one where `mode` is None."""
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(output)), prefix=".convcalc-")
    try:
        if isinstance(pieces, bytes):
            with os.fdopen(handle, "wb") as binary:
                binary.write(pieces)
        else:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(pieces)
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else mode)
        os.replace(temporary, output)
    except BaseException:
        os.unlink(temporary)
        raise


class NamesBeside:
    """The names of files in a file that records them, such as a lock file: relative to it, with forward slashes."""

    def __init__(self, path: str) -> None:
        self.folder = os.path.dirname(os.path.abspath(path))

    def name_of(self, path: str) -> str:
        """The name of a file."""
        try:
            path = os.path.relpath(os.path.abspath(path), self.folder)
        except ValueError:  # on another drive
            path = os.path.abspath(path)
        return path.replace(os.sep, "/")

    def path_of(self, name: str) -> str:
        """The path of a file by its name."""
        return os.path.join(self.folder, *name.split("/")) if not os.path.isabs(name) else name


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
