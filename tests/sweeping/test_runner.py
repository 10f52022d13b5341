"""Runs in one and several processes: the same rows, in the same order, whatever happens to a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

from convcalc import __version__
from convcalc.errors import UsageError
from convcalc.sweeping import runner, workers
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range, Shard
from convcalc.sweeping.runner import Progress, Results, run
from convcalc.sweeping.todo import Todo
from tests.sweeping.plans import alone, finished, plan, rows_of
from tests.workspace import environment

# A run in which something happens in the worker that evaluates the candidate 77; a worker imports this file as well.
SCRIPT = """
import json, os, signal, sys
from convcalc.errors import UsageError
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.runner import run
from tests.sweeping.plans import plan

evaluate = Evaluator.run

def evaluate_or_not(self, start, stop):
    if {when}:
        {action}
    return evaluate(self, start, stop)

Evaluator.run = evaluate_or_not
if __name__ == "__main__":
    started = run(plan(), jobs=2)
    try:
        rows = list(started)
        print(json.dumps({{"rows": rows, "lost": [[list(each.range), each.reason] for each in started.lost],
                          "missing": started.missing}}))
    except Exception as error:
        print(json.dumps({{"error": type(error).__name__, "text": str(error)}}))
"""


def in_workers(folder: Path, action: str, when: str = "start <= 77 < stop") -> dict[str, object]:
    """What a run gives where its workers do something else at one candidate."""
    script = folder / "script.py"
    script.write_text(SCRIPT.format(action=action, when=when))
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(script)], capture_output=True, check=True, timeout=60, env=environment()
    )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def as_json(rows: object) -> object:
    return json.loads(json.dumps(rows))


@pytest.mark.parametrize("jobs", [1, 2, 3, 0])
def test_however_many_processes(jobs: int) -> None:
    wanted = alone(plan(where=("params < 3000",)))
    run, rows = finished(plan(where=("params < 3000",)), jobs=jobs)
    assert rows == wanted.rows
    assert len(rows) > 10
    assert (run.totals.broken, run.totals.rejected, run.totals.misses) == (
        wanted.broken, wanted.rejected, wanted.misses
    )  # fmt: skip
    assert (run.passed, run.missing, run.lost, run.is_stopped) == (len(rows), [], [], False)


def test_a_sample_keeps_its_order() -> None:
    sampled = plan("width=1..1000", "kernel=1..12", sample=60)
    assert rows_of(sampled, jobs=2) == alone(sampled).rows


def test_shards_have_all_rows() -> None:
    parts = [rows_of(plan(), jobs=1, shard=Shard(number, 5)) for number in range(1, 6)]
    assert sorted(chain(*parts)) == alone(plan()).rows


def test_progress_is_told() -> None:
    told: list[Progress] = []
    list(run(plan(), jobs=1, progress=told.append))
    assert [each.total for each in told] == [96] * len(told)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert (told[-1].done, told[-1].passed, told[-1].seconds_left) == (96, len(alone(plan()).rows), 0)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_is_stopped_has_what_is_done(jobs: int) -> None:
    told: list[Progress] = []
    started = run(plan(), jobs=jobs, progress=told.append, stopped=lambda: len(told) >= 3)
    rows = list(started)
    assert started.is_stopped
    assert rows == [row for row in alone(plan()).rows if not is_in(row[0], started.missing)]
    assert sum(each.size for each in started.missing) == 96 - told[-1].done > 0


def is_in(position: int, ranges: list[Range]) -> bool:
    return any(position in range(*each) for each in ranges)


def test_a_reader_that_stops_ends_the_processes() -> None:
    rows = iter(run(plan(), jobs=2))
    assert next(rows) == alone(plan()).rows[0]
    rows.close()  # type: ignore[attr-defined]  # it is a generator


def test_small_sweeps_stay_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "count_cores", lambda: 8)
    monkeypatch.setattr(runner, "TRIAL_SECONDS", 1e9)
    monkeypatch.setattr(workers, "side_by_side", None)
    assert rows_of(plan(), jobs=0) == alone(plan()).rows


def test_large_sweeps_get_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a little work for each process, all cores are used."""
    monkeypatch.setattr(runner, "count_cores", lambda: 3)
    monkeypatch.setattr(runner, "TRIAL_SECONDS", 1e-9)
    monkeypatch.setattr(runner, "WORTH_SECONDS", 1e-9)
    counts: list[int] = []
    original = workers.side_by_side

    def counted(plan: Plan, todo: Todo, count: int, stopped: Callable[[], bool]) -> Results:
        counts.append(count)
        return original(plan, todo, count, stopped)

    monkeypatch.setattr(workers, "side_by_side", counted)
    assert rows_of(plan(), jobs=0) == alone(plan()).rows
    assert counts == [3]


def test_a_number_of_processes_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="jobs cannot be -1; 0 chooses the number of processes"):
        run(plan(), jobs=-1)


def test_a_process_that_is_killed_costs_nothing_but_time(tmp_path: Path) -> None:
    """It is killed once: others try its range again."""
    once = f"start <= 77 < stop and not os.path.exists({str(tmp_path / 'killed')!r})"
    action = f"open({str(tmp_path / 'killed')!r}, 'w').close(); os.kill(os.getpid(), signal.SIGKILL)"
    found = in_workers(tmp_path, action, once)
    assert found == {"rows": as_json(alone(plan()).rows), "lost": [], "missing": []}


@pytest.mark.parametrize(
    ("action", "reason"),
    [("os.kill(os.getpid(), signal.SIGKILL)", " by SIGKILL"), ("os._exit(7)", " with exit code 7")],
)
def test_a_candidate_that_ends_each_process_is_named(tmp_path: Path, action: str, reason: str) -> None:
    found = in_workers(tmp_path, action)
    assert found["lost"] == [[[77, 78], f"the process was ended{reason}"]]
    assert found["missing"] == [[77, 78]]
    assert found["rows"] == as_json([row for row in alone(plan()).rows if row[0] != 77])


def test_processes_that_all_end(tmp_path: Path) -> None:
    found = in_workers(tmp_path, "os._exit(9)", "True")
    assert found == {
        "error": "UsageError",
        "text": "the processes end before they give a result; the last was ended with exit code 9;"
        " the machine may have run out of memory; try fewer --jobs",
    }


def test_a_bug_in_a_process_names_the_candidates_and_the_place(tmp_path: Path) -> None:
    found = in_workers(tmp_path, "raise ZeroDivisionError('by hand')")
    assert found["error"] == "ReportedBug"
    assert str(found["text"]).startswith("candidates ")
    assert f": this is a bug in convcalc {__version__}: ZeroDivisionError: by hand at script.py:" in str(found["text"])


def test_a_wrong_call_in_a_process_stays_one(tmp_path: Path) -> None:
    found = in_workers(tmp_path, "raise UsageError('by hand', 'do it')")
    assert found == {"error": "UsageError", "text": "by hand; do it"}


def test_a_cluster_needs_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "convcalc.sweeping.cluster", raising=False)
    with pytest.raises(UsageError, match=r"--scheduler needs Dask; install it with: .*(distributed|cluster)") as caught:
        rows_of(plan(), scheduler="local")
    assert "pip" in caught.value.help
