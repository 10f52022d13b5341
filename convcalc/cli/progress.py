"""Progress of long runs, on a terminal: a bar, or a line that is written again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

import click

T = TypeVar("T")
PATIENCE = 1.0  # seconds before progress appears
INTERVAL = 0.2  # seconds between two lines


class StatusLine:
    """A line on standard error that each text replaces. Without a terminal there is none."""

    def __init__(self) -> None:
        self._next = monotonic() + PATIENCE
        self._width = 0

    def show(self, text: str) -> None:
        """Show a text, if the last one has been there for a moment."""
        if monotonic() < self._next or not sys.stderr.isatty():
            return
        self._write(text)
        self._next = monotonic() + INTERVAL

    def clear(self) -> None:
        """Remove the line."""
        if self._width:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r{text.ljust(self._width)}" + ("" if text else "\r"))
        sys.stderr.flush()
        self._width = len(text)


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
