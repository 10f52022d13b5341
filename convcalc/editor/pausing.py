"""When garbage is collected: not while an edit is made, but once its figures are shown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 10_000  # new objects: fewer are not worth a look
FULL = 50  # collections of young garbage until all that lives is walked


def collect_idle() -> None:
    """Collect garbage while nobody waits, for a screen that lives long with the collector switched off.

    Switched on, it would do so in the middle of an edit, which makes 100,000 objects.
    """
    young, _, collections = gc.get_count()
    if young > YOUNG:
        gc.collect(2 if collections >= FULL else 1)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect no garbage in here: the collector would walk all that lives, several times, among 100,000 new objects."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
