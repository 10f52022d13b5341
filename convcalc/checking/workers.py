"""Processes that check files side by side.

Each worker has a pipe. The main process sends some files at a time, and gets the result of each file at once. Therefore
it knows the current file of a worker that ends: only this file is lost, and another worker checks the rest.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing import Pipe, Process, parent_process
from multiprocessing.connection import Connection, wait
from threading import Thread

from convcalc.checking.check_file import Task, check_file
from convcalc.checking.results import ENDED, FileResult
from convcalc.errors import UsageError
from convcalc.problems import Problem, Where

FILES_AT_A_TIME = 8
HELP = "the machine may have run out of memory; `--jobs 1` checks the files one after another"


def check_side_by_side(tasks: Sequence[Task], count: int) -> Iterator[FileResult]:
    """The findings of each file, in their order, from `count` processes; these end with this call, in every case."""
    waiting = deque(range(len(tasks)))  # the numbers of the tasks that no worker has
    done: dict[int, FileResult] = {}
    workers: list[_Worker] = []
    try:
        for _ in range(count):
            workers.append(_Worker())
        for number in range(len(tasks)):
            while number not in done:
                _hand_out(tasks, waiting, workers)
                _receive(tasks, waiting, workers, done)
            yield done.pop(number)
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()


def _hand_out(tasks: Sequence[Task], waiting: deque[int], workers: Sequence[_Worker]) -> None:
    """Give work to the idle workers."""
    for worker in workers:
        if waiting and not worker.numbers:
            # Smaller towards the end, so that all workers end at about the same time.
            share = len(waiting) // (2 * len(workers))
            count = max(1, min(FILES_AT_A_TIME, share))
            worker.numbers.extend(waiting.popleft() for _ in range(count))
            worker.send([tasks[number] for number in worker.numbers])


def _receive(tasks: Sequence[Task], waiting: deque[int], workers: list[_Worker], done: dict[int, FileResult]) -> None:
    """Wait for workers that have checked a file or have ended; replace those that have ended."""
    ready = wait([worker.pipe for worker in workers if worker.numbers])
    for index, worker in enumerate(workers):
        if worker.pipe not in ready:
            continue
        try:
            received: FileResult | Exception = worker.pipe.recv()
        except (EOFError, OSError):
            number = worker.numbers.popleft()
            waiting.extendleft(reversed(worker.numbers))
            done[number] = worker.lost_file(tasks[number])
            workers[index] = _Worker()
            continue
        if isinstance(received, Exception):
            raise received
        done[worker.numbers.popleft()] = received


class _Worker:
    """A process and the pipe to it. `numbers` are the numbers of its tasks, in order."""

    def __init__(self) -> None:
        self.numbers: deque[int] = deque()
        self.pipe, theirs = Pipe()
        self.process = Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends with the process

    def send(self, tasks: list[Task]) -> None:
        with suppress(OSError):  # a worker that has ended is noticed when its answer is read
            self.pipe.send(tasks)

    def lost_file(self, task: Task) -> FileResult:
        """The result for the file at which the process ended."""
        self.process.join()
        message = f"the process that checked this file was ended{_ending_in_words(self.process.exitcode)}"
        return FileResult(task.name, [Problem(ENDED, message, Where(task.name), help=HELP)])


def _ending_in_words(code: int | None) -> str:
    """Why a process ended, in words.

    >>> _ending_in_words(-9), _ending_in_words(1)
    (' by SIGKILL', ' with exit code 1')
    """
    if code is None or code >= 0:
        return "" if code is None else f" with exit code {code}"
    try:
        return f" by {signal.Signals(-code).name}"
    except ValueError:
        return f" by signal {-code}"


def _work(pipe: Connection) -> None:
    """Check the files that the main process sends, until it ends this one."""
    _follow_parent()
    while True:
        for task in pipe.recv():
            pipe.send(_answer(task))


def _answer(task: Task) -> FileResult | Exception:
    """The findings of a file, or the error of the run."""
    try:
        return check_file(task)
    except (UsageError, OSError) as error:
        return error


def _follow_parent() -> None:
    """Leave Ctrl-C to the main process, and end together with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None  # only a worker calls this

    def wait_for_parent() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait_for_parent, daemon=True).start()
