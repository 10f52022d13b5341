"""Runs a sweep: in this process, in several ones, or on a cluster; with a store, a run that ended goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from heapq import heappop, heappush
from math import inf
from time import monotonic
from typing import NamedTuple

from convcalc.cores import MAX_PROCESSES, count_cores
from convcalc.errors import UsageError
from convcalc.sweeping.batch import Batch, Row
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range, Shard, joined, size_of, without
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


class How(NamedTuple):
    """How a sweep runs. The number of processes `jobs` is 0 where it depends on the work."""

    jobs: int
    store: str | None
    shard: Shard | None
    scheduler: str | None
    progress: Callable[[Progress], None]
    stopped: Callable[[], bool]


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
    `scheduler` the address of a Dask cluster, or `local`. `stopped` says whether to stop early. A space that is not
    larger than the budget of a search is walked. Raises UsageError.
    """
    if jobs is not None and jobs < 0:
        raise UsageError(f"jobs cannot be {jobs}", "0 chooses the number of processes")
    how = How(jobs or 0, store, shard, scheduler, progress, stopped)
    evaluator = evaluator or Evaluator(plan)
    if not plan.search or evaluator.size <= (plan.budget or 0):
        return Run(plan, evaluator, how)
    if shard is not None or scheduler is not None or (jobs or 1) > 1:
        help = "leave out --jobs, --shard and --scheduler: each candidate follows from the figures of earlier ones"
        raise UsageError("a search runs in one process", help)
    from convcalc.sweeping.search import Search  # Optuna is an extra

    return Search(plan, evaluator, how)


class Run:
    """A sweep that runs while its rows are read, once.

    After that `totals` has the counts of all candidates that are done, without rows, and `passed` the number of rows.
    `lost` are ranges at which each process was ended; `missing` are all that are not done. Without a store the rows are
    not kept.
    """

    def __init__(self, plan: Plan, evaluator: Evaluator, how: How) -> None:
        self.plan = plan
        self.size = evaluator.size
        self.parts = [Range(0, self.size)] if how.shard is None else how.shard.parts(self.size)
        self.totals = Batch(0, self.size)
        self.passed = 0
        self.done: list[Range] = []
        self.lost: list[Lost] = []
        self.is_stopped = False
        self._evaluator = evaluator
        self._how = how

    @property
    def missing(self) -> list[Range]:
        """The candidates of this run that are not done."""
        return without(self.parts, self.done)

    def __iter__(self) -> Iterator[Row]:
        return self._rows_in_memory() if self._how.store is None else self._rows_of_store(self._how.store)

    def _rows_in_memory(self) -> Iterator[Row]:
        todo = Todo(self.parts)
        for batch in _in_order(self._evaluate(todo), todo):
            yield from batch.rows

    def _rows_of_store(self, path: str) -> Iterator[Row]:
        from convcalc.sweeping import store  # SQLite is needed only here

        with store.opened(path, self.plan, self.size, self._how.shard) as opened:
            self.totals, self.passed, self.done = opened.totals(), opened.passed, opened.done()
            for _ in self._evaluate(Todo(self.missing), opened.add):
                pass  # the store has the rows
        with store.reading(path) as finished:
            yield from finished.rows()

    def _evaluate(self, todo: Todo, keep: Callable[[Batch], None] = lambda _: None) -> Iterator[Batch]:
        """Evaluate what is to be done: each batch is kept, counted and given on."""
        total = size_of(self.parts)
        start, before = monotonic(), total - size_of(self.missing)
        for result in self._results(todo):
            if isinstance(result, Lost):
                self.lost.append(result)
                continue
            keep(result)
            self._count(result)
            done = total - size_of(self.missing)
            rate = (done - before) / max(monotonic() - start, 1e-6)
            self._how.progress(Progress(done, total, self.passed, rate))
            yield result
        self.is_stopped = self._how.stopped() and bool(self.missing)

    def _count(self, batch: Batch) -> None:
        self.totals = self.totals.merge(replace(batch, rows=[]))
        self.passed += len(batch.rows)
        self.done = joined([*self.done, Range(batch.start, batch.stop)])

    def _results(self, todo: Todo) -> Results:
        """The batches from wherever they are evaluated, as they are done."""
        if self._how.scheduler is not None:
            from convcalc.sweeping.cluster import on_cluster  # distributed is an extra

            yield from on_cluster(self.plan, todo, self._how.scheduler, self._how.jobs, self._how.stopped)
            return
        if self._how.jobs == 0:
            yield from self._here(todo, TRIAL_SECONDS)
        jobs = min(self._how.jobs or _worthwhile(todo), MAX_PROCESSES)
        if jobs < 2:
            yield from self._here(todo)
        else:
            from convcalc.sweeping.workers import side_by_side  # needed only for several processes

            yield from side_by_side(self.plan, todo, jobs, self._how.stopped)

    def _here(self, todo: Todo, seconds: float = inf) -> Iterator[Batch]:
        """The batches of this process, for some seconds of work."""
        while seconds > 0 and not self._how.stopped():
            range = todo.take(1)
            if range is None:
                return
            timed = evaluated(self._evaluator, range)
            todo.done(range, timed.seconds)
            seconds -= timed.seconds
            yield timed.batch


def _worthwhile(todo: Todo) -> int:
    """The number of processes for the work that remains."""
    return min(count_cores(), int((todo.seconds_left or 0) / WORTH_SECONDS))


def _in_order(results: Iterator[Batch], todo: Todo) -> Iterator[Batch]:
    """The batches in the order of their candidates, each as soon as all before it are done."""
    waiting: list[tuple[int, Batch]] = []
    for batch in results:
        heappush(waiting, (batch.start, batch))
        while waiting and waiting[0][0] < todo.frontier:
            yield heappop(waiting)[1]
    while waiting:
        yield heappop(waiting)[1]
