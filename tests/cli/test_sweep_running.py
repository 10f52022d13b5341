"""Where a sweep runs and what it keeps, on the command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.workspace import Workspace, environment, python

NET = """\
params: {width: 8, kernel: 3}
input: [3, 12, 12]
layers:
  - conv2d: {out_channels: =width, kernel_size: =kernel}
  - global_avg_pool
"""
SWEEP = ("sweep", "net.yaml", "--vary", "width=1..8", "--vary", "kernel=1,3,5,13", "--format", "csv")


@pytest.fixture
def folder(workspace: Workspace) -> Workspace:
    workspace.write(net=NET)
    return workspace


def test_the_same_rows_however_they_are_made(folder: Workspace) -> None:
    wanted = folder.call(*SWEEP)
    assert wanted.code == 0
    assert wanted.out.count("\n") == 1 + 24
    for options in [("--jobs", "2"), ("--jobs", "0"), ("--out", "a.db"), ("--out", "a.db", "--jobs", "2")]:
        assert folder.call(*SWEEP, *options) == wanted
    for number in ("1", "2", "3"):
        part = folder.call(*SWEEP, "--shard", f"{number}/3", "--out", f"part-{number}.db")
        assert part.code == 0
    parts = ["part-3.db", "part-1.db", "part-2.db"]
    assert folder.call("sweep", "--merge", *parts, "--format", "csv").out == wanted.out
    merged = folder.call("sweep", "--merge", *parts, "--out", "all.db", "--sort", "params", "--top", "2")
    assert merged.code == 0
    assert merged.out == folder.call(*SWEEP[:-2], "--sort", "params", "--top", "2").out
    assert folder.call(*SWEEP, "--out", "all.db").out == wanted.out


def test_shards_that_are_missing(folder: Workspace) -> None:
    folder.call(*SWEEP, "--shard", "2/3", "--out", "a.db")
    found = folder.call("sweep", "--merge", "a.db", "--format", "csv")
    assert found.code == 1
    assert found.out.count("\n") > 5
    assert re.search(
        r"warning: \d+ candidates are in none of the files: those of shards 1, 3 of 3\n"
        r"  help: run what is missing, then merge again\n",
        found.err,
    )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("sweep", "--merge"), "--merge needs the files of the stores"),
        (("sweep", "--merge", "net.yaml"), "net.yaml is not a store of a sweep"),
        (("sweep", "--merge", "a.db", "--jobs", "2"), "--merge and --jobs contradict each other"),
        (("sweep", "--merge", "a.db", "--vary", "width=1"), "--merge and --vary contradict each other"),
        ((*SWEEP, "--shard", "4/3"), "there is no shard 4/3"),
        ((*SWEEP, "--jobs", "2", "--scheduler", "tcp://a:1"), "--jobs and --scheduler contradict each other"),
        ((*SWEEP, "--out", "no/a.db"), "no/a.db cannot be opened: no such file or directory"),
        ((*SWEEP, "--out", "net.yaml"), "net.yaml is not a store of a sweep"),
        ((*SWEEP, "--out", "a.db", "--where", "params < 5"), "a.db is of another sweep: --where is not given in a.db"),
    ],
)
def test_what_is_refused(folder: Workspace, call: tuple[str, ...], says: str) -> None:
    folder.call(*SWEEP, "--out", "a.db")
    found = folder.call(*call)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"error: {says}")
    assert "\n  help: " in found.err
    assert folder.call("count", "net.yaml").code == 0


# A job in the background of a shell ignores Ctrl-C, and so would all that it starts. A candidate takes a while.
SLOW = """
import signal, time
from convcalc.sweeping import todo
from convcalc.sweeping.evaluator import Evaluator

evaluate = Evaluator.run
Evaluator.run = lambda self, start, stop: (time.sleep(0.05 * (stop - start)), evaluate(self, start, stop))[1]
todo.SECONDS = 0.05
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from convcalc.cli.main import main
    main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_keeps_what_is_done(folder: Workspace, jobs: str) -> None:
    """And the same command goes on there, to the same rows."""
    wanted = folder.call(*SWEEP)
    options = [*SWEEP, "--out", "a.db", "--jobs", jobs]
    with subprocess.Popen(  # noqa: S603 - our own code
        python(SLOW, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        wait_for(folder / "a.db")
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    done = re.search(r"note: stopped after (\d+) of 32 candidates\n  help: the same command goes on\n", errors)
    assert done is not None, errors
    assert int(done[1]) < 32
    assert out in wanted.out or int(done[1]) == 0
    assert folder.call(*options) == wanted


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
