"""How far long work is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

import click

T = TypeVar("T")
PATIENCE = 1.0  # seconds after which a terminal is shown how far it is


def watched(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """The items; on a terminal a progress bar shows how many, once it takes long."""
    start = monotonic()
    source = iter(items)
    done = 0
    for item in source:
        yield item
        done += 1
        if monotonic() - start > PATIENCE and sys.stderr.isatty():
            break
    else:
        return
    with click.progressbar(source, length=total, label=label, file=sys.stderr) as bar:
        bar.update(done)
        yield from bar
