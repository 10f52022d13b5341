"""Files written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable


def replace_file(pieces: Iterable[str], output: str, mode: int | None = None) -> None:
    """Write a file whole or not at all, with the permissions of a new one where no `mode` is given."""
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(output)), prefix=".convcalc-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else mode)
        os.replace(temporary, output)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
