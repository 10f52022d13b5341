"""Controls when Python's garbage collector runs.

Reading a large network makes 100,000 objects and hardly any cyclic garbage: reference counts free the rest. The
collector would walk over all objects several times, which takes half of the time. So the command line switches it off.
Long-running commands collect when the user does not wait.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

IDLE_OBJECTS = 10_000  # new objects; fewer are not worth a collection
FULL_AFTER = 50  # collections of young objects before a full one
# For `check` on many files: this number of new objects takes about ten megabytes.
MAX_OBJECTS = 100_000
CANDIDATE_OBJECTS = 50_000  # of a sweep: some megabytes


def switch_off() -> None:
    """Switch it off for a command, which ends before its garbage matters."""
    gc.disable()


def switch_on() -> None:
    """Switch it on for a prompt, which may stay open for hours."""
    gc.enable()


def end(code: int) -> NoReturn:
    """End the process, and leave its memory to the system.

    The interpreter would free each object first, which takes a tenth of the time of a short command. It does so where
    a library has something to do at the end, or another thread runs.
    """
    gc.freeze()  # spares its last collection
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # a reader is gone: the interpreter knows what to do
        sys.exit(code)
    if threading.active_count() > 1 or _registered():
        sys.exit(code)
    os._exit(code)


def _registered() -> int:
    """How many functions wait for the end of the interpreter."""
    count: Callable[[], int] | None = getattr(atexit, "_ncallbacks", None)  # of CPython
    return 1 if count is None else count()


def keep_what_is_alive() -> None:
    """Exclude all present objects from later collections: the loaded program itself."""
    gc.freeze()


@contextmanager
def paused() -> Iterator[None]:
    """Collect nothing during an edit: a user waits for its figures."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_when_idle() -> None:
    """Collect garbage while a user looks at the figures of an edit."""
    young, _, collections = gc.get_count()
    if young > IDLE_OBJECTS:
        gc.collect(2 if collections >= FULL_AFTER else 1)


def collect_between_files() -> None:
    """Collect after many files, so that a thousand take no more memory than a few dozen."""
    if gc.get_count()[0] > MAX_OBJECTS:
        gc.collect()


def collect_between_candidates() -> None:
    """Collect what the last candidates of a sweep have left; older objects are seldom looked at."""
    young, collections, _ = gc.get_count()
    if young > CANDIDATE_OBJECTS:
        gc.collect(2 if collections > FULL_AFTER else 0)
