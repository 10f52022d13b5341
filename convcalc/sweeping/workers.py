"""Processes of this machine that evaluate the ranges of a sweep side by side.

A worker gets the plan once, and then the two ends of each range.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait

from convcalc import garbage
from convcalc.errors import UsageError
from convcalc.processes import WorkerProcess, end_all
from convcalc.sweeping.batch import Batch
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range
from convcalc.sweeping.timed import Timed, evaluated
from convcalc.sweeping.todo import Lost, Todo

RANGES_AT_A_TIME = 2  # the second is there when the first is done: no worker waits for this process
ENDINGS = 12  # of workers, one after another, without a result between them
PATIENCE = 0.1  # seconds between two looks at whether the run is stopped


def side_by_side(plan: Plan, todo: Todo, count: int, stopped: Callable[[], bool]) -> Iterator[Batch | Lost]:
    """The batches of `todo` from `count` processes, as they are done. These end with this call, in every case."""
    workers: list[_Worker] = []
    endings = 0
    try:
        workers.extend(_Worker(plan) for _ in range(count))
        while not stopped() and _hand_out(todo, workers):
            for worker in _ready(workers):
                result = worker.receive(todo)
                endings = endings + 1 if worker.is_over else 0
                if result is not None:
                    yield result
                if endings == ENDINGS:
                    raise _useless(worker)
                if worker.is_over:
                    workers[workers.index(worker)] = _Worker(plan)
    finally:
        end_all([worker.process for worker in workers])


def _hand_out(todo: Todo, workers: list[_Worker]) -> bool:
    """Give ranges to the workers; whether any has one."""
    for _ in range(RANGES_AT_A_TIME):
        for worker in workers:
            if len(worker.ranges) < RANGES_AT_A_TIME:
                worker.give(todo.take(len(workers)))
    return any(worker.ranges for worker in workers)


def _ready(workers: list[_Worker]) -> list[_Worker]:
    """The workers that have a result or were ended, once there is one, or a moment later."""
    ready = wait([worker.process.pipe for worker in workers if worker.ranges], PATIENCE)
    return [worker for worker in workers if worker.process.pipe in ready]


def _useless(worker: _Worker) -> UsageError:
    message = f"the processes end before they give a result; the last was ended{worker.ending}"
    return UsageError(message, "the machine may have run out of memory; try fewer --jobs")


class _Worker:
    """A process, and the ranges that it has, in order."""

    def __init__(self, plan: Plan) -> None:
        self.ranges: deque[Range] = deque()
        self.is_over = False
        self.ending = ""
        self.process = WorkerProcess(_work, plan)

    def give(self, range: Range | None) -> None:
        if range is not None:
            self.ranges.append(range)
            self.process.send(range)

    def receive(self, todo: Todo) -> Batch | Lost | None:
        """The result of its first range. If it was ended, this range may be lost, and others get the rest."""
        try:
            received: Timed | Exception = self.process.pipe.recv()
        except (EOFError, OSError):
            self.is_over, self.ending = True, self.process.ending()
            first = self.ranges.popleft()
            for other in self.ranges:
                todo.give_back(other)
            return todo.failed(first, f"the process was ended{self.ending}")
        if isinstance(received, Exception):
            raise received
        todo.done(self.ranges.popleft(), received.seconds)
        return received.batch


def _work(pipe: Connection, plan: Plan) -> None:
    """Evaluate the ranges that the main process sends, until it ends this one."""
    evaluator = Evaluator(plan)
    garbage.switch_off()  # the evaluator collects between candidates
    garbage.keep_what_is_alive()
    while True:
        range = pipe.recv()
        try:
            pipe.send(evaluated(evaluator, range))
        except Exception as error:
            pipe.send(error)
