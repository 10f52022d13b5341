"""Processes that work for this one, each with a pipe to it.

The pipe ends with the process. So whoever reads from it learns at once that the process was ended, for example because
the machine ran out of memory, and knows what it was working on.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe, Process, parent_process
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any


class WorkerProcess:
    """A process that calls `work(pipe, *arguments)`, and the other end of its pipe."""

    def __init__(self, work: Callable[..., None], *arguments: Any) -> None:
        self.pipe, theirs = Pipe()
        self._process = Process(target=_follow, args=(work, theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()  # so that the pipe ends with the process

    def send(self, value: Any) -> None:
        """Send a value; a process that has ended is noticed when its answer is read."""
        with suppress(OSError):
            self.pipe.send(value)

    def ending(self) -> str:
        """How the process was ended, once its pipe has ended: ` by SIGKILL`."""
        self._process.join()
        return ending_in_words(self._process.exitcode)

    def terminate(self) -> None:
        self._process.terminate()

    def join(self) -> None:
        self._process.join()
        self.pipe.close()


def end_all(workers: list[WorkerProcess]) -> None:
    """End processes and wait for their ends."""
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()


def ending_in_words(code: int | None) -> str:
    """Why a process ended, in words.

    >>> ending_in_words(-9), ending_in_words(1)
    (' by SIGKILL', ' with exit code 1')
    """
    if code is None or code >= 0:
        return "" if code is None else f" with exit code {code}"
    try:
        return f" by {signal.Signals(-code).name}"
    except ValueError:
        return f" by signal {-code}"


def _follow(work: Callable[..., None], pipe: Connection, *arguments: Any) -> None:
    """Leave Ctrl-C to the main process, and end together with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None  # this is a worker

    def wait_for_parent() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait_for_parent, daemon=True).start()
    work(pipe, *arguments)
