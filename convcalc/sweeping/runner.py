"""Runs a sweep: in this process, in several ones, or on a cluster; with a store, a run that ended goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from heapq import heappop, heappush
from time import monotonic
from typing import NamedTuple

from convcalc.cores import MAX_PROCESSES, count_cores
from convcalc.errors import UsageError
from convcalc.sweeping.batch import Batch, Row
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range, Shard, size_of, without
from convcalc.sweeping.timed import evaluated
from convcalc.sweeping.todo import Lost, Todo

TRIAL_SECONDS = 0.3  # in one process, before the number of processes is chosen
WORTH_SECONDS = 1.0  # of work for each process: one starts in a tenth of a second
Results = Iterator[Batch | Lost]


class Progress(NamedTuple):
    """How far a run is. The rate is of this run, in candidates a second; None before the first range is done."""

    done: int
    total: int
    passed: int
    rate: float | None

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.done) / self.rate if self.rate else None


def run(
    plan: Plan,
    *,
    jobs: int | None = None,
    store: str | None = None,
    shard: Shard | None = None,
    scheduler: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
    evaluator: Evaluator | None = None,
) -> Run:
    """A sweep; it runs while its rows are read.

    `jobs` is the number of processes: None or 0 for as many as the work is worth. `store` is the path of a database
    that keeps the results; a run with the same plan goes on there. `shard` is the part of the candidates to evaluate,
    `scheduler` the address of a Dask cluster, or `local`. `stopped` says whether to stop early. Raises UsageError.
    """
    if jobs is not None and jobs < 0:
        raise UsageError(f"jobs cannot be {jobs}", "0 chooses the number of processes")
    return Run(plan, evaluator or Evaluator(plan), jobs or 0, store, shard, scheduler, progress, stopped)


class Run:
    """A sweep that runs while its rows are read, once.

    After that `totals` has the counts of all candidates that are done, without rows, and `passed` the number of rows.
    `lost` are ranges at which each process was ended; `missing` are all that are not done. Without a store the rows are
    not kept.
    """

    def __init__(
        self,
        plan: Plan,
        evaluator: Evaluator,
        jobs: int,
        store: str | None,
        shard: Shard | None,
        scheduler: str | None,
        progress: Callable[[Progress], None],
        stopped: Callable[[], bool],
    ) -> None:
        self.plan = plan
        self.size = len(evaluator)
        self.parts = [Range(0, self.size)] if shard is None else shard.parts(self.size)
        self.totals = Batch(0, self.size)
        self.passed = 0
        self.done: list[Range] = []
        self.lost: list[Lost] = []
        self.is_stopped = False
        self._evaluator = evaluator
        self._jobs = jobs
        self._store = store
        self._shard = shard
        self._scheduler = scheduler
        self._progress = progress
        self._stopped = stopped

    @property
    def missing(self) -> list[Range]:
        """The candidates of this run that are not done."""
        return without(self.parts, self.done)

    def __iter__(self) -> Iterator[Row]:
        return self._in_memory() if self._store is None else self._with_store(self._store)

    def _in_memory(self) -> Iterator[Row]:
        todo = Todo(self.parts)
        for batch in _in_order(self._counted(todo), todo):
            yield from batch.rows

    def _with_store(self, path: str) -> Iterator[Row]:
        from convcalc.sweeping import store  # SQLite is needed only here

        with store.opened(path, self.plan, self.size, self._shard) as opened:
            self._count(opened.totals(), opened.passed)
            self.done = opened.done()
            for batch in self._counted(Todo(self.missing)):
                opened.add(batch)
            ...
