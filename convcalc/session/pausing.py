"""When garbage is collected: not while an edit is made, and all of it only once the figures are shown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS, YOUNG, FULL = 700, 10, 100  # Python's own, but a full collection ten times less often


def collect_little() -> None:
    """For a screen that lives long: collect young garbage, and walk all that lives only now and then.

    `Session.checkpoint` collects all. What is there now stays.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS, YOUNG, FULL)
    gc.enable()


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
