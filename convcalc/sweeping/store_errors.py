"""The errors of SQLite in the words of a user: the file, what is wrong with it, and what would mend it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from convcalc.errors import UsageError

KEPT = "every range that was done before is kept: make room, and run the same command again"
CODES = {
    sqlite3.SQLITE_FULL: ("the disk is full", KEPT),
    sqlite3.SQLITE_READONLY: ("it cannot be written", "name a file of yours with --out"),
    sqlite3.SQLITE_CORRUPT: ("the database is damaged", "name a new file with --out"),
    sqlite3.SQLITE_TOOBIG: ("a value is too long for the database", "give fewer --columns"),
}


@contextmanager
def named(path: str) -> Iterator[None]:
    """Raise an error of SQLite about a file as UsageError."""
    try:
        yield
    except sqlite3.Error as error:
        raise _in_words(path, error) from None


def no_store(path: str) -> UsageError:
    return UsageError(
        f"{path} is not a store of a sweep", "name a file that `convcalc sweep --out` wrote, or a new one"
    )


def unopened(path: str, reason: str) -> UsageError:
    """The error for a file that cannot be opened."""
    return UsageError(f"{path} cannot be opened: {reason[:1].lower()}{reason[1:]}", "name another file with --out")


def _in_words(path: str, error: sqlite3.Error) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return no_store(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UsageError(f"{path} is locked by {locker(path) or 'another program'}", "end it, and run this again")
    if code == sqlite3.SQLITE_CANTOPEN:
        return unopened(path, "it is a directory" if os.path.isdir(path) else "this is not permitted")
    if code == sqlite3.SQLITE_IOERR:
        return UsageError(f"{path}: reading or writing failed ({error})", KEPT)
    if code not in CODES:
        return error  # a bug
    message, help = CODES[code]
    return UsageError(f"{path}: {message}", help)


def locker(path: str) -> str:
    """The process that has locked a database, where the system tells; else an empty text."""
    files = set()
    for name in (path, f"{path}-shm"):
        with suppress(OSError):
            found = os.stat(name)
            files.add(f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}")
    with suppress(OSError), open("/proc/locks", encoding="ascii") as locks:
        for lock in map(str.split, locks):
            if lock[3:4] == ["WRITE"] and lock[5] in files and lock[4] not in ("-1", "0", str(os.getpid())):
                return f"process {lock[4]}{_command(lock[4])}"
    return ""


def _command(process: str) -> str:
    """The command of a process in brackets."""
    with suppress(OSError), open(f"/proc/{process}/comm", encoding="utf-8", errors="replace") as file:
        return f" ({file.read().strip()})"
    return ""
