"""A progress bar for long runs, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

import click

T = TypeVar("T")
PATIENCE = 1.0  # seconds before the progress bar appears


def watched(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """The items; in a long run a terminal shows a progress bar."""
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
