"""One run at a time writes to a store: the lock of a run, which ends with its process, however that ends.

It is a lock on one byte that SQLite never uses, so that other programs can read the store during a run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from convcalc.errors import UsageError
from convcalc.sweeping.store_errors import locker, unopened

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

BYTE = 2**30 + 1000  # no data is there: SQLite keeps the page from 2**30 on for locks, and uses its first 512 bytes


@contextmanager
def held(path: str) -> Iterator[None]:
    """Keep a store for this process; an empty file is made where there is none.

    Raises UsageError where another process has it. Nothing else in this process may open and close the file with
    `open`: that would remove the locks of SQLite.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unopened(path, error.strerror or "") from None
    try:
        try:
            _lock(file)
        except OSError:
            raise _taken(path) from None
        yield
    finally:
        os.close(file)


def _lock(file: int) -> None:
    """Lock the byte. Raises OSError where it is locked."""
    os.lseek(file, BYTE, os.SEEK_SET)
    if sys.platform == "win32":
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)


def _taken(path: str) -> UsageError:
    who = locker(path) or "another process"
    return UsageError(f"{path} is in use: {who} writes to it", "wait until it ends, or name another file with --out")
