"""Processes that check files side by side.

Each worker has a pipe. The main process sends some files at a time, and gets the result of each file at once. Therefore
it knows the current file of a worker that ends: only this file is lost, and another worker checks the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait

from convcalc.checking.check_file import Task, check_file
from convcalc.checking.results import ENDED, FileResult
from convcalc.errors import UsageError
from convcalc.problems import Problem, Where
from convcalc.processes import WorkerProcess, end_all

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
        end_all([worker.process for worker in workers])


def _hand_out(tasks: Sequence[Task], waiting: deque[int], workers: Sequence[_Worker]) -> None:
    """Give work to the idle workers."""
    for worker in workers:
        if waiting and not worker.numbers:
            # Smaller towards the end, so that all workers end at about the same time.
            share = len(waiting) // (2 * len(workers))
            count = max(1, min(FILES_AT_A_TIME, share))
            worker.numbers.extend(waiting.popleft() for _ in range(count))
            worker.process.send([tasks[number] for number in worker.numbers])


def _receive(tasks: Sequence[Task], waiting: deque[int], workers: list[_Worker], done: dict[int, FileResult]) -> None:
    """Wait for workers that have checked a file or have ended; replace those that have ended."""
    ready = wait([worker.process.pipe for worker in workers if worker.numbers])
    for index, worker in enumerate(workers):
        if worker.process.pipe not in ready:
            continue
        try:
            received: FileResult | Exception = worker.process.pipe.recv()
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
    """A process, and the numbers of its tasks, in order."""

    def __init__(self) -> None:
        self.numbers: deque[int] = deque()
        self.process = WorkerProcess(_work)

    def lost_file(self, task: Task) -> FileResult:
        """The result for the file at which the process ended."""
        message = f"the process that checked this file was ended{self.process.ending()}"
        return FileResult(task.name, [Problem(ENDED, message, Where(task.name), help=HELP)])


def _work(pipe: Connection) -> None:
    """Check the files that the main process sends, until it ends this one."""
    while True:
        for task in pipe.recv():
            pipe.send(_answer(task))


def _answer(task: Task) -> FileResult | Exception:
    """The findings of a file, or the error of the run."""
    try:
        return check_file(task)
    except (UsageError, OSError) as error:
        return error
