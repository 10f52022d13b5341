"""A sweep on a Dask cluster: a real scheduler and real workers on this machine."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from convcalc import __version__
from convcalc.errors import UsageError
from convcalc.sweeping.batch import Batch, Row
from convcalc.sweeping.runner import Progress, Run, run
from convcalc.sweeping.store import reading
from tests.sweeping.plans import alone, finished, plan, rows_of
from tests.workspace import environment

pytest.importorskip("distributed", reason="distributed is not installed")
from distributed import Client

from convcalc.sweeping.cluster import _check_versions

pytestmark = pytest.mark.slow

PATIENCE = 120
LONG = plan("width=1..60", "kernel=1..12", where=("params < 30000",))
# What a worker does before it joins: it takes its time for each candidate; its convcalc is of another version.
PATCH = """
import os, time
from convcalc.sweeping.evaluator import Evaluator

def patched(self, start, stop, evaluate=Evaluator.run):
    {action}
    return evaluate(self, start, stop)

if Evaluator.run.__name__ != "patched":  # Dask may run this twice
    Evaluator.run = patched
"""
SLOW = PATCH.format(action="time.sleep(0.004 * (stop - start))")
LOSES_ITS_LIFE = PATCH.format(action="if start <= 77 < stop: os._exit(1)")
REFUSED = (
    rf"the worker tcp://\S+ has convcalc 0\.0\.9, and this run is of convcalc {re.escape(__version__)}: figures may"
    r" differ; install the same version on all machines of the cluster"
)
OTHER_VERSION = "import convcalc; convcalc.__version__ = '0.0.9'"


class Cluster(NamedTuple):
    """A scheduler, and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
    return subprocess.Popen(  # noqa: S603 - our own code
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), start_new_session=True
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process with those that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


@contextmanager
def cluster(folder: Path, workers: int, before: str = "pass", nanny: str = "--no-nanny") -> Iterator[Cluster]:
    """`dask scheduler` and `dask worker` on loopback; each worker runs some code at first."""
    file, preload = folder / "scheduler.json", folder / "preload.py"
    preload.write_text(before)
    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))]
    try:
        wait_until(file.exists)
        wait_until(lambda: file.read_text().endswith("}"))
        address: str = json.loads(file.read_text())["address"]
        options = [nanny, "--nthreads", "1", "--preload", str(preload), "--local-directory", str(folder)]
        processes += [dask("worker", address, *options) for _ in range(workers)]
        yield Cluster(address, processes[1:])
    finally:
        for process in reversed(processes):
            end(process)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_worker_that_is_killed_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are those of one process, in memory and in a store."""
    monkeypatch.setattr("convcalc.sweeping.todo.SECONDS", 0.05)
    store = str(tmp_path / "runs.db")
    wanted = alone(LONG)
    with cluster(tmp_path, 2, SLOW) as (address, workers):

        def kill(progress: Progress) -> None:
            if progress.done > 200 and workers[0].poll() is None:
                workers[0].kill()
                workers[0].wait()

        started, rows = finished(LONG, scheduler=address, store=store, progress=kill)
        assert workers[0].returncode == -9
        assert workers[1].poll() is None
        assert_equal(started, rows, wanted)
        assert_equal(*finished(LONG, scheduler=address), wanted)
    with reading(store) as kept:
        assert list(kept.rows()) == wanted.rows


def assert_equal(started: Run, rows: list[Row], wanted: Batch) -> None:
    assert rows == wanted.rows
    assert (started.totals.broken, started.totals.rejected, started.totals.misses) == (
        wanted.broken, wanted.rejected, wanted.misses
    )  # fmt: skip
    assert (started.lost, started.missing, started.is_stopped) == ([], [], False)


def test_workers_that_come_later(tmp_path: Path) -> None:
    """A run waits for them; they get the plan as well."""
    with cluster(tmp_path, 0) as (address, _):
        told: list[Progress] = []
        worker = dask("worker", address, "--nthreads", "2", "--no-nanny", "--local-directory", str(tmp_path))
        try:
            assert list(run(LONG, scheduler=address, progress=told.append)) == alone(LONG).rows
        finally:
            end(worker)
    assert told[-1].done == 720


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    with cluster(tmp_path, 1, OTHER_VERSION) as (address, _), pytest.raises(UsageError) as caught:
        rows_of(LONG, scheduler=address)
    assert re.fullmatch(REFUSED, str(caught.value))


def test_a_worker_of_another_version_that_comes_later(tmp_path: Path) -> None:
    """It is there only after the versions were compared."""
    preload = tmp_path / "other.py"
    preload.write_text(OTHER_VERSION)
    with cluster(tmp_path, 0) as (address, _):
        rows = iter(run(LONG, scheduler=address))
        options = ["--no-nanny", "--preload", str(preload), "--local-directory", str(tmp_path)]
        worker = dask("worker", address, "--death-timeout", str(PATIENCE), *options)
        try:
            with pytest.raises(UsageError, match=REFUSED):
                next(rows)
        finally:
            end(worker)


def test_a_candidate_that_ends_each_worker(tmp_path: Path) -> None:
    with cluster(tmp_path, 1, LOSES_ITS_LIFE, nanny="--nanny") as (address, _):
        started, rows = finished(plan(), scheduler=address)
    assert {each.reason for each in started.lost} == {"the workers that evaluated it were lost"}
    lost = {place for each in started.lost for place in range(*each.range)}
    assert 77 in lost
    assert len(lost) <= 8
    assert rows == [row for row in alone(plan()).rows if row[0] not in lost]


LOCAL = """
from tests.sweeping.plans import alone, rows_of
from tests.sweeping.test_cluster import LONG

if __name__ == "__main__":
    assert rows_of(LONG, scheduler="local", jobs=2) == alone(LONG).rows
"""


def test_a_cluster_of_its_own(tmp_path: Path) -> None:
    """In a process of its own: the workers import the file that was started."""
    script = tmp_path / "script.py"
    script.write_text(LOCAL)
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, str(script)], capture_output=True, check=False, env=environment(), timeout=PATIENCE
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.sweeping.cluster.CONNECTING", 0.5)
    for address, help in [("tcp://127.0.0.1:9", "start one with `dask scheduler`"), ("nonsense://a", "start one with")]:
        with pytest.raises(UsageError) as caught:
            rows_of(plan(), scheduler=address)
        assert str(caught.value).startswith(f"there is no Dask scheduler at {address}: ")
        assert help in str(caught.value)
        del caught
        # Not isinstance: it reads __class__, of which some objects of other libraries warn.
        assert not [each for each in gc.get_objects() if issubclass(type(each), Client)], "it may block the next one"


def test_a_cluster_without_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convcalc.sweeping.cluster.WITHOUT_WORKERS", 1.5)
    with cluster(tmp_path, 0) as (address, _), pytest.raises(UsageError) as caught:
        rows_of(plan(), scheduler=address)
    assert str(caught.value) == "the cluster has had no workers for 2 seconds; start some with `dask worker`"


def test_a_run_that_is_stopped(tmp_path: Path) -> None:
    with cluster(tmp_path, 1, SLOW) as (address, _):
        told: list[Progress] = []
        started = run(LONG, scheduler=address, progress=told.append, stopped=lambda: len(told) >= 4)
        list(started)
    assert started.is_stopped
    assert started.missing


GONE = ModuleNotFoundError("No module named 'convcalc'")


@pytest.mark.parametrize(
    ("imported", "installed", "says"),
    [
        (
            ["0.0.9", __version__],
            [None, None],
            f"the scheduler has convcalc 0.0.9, and this run is of convcalc {__version__}",
        ),
        (
            [GONE, __version__],
            [None, None],
            f"the scheduler has no convcalc; install it there: pip install convcalc=={__version__}",
        ),
        ([__version__, GONE], [None, None], "the worker tcp://a:1 has no convcalc; install it there: pip install"),
        (
            [__version__, GONE],
            [None, "0.0.9"],
            f"the worker tcp://a:1 has convcalc 0.0.9, and this run is of convcalc {__version__}",
        ),
        (
            [__version__, "0.0.9"],
            ["1", "1"],
            f"the worker tcp://a:1 has convcalc 0.0.9, and this run is of convcalc {__version__}",
        ),
    ],
)
def test_versions_that_differ(imported: list[Any], installed: list[str | None], says: str) -> None:
    """What Dask tells about its scheduler and its worker: what they import, and what is installed there."""

    class Client:
        def get_versions(self, packages: list[str]) -> dict[str, Any]:
            scheduler, worker = ({"packages": {packages[0]: version}} for version in installed)
            return {"scheduler": scheduler, "workers": {"tcp://a:1": worker}}

        def run(self, function: object, on_error: str) -> dict[str, Any]:
            return {"tcp://a:1": imported[1]}

        def run_on_scheduler(self, function: object) -> str:
            if isinstance(imported[0], Exception):
                raise imported[0]
            return str(imported[0])

    with pytest.raises(UsageError) as caught:
        _check_versions(Client())
    assert str(caught.value).startswith(says)
