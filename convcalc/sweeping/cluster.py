"""Evaluates the ranges of a sweep on a Dask cluster.

The plan goes to each worker once, as a plugin that makes the evaluator; also to workers that join later. A task is the
two ends of a range. If a worker is lost, the scheduler gives its ranges to others.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from math import inf
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic
from typing import Any
from uuid import uuid4

from convcalc import __version__
from convcalc.cores import count_cores
from convcalc.errors import UsageError
from convcalc.extras import how_to_add
from convcalc.sweeping.batch import Batch
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range
from convcalc.sweeping.store_errors import KEPT
from convcalc.sweeping.timed import Timed, evaluated
from convcalc.sweeping.todo import Lost, Todo

try:
    import dask
    from distributed import Client, Future, KilledWorker, LocalCluster, Worker, WorkerPlugin, get_worker
except ImportError:
    raise UsageError("--scheduler needs Dask", f"install it with: {how_to_add('cluster')}") from None

LOCAL = "local"
RANGES_AT_A_TIME = 2  # for each worker: the second is there when the first is done
LOOK = 1.0  # seconds between two looks at which workers there are
PATIENCE = 0.1  # seconds between two looks at whether the run is stopped
CONNECTING = 10  # seconds
WITHOUT_WORKERS = 60.0  # seconds
# Dask looks a hundred times a second at what each worker does. Nobody reads that of a cluster that ends with the run.
WITHOUT_OBSERVERS = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
# A terminal sends Ctrl-C to the workers of a local cluster too; they end with this process.
LEAVE_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


def on_cluster(
    plan: Plan, todo: Todo, scheduler: str, jobs: int, stopped: Callable[[], bool]
) -> Iterator[Batch | Lost]:
    """The batches of `todo` from a cluster, as they are done; `jobs` is the number of workers of a local one."""
    with _connected(scheduler, jobs) as client:
        tasks = _Tasks(client, plan, todo)
        try:
            while not stopped() and tasks.hand_out():
                yield from tasks.receive()
        except (OSError, CancelledError) as error:
            raise UsageError(f"the connection to {scheduler} is lost: {error}", KEPT) from None
        finally:
            tasks.end()


@contextmanager
def _connected(scheduler: str, jobs: int) -> Iterator[Client]:
    """A client of a cluster whose machines have this version of convcalc. Raises UsageError."""
    for name in ("distributed", "distributed.client", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost worker is no news: its ranges are run again
    with ExitStack() as stack:
        address = stack.enter_context(_local_cluster(jobs or count_cores())) if scheduler == LOCAL else scheduler
        client = stack.enter_context(_client(address, scheduler))
        _check_versions(client)
        yield client


def _client(address: str | LocalCluster, scheduler: str) -> Client:
    """A client of the scheduler at an address. Raises UsageError where there is none."""
    try:
        return Client(address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error)
    gc.collect()  # the client that has failed ends now; if it ended while another one starts, both would wait for ever
    help = "start one with `dask scheduler`, or give the address that it prints, such as tcp://host:8786"
    raise UsageError(f"there is no Dask scheduler at {scheduler}: {reason}", help)


def _local_cluster(workers: int) -> LocalCluster:
    quiet = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
    try:
        with dask.config.set(WITHOUT_OBSERVERS):
            return LocalCluster(n_workers=workers, threads_per_worker=1, preload=[LEAVE_CTRL_C], **quiet)
    except RuntimeError as error:
        help = 'a script must call convcalc below `if __name__ == "__main__":`, because the workers import it'
        raise UsageError(f"the cluster of this machine did not start: {error}", help) from None


def _check_versions(client: Client) -> None:
    """Raise UsageError where the scheduler or a worker has another version of convcalc, or none."""
    installed = client.get_versions(packages=["convcalc"])
    imported = client.run(_version, on_error="return")
    try:
        scheduler = client.run_on_scheduler(_version)
    except Exception as error:
        scheduler = error
    _refuse_version("the scheduler", _known(scheduler, installed["scheduler"]), __version__)
    for address, found in imported.items():
        _refuse_version(f"the worker {address}", _known(found, installed["workers"].get(address)), __version__)


def _version() -> str:
    """The version on a machine of the cluster."""
    return __version__


def _known(imported: str | BaseException, installed: Mapping[str, Any] | None) -> str | None:
    """The version of a machine. One that cannot import this module may have a convcalc without it."""
    if isinstance(imported, str):
        return imported
    version: str | None = (installed or {}).get("packages", {}).get("convcalc")
    return version if version != __version__ else None


def _refuse_version(machine: str, found: str | None, wanted: str) -> None:
    """Raise UsageError where a machine has another version of convcalc, or none."""
    if found is None:
        raise UsageError(f"{machine} has no convcalc", f"install it there: pip install convcalc=={wanted}")
    if found != wanted:
        message = f"{machine} has convcalc {found}, and this run is of convcalc {wanted}: figures may differ"
        raise UsageError(message, "install the same version on all machines of the cluster")


class _Tasks:
    """The ranges that are on the cluster."""

    def __init__(self, client: Client, plan: Plan, todo: Todo) -> None:
        self.client = client
        self.todo = todo
        self.ranges: dict[Future, Range] = {}
        self.done: SimpleQueue[Future] = SimpleQueue()
        self.workers = 1
        self.looked = -inf
        self.seen_workers = monotonic()
        self.plugin = _Evaluating(plan)
        client.register_plugin(self.plugin, name=self.plugin.name)

    def hand_out(self) -> bool:
        """Give ranges to the cluster; whether it has any."""
        self._look()
        while len(self.ranges) < RANGES_AT_A_TIME * max(self.workers, 1):  # without workers, they wait for one
            range = self.todo.take(max(self.workers, 1))
            if range is None:
                break
            future = self.client.submit(_evaluate, self.plugin.name, __version__, *range, pure=False)
            self.ranges[future] = range
            future.add_done_callback(self.done.put)
        return bool(self.ranges)

    def receive(self) -> Iterator[Batch | Lost]:
        """The results that are there, once there is one, or a moment later."""
        with suppress(Empty):
            future = self.done.get(timeout=PATIENCE)
            while True:
                yield from self._result(future)
                future = self.done.get_nowait()

    def end(self) -> None:
        """Take the tasks and the evaluator from the cluster; it may be gone."""
        with suppress(Exception):
            self.client.cancel(list(self.ranges), force=True)
            self.client.unregister_worker_plugin(self.plugin.name)

    def _result(self, future: Future) -> Iterator[Batch | Lost]:
        try:
            timed: Timed = future.result(timeout=CONNECTING)
        except TimeoutError:  # the worker that had the result is lost: others make it again
            future.add_done_callback(self.done.put)
            return
        except KilledWorker:  # Dask has tried several, and also suspects the ranges that waited beside the wrong one
            lost = self.todo.failed(self.ranges.pop(future), "the workers that evaluated it were lost")
            if lost is not None:
                yield lost
            return
        self.todo.done(self.ranges.pop(future), timed.seconds)
        yield timed.batch

    def _look(self) -> None:
        """Look at which workers there are. Raises UsageError where there were none for a while."""
        if monotonic() < self.looked + LOOK:
            return
        self.looked = monotonic()
        self.workers = len(self.client.nthreads())
        if self.workers:
            self.seen_workers = self.looked
        elif self.looked > self.seen_workers + WITHOUT_WORKERS:
            raise UsageError(
                f"the cluster has had no workers for {WITHOUT_WORKERS:.0f} seconds", "start some with `dask worker`"
            )


class _Evaluating(WorkerPlugin):
    """Makes the evaluator of a plan on each worker, when the first range is there."""

    def __init__(self, plan: Plan) -> None:
        self.name = f"convcalc-{uuid4().hex}"
        self.plan = plan

    def setup(self, worker: Worker) -> None:
        self.lock = Lock()  # a worker may have several threads
        self.evaluator: Evaluator | None = None

    def run(self, range: Range) -> Timed:
        """The batch of a range."""
        with self.lock:
            if self.evaluator is None:
                self.evaluator = Evaluator(self.plan)
            return evaluated(self.evaluator, range)


def _evaluate(plugin: str, version: str, start: int, stop: int) -> Timed:
    """The task. Raises UsageError on a worker of another version, which came after the others were looked at."""
    worker = get_worker()
    _refuse_version(f"the worker {worker.address}", __version__, version)
    evaluating: _Evaluating = worker.plugins[plugin]
    return evaluating.run(Range(start, stop))
