"""When Python's garbage collector runs.

Reading a large network makes 100,000 objects and hardly any garbage: reference counts free nearly all of them. The
collector would walk everything alive several times meanwhile, which takes half of the time. So the command line
switches it off, and what runs for long collects at moments when nobody waits.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

IDLE_OBJECTS = 10_000  # new objects; fewer are not worth a collection
FULL_AFTER = 50  # collections of young objects before one walks everything alive
# `check` on many files: so many new objects take some tens of megabytes.
MAX_OBJECTS = 200_000


def switch_off() -> None:
    """For a command: it ends before its garbage matters."""
    gc.disable()


def switch_on() -> None:
    """For a prompt, which may stay open for hours."""
    gc.enable()


def keep_what_is_alive() -> None:
    """Leave everything alive now out of all later collections: the program itself, once it is loaded."""
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
    """Collect while a user looks at the figures of an edit."""
    young, _, collections = gc.get_count()
    if young > IDLE_OBJECTS:
        gc.collect(2 if collections >= FULL_AFTER else 1)


def collect_between_files() -> None:
    """Collect after many files, so that a thousand take no more memory than a few dozen."""
    if gc.get_count()[0] > MAX_OBJECTS:
        gc.collect()
