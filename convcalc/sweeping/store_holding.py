"""One run at a time writes to a store: the lock of a run, which ends with its process, however that ends.

The lock is on an empty file beside the store. A lock on the store itself would keep other programs from reading it, or
SQLite would remove it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from convcalc.errors import UsageError
from convcalc.sweeping.store_errors import locker, unopened

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)  # of a file that another process has locked


@contextmanager
def held(path: str) -> Iterator[None]:
    """Keep a store for this process. Raises UsageError where another process has it, or its folder is not writable."""
    lock = f"{path}-lock"
    file = _opened(path, lock)
    try:
        while True:
            try:
                _lock(file)
            except OSError as error:
                if error.errno in TAKEN:
                    raise _taken(path, lock) from None
                raise unopened(path, error.strerror or "") from None  # a drive without locks
            if _is_at(file, lock):
                break
            os.close(file)  # the run that had it has just removed it
            file = _opened(path, lock)
        try:
            yield
        finally:
            with suppress(OSError):  # not every system removes a file that is open
                os.unlink(lock)
    finally:
        os.close(file)


def _opened(path: str, lock: str) -> int:
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise unopened(path, error.strerror or "") from None


def _lock(file: int) -> None:
    """Lock a file. Raises OSError where it is locked."""
    if sys.platform == "win32":
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(file: int, path: str) -> bool:
    """Whether an open file is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def _taken(path: str, lock: str) -> UsageError:
    who = locker(lock) or "another process"
    return UsageError(f"{path} is in use: {who} writes to it", "wait until it ends, or name another file with --out")
