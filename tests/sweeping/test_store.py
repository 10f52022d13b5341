"""The store of a sweep: nothing is lost or repeated, and what does not belong to it is refused."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convcalc import __version__
from convcalc.errors import UsageError
from convcalc.report.sums import Partial
from convcalc.sweeping import store as stores
from convcalc.sweeping import store_head
from convcalc.sweeping.batch import Batch, Miss
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range, Shard, outermost, without
from convcalc.sweeping.runner import Progress, run
from convcalc.sweeping.store import opened, reading
from convcalc.sweeping.store_values import batch_of, counts_of, encoded, row_of
from tests.sweeping.plans import NET, alone, finished, plan, rows_of
from tests.workspace import environment

WHERE = plan(where=("params < 3000",), columns=("params", "macs", "output_shape"))
LONG = plan("width=1..40", "kernel=1..12", where=("params < 30000",))
FIGURES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.integers(0).map(Partial),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=6,
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "runs.db")


@given(st.integers(0, 10**30), st.lists(FIGURES, max_size=5))
def test_figures_come_back_as_they_were(index: int, figures: list[Any]) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        marks = ", ".join("?" * (1 + len(figures)))
        found = database.execute(f"SELECT {marks}", encoded((index, tuple(figures)))).fetchone()
    assert repr(row_of(found)) == repr((index, tuple(figures)))


def test_counts_come_back_as_they_were() -> None:
    batch = Batch(4, 8, [], {"does not fit ✗": 3}, {"params < 5": 1}, {"params < 5": Miss(0.5, 7, Partial(9))})
    found = batch_of(Range(4, 8), counts_of(batch))
    assert repr(found) == repr(batch)
    assert type(found.misses["params < 5"].value) is Partial


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_store_has_the_rows_of_a_run(path: str, jobs: int) -> None:
    wanted = alone(WHERE)
    started, rows = finished(WHERE, store=path, jobs=jobs)
    assert rows == wanted.rows
    assert started.totals.misses == wanted.misses
    again, rows = finished(WHERE, store=path, jobs=1)
    assert rows == wanted.rows
    assert (again.totals, again.passed, again.missing) == (started.totals, len(wanted.rows), [])


def test_a_run_that_was_stopped_goes_on_where_it_was(path: str) -> None:
    told: list[Progress] = []
    _, first = finished(WHERE, store=path, jobs=1, progress=told.append, stopped=lambda: len(told) >= 5)
    assert 0 < len(first) < len(alone(WHERE).rows)
    going_on: list[Progress] = []
    started, rows = finished(WHERE, store=path, jobs=1, progress=going_on.append)
    assert rows == alone(WHERE).rows
    assert going_on[0].done > told[-1].done
    assert started.totals == alone_totals(WHERE)


def alone_totals(plan: Plan) -> Batch:
    whole = alone(plan)
    return Batch(0, whole.stop, [], whole.broken, whole.rejected, whole.misses)


def test_shards_may_share_a_store(path: str) -> None:
    for number in (2, 1, 3):
        finished(WHERE, store=path, jobs=1, shard=Shard(number, 3))
    started, rows = finished(WHERE, store=path, jobs=1)
    assert (rows, started.totals) == (alone(WHERE).rows, alone_totals(WHERE))
    with reading(path) as store:
        assert store.shards == [Shard(1, 3), Shard(2, 3), Shard(3, 3)]


def test_others_can_query_the_figures(path: str) -> None:
    rows_of(WHERE, store=path)
    with closing(sqlite3.connect(path)) as database:
        found = database.execute('SELECT candidate, "params", output_shape FROM rows ORDER BY macs LIMIT 1').fetchone()
    row = min(alone(WHERE).rows, key=lambda row: row[1][1])
    assert found == (row[0], row[1][0], "[10]")


def test_columns_that_differ_in_capitals_alone(path: str) -> None:
    columns = ("params", "layers['first'].params", 'layers["first"].params', "PARAMS")
    text = NET.replace("params: {", "params: {PARAMS: 3, ")
    plan_ = plan("PARAMS=3,4", text=text, columns=columns)
    assert rows_of(plan_, store=path) == alone(plan_).rows


# What differs, and the message.
OTHERS: list[tuple[Plan, str]] = [
    (plan("width=1..8", "kernel=1..13"), "--vary is `width=1..8` `kernel=1..12` in runs.db, and `width=1..8`"
     " `kernel=1..13` in this call"),
    (plan(where=("params < 5",)), "--where is not given in runs.db, and `params < 5` in this call"),
    (plan(columns=("params",)), "--columns is `params` `macs` in runs.db, and `params` in this call"),
    (plan(sample=10), "--sample is not given in runs.db, and `10` in this call"),
    (plan(text=NET.replace("size: 2", "size: 3")),
     "line 5 of net.yaml is `- max_pool2d: {name: pool, kernel_size: 2}` in runs.db, and"
     " `- max_pool2d: {name: pool, kernel_size: 3}` in this call"),
    (plan(text=NET + "  - relu\n"), "line 8 of net.yaml is not there in runs.db, and `- relu` in this call"),
]  # fmt: skip


@pytest.mark.parametrize(("other", "says"), OTHERS, ids=[says.split(" is ")[0] for _, says in OTHERS])
def test_another_sweep_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: Plan, says: str) -> None:
    monkeypatch.chdir(tmp_path)
    wanted = rows_of(plan(), store="runs.db")
    with pytest.raises(UsageError) as caught:
        rows_of(other, store="runs.db")
    assert str(caught.value).startswith(f"runs.db is of another sweep: {says}; name another file with --out")
    assert rows_of(plan(), store="runs.db") == wanted


def test_the_name_of_the_file_does_not_matter(path: str) -> None:
    rows_of(plan(), store=path)
    renamed = Plan.of_dict({**plan().to_dict(), "label": "other.yaml"})
    assert rows_of(renamed, store=path) == alone(plan()).rows


def test_another_version_of_convcalc_is_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows_of(plan(), store=path)
    monkeypatch.setattr(store_head, "__version__", "9.0.0")
    with pytest.raises(UsageError) as caught:
        rows_of(plan(), store=path)
    assert str(caught.value) == (
        f"{path} was written by convcalc {__version__}, and this is convcalc 9.0.0: figures may differ;"
        f" install convcalc {__version__} to go on, or name another file with --out"
    )


def change(path: str, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(statement)


def test_another_version_of_the_store_is_refused(path: str) -> None:
    rows_of(plan(), store=path)
    change(path, "PRAGMA user_version = 9")
    with pytest.raises(UsageError, match=r"has version 9 of the store, and convcalc .* writes version 1"):
        rows_of(plan(), store=path)


def text_file(path: str) -> None:
    Path(path).write_text("a,b\n" * 1000)


def other_database(path: str) -> None:
    change(path, "CREATE TABLE mine (a)")


def damaged(path: str) -> None:
    rows_of(plan(), store=path)
    with open(path, "r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8000)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (text_file, "runs.db is not a store of a sweep; name a file that `convcalc sweep --out` wrote, or a new one"),
        (other_database, "runs.db is not a store of a sweep; name a file that"),
        (damaged, "runs.db: the database is damaged; name a new file with --out"),
        (os.mkdir, "runs.db cannot be opened: it is a directory; name another file with --out"),
    ],
)
def test_what_is_no_store_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], None], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make("runs.db")
    before = Path("runs.db").read_bytes() if os.path.isfile("runs.db") else b""
    with pytest.raises(UsageError) as caught:
        rows_of(plan(), store="runs.db")
    assert str(caught.value).startswith(says)
    assert not before or Path("runs.db").read_bytes() == before


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be opened: no such file or directory"):
        rows_of(plan(), store=str(tmp_path / "no" / "runs.db"))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_file_that_was_only_begun(path: str, kept: int) -> None:
    """The process that made it was killed before it had its tables."""
    if kept:
        change(path, "PRAGMA journal_mode = WAL")
    else:
        Path(path).write_bytes(b"")
    assert rows_of(plan(), store=path) == alone(plan()).rows


# A run in a process of its own.
SCRIPT = """
import sys, time
from convcalc.errors import UsageError
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.runner import run
from tests.sweeping.test_store import LONG, WHERE

if __name__ == "__main__":
    {before}
    try:
        print(len(list(run({plan}, store=sys.argv[1], jobs=int(sys.argv[2])))), flush=True)
    except UsageError as error:
        print(error, flush=True)
"""


def start(path: str, jobs: int = 1, before: str = "pass", plan: str = "WHERE") -> subprocess.Popen[str]:
    """A run in a process of its own; it prints its number of rows, or its error."""
    return subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", SCRIPT.format(before=before, plan=plan), path, str(jobs)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip


def output(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=60)
    assert errors == ""
    return out.strip()


@pytest.fixture
def holder(path: str) -> Iterator[int]:
    """The number of a process that has the store, and waits."""
    wait = "run(WHERE, store=sys.argv[1], jobs=1, progress=lambda _: (print('begun', flush=True), time.sleep(60)))"
    with start(path, before=f"list({wait})") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        yield process.pid
        process.kill()


def test_a_store_that_another_run_writes_to(path: str, holder: int) -> None:
    with pytest.raises(UsageError) as caught:
        rows_of(WHERE, store=path)
    who = f"process {holder} (python" if os.path.exists("/proc/locks") else "another process"
    assert str(caught.value).startswith(f"{path} is in use: {who}")
    assert str(caught.value).endswith(" writes to it; wait until it ends, or name another file with --out")
    with reading(path) as store:
        assert store.done() == [Range(0, 1)]


def test_the_lock_of_a_dead_process_is_no_obstacle(path: str, holder: int) -> None:
    os.kill(holder, signal.SIGKILL)
    os.waitid(os.P_PID, holder, os.WEXITED | os.WNOWAIT)
    assert rows_of(WHERE, store=path) == alone(WHERE).rows


LOCKER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("BEGIN IMMEDIATE")
print("begun", flush=True)
input()
"""


def test_a_store_that_another_program_has_locked(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "WAIT_SECONDS", 0.05)
    told: list[Progress] = []
    finished(WHERE, store=path, jobs=1, progress=told.append, stopped=lambda: len(told) >= 3)
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-c", LOCKER, path], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        with pytest.raises(UsageError) as caught:
            rows_of(WHERE, store=path)
        process.kill()
    who = f"process {process.pid} (python" if os.path.exists("/proc/locks") else "another program"
    assert str(caught.value).startswith(f"{path} is locked by {who}")
    assert rows_of(WHERE, store=path) == alone(WHERE).rows


@pytest.mark.skipif(sys.platform == "win32", reason="the limit of a file's size is one of POSIX")
def test_a_full_disk(path: str) -> None:
    """A file that cannot grow: the error is clear, and what was committed stays."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))"
    with start(path, before=limit) as process:
        says = output(process)
    assert says.startswith(
        f"{path}: reading or writing failed (disk I/O error); every range that was done before is kept"
    )
    with reading(path) as store:
        done = store.done()
    assert done[0].start == 0
    going_on: list[Progress] = []
    assert list(run(WHERE, store=path, jobs=1, progress=going_on.append)) == alone(WHERE).rows
    assert going_on[0].done > done[0].size


def test_no_room_in_the_database(path: str) -> None:
    with opened(path, WHERE, 96) as database:
        database._connection.execute("PRAGMA max_page_count = 10")
        batches = (Batch(place, place + 1, [(place, (1, 2, "x" * 1000))]) for place in range(10**6))
        with pytest.raises(UsageError, match="the disk is full; every range that was done before is kept: make room"):
            deque(map(database.add, batches), 0)
        kept = len(database.ranges())
        assert kept == database.passed == len(list(database.rows())) > 3
    with opened(path, WHERE, 96) as database:
        database.add(Batch(kept, kept + 1, [(kept, (1, 2, (3,)))]))
        assert list(database.rows())[-1] == (kept, (1, 2, (3,)))


READ_ONLY = """
import os, sys
from tests.sweeping.plans import plan, rows_of
rows_of(plan(), store=sys.argv[1])  # loads all modules
os.chmod(sys.argv[1], 0o444)
if os.getuid() == 0:  # root may write to every file
    os.setuid(65534)
try:
    rows_of(plan(), store=sys.argv[1])
except Exception as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it needs the permissions of POSIX")
def test_a_file_that_cannot_be_written() -> None:
    """Also one in which everything is done."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "runs.db")
        os.chmod(folder, 0o777)  # noqa: S103 - for another user
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", READ_ONLY, path], capture_output=True, text=True, check=True, env=environment()
        )
    assert done.stdout == f"{path}: it cannot be written; name a file of yours with --out\n"


# A candidate takes some milliseconds, and a range some dozens of them.
SLOW = """
    from convcalc.sweeping import todo
    todo.SECONDS = 0.05
    evaluate = Evaluator.run
    Evaluator.run = lambda self, start, stop: (time.sleep(0.004 * (stop - start)), evaluate(self, start, stop))[1]
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_and_going_on(path: str, seed: int) -> None:
    """SIGKILL at random moments: no range that was done is lost or repeated, and in the end all rows are there."""
    chance = Random(seed)  # noqa: S311 - not for secrets
    done: list[Range] = []
    lengths = []
    for _ in range(5):
        told = "LONG, progress=lambda _: print('done', flush=True)"
        with start(path, jobs=1 + seed % 2, before=SLOW.strip(), plan=told) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(7)):
                process.stdout.readline()
            time.sleep(chance.uniform(0, 0.06))
            process.kill()
        now = done_of(path)
        assert not without(done, now), "a range was lost"
        done = now
        lengths.append(sum(each.size for each in done))
    assert any(0 < length < 480 for length in lengths), "no run was ended on the way"
    assert rows_of(LONG, store=path) == alone(LONG).rows
    with reading(path) as store:
        assert store.totals() == alone_totals(LONG)
        ranges = [each.range for each in store.ranges()]
        assert outermost(ranges) == ranges


def done_of(path: str) -> list[Range]:
    """What is done in a store; nothing before it has tables."""
    if not os.path.exists(path):
        return []
    with closing(sqlite3.connect(path)) as database:
        if not database.execute("SELECT 1 FROM sqlite_master").fetchall():
            return []
    with reading(path) as store:
        return store.done()
