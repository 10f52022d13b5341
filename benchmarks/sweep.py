"""Measures `convcalc sweep`: candidates a second, and what running, storing and Dask add to building the networks.

Every candidate passes, so that every one is stored: the dearest case. Three turns without a warm-up: the runs are long.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from measure import MIB, ROOT, Cost, Figure, cost, environment, has

TURNS = 3
# Evaluates the first candidates without a runner: `python -c ENGINE COUNT TARGET KEY=VALUES…`.
ENGINE = """
import gc, sys
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.planning import make_plan
from convcalc.targets.find import find
count, target, *axes = sys.argv[1:]
gc.disable()
evaluator = Evaluator(make_plan(find(target, None, None), axes))
"""
RUN = f"{ENGINE}evaluator.run(0, int(count))\n"
# Prints the seconds for building the networks, for building and counting them, and for storing the rows, as JSON.
SHARES = f"""{ENGINE}
import json, tempfile
from time import perf_counter
from convcalc.sweeping.store import opened
times = [perf_counter()]
for index in range(int(count)):
    evaluator.candidate(index)
times.append(perf_counter())
batch = evaluator.run(0, int(count))
times.append(perf_counter())
with tempfile.TemporaryDirectory() as folder, opened(folder + "/runs.db", evaluator.plan, evaluator.size) as store:
    times.append(perf_counter())
    store.add(batch)
    times.append(perf_counter())
print(json.dumps([times[1] - times[0], times[2] - times[1], times[4] - times[3]]))
"""


class Case(NamedTuple):
    """A sweep: its target, axes and candidates, and the goal in microseconds of processor time for each of these."""

    name: str
    target: str
    axes: tuple[str, ...]
    candidates: int
    goal: float | None

    @property
    def varied(self) -> list[str]:
        return [part for axis in self.axes for part in ("--vary", axis)]


def lenet(candidates: int) -> Case:
    """Widths of two layers of LeNet; 100 candidates or a multiple."""
    axes = ("conv1.out_channels=1..100", f"fc1.out_features=1..{candidates // 100}")
    return Case("LeNet", "lenet", axes, candidates, 200)


CASES = (
    lenet(30_000),
    Case("ResNet-50", "resnet50", ("base_width=1..100", "classes=10..570:10"), 5700, 1667),
    Case("EfficientNet-B0", "efficientnet_b0", ("width=0.5..1.4:0.05", "classes=10..1000:10"), 1900, None),
)


def sweep(python: Path) -> list[Figure]:
    """The figures of the group."""
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(python, Path(folder))
        figures = [figure for case in CASES for figure in [*commands.speed(case), *commands.shares(case)]]
        return [*figures, *commands.dask(CASES[0]), *commands.memory()]


class Commands:
    """The commands of one environment, and a folder for stores."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.python = python
        self.folder = folder
        self.stores = 0

    def sweep(self, case: Case, *options: str) -> Cost:
        selection = ("--sort", "macs", "--top", "3")
        return cost([self.python.parent / "convcalc", "sweep", case.target, *case.varied, *selection, *options])

    def out(self) -> tuple[str, str]:
        """`--out` with a new file."""
        self.stores += 1
        return "--out", str(self.folder / f"{self.stores}.db")

    def code(self, text: str, case: Case, candidates: int) -> Sequence[str | Path]:
        return [self.python, "-c", text, str(candidates), case.target, *case.axes]

    def speed(self, case: Case) -> list[Figure]:
        """One and two processes, and the store, compared with building and counting the same networks."""
        start = min(cost(self.code(RUN, case, 1)).cpu for _ in range(TURNS))
        turns = [
            (cost(self.code(RUN, case, case.candidates)), self.sweep(case, "--jobs", "1"),
             self.sweep(case, "--jobs", "1", *self.out()), self.sweep(case, "--jobs", "2"))
            for _ in range(TURNS)
        ]  # fmt: skip
        each = [(engine.cpu - start) / case.candidates * 1e6 for engine, *_ in turns]
        return [
            Figure(f"{case.name}, engine", "us/candidate", each, case.goal),
            Figure(f"{case.name}, 1 process / engine", "x", [one.cpu / engine.cpu for engine, one, *_ in turns], 1.05),
            Figure(f"{case.name}, 1 process and a store / engine", "x",
                   [stored.cpu / engine.cpu for engine, _, stored, _ in turns], 1.05),
            Figure(f"{case.name}, 1 process", "candidates/s", [case.candidates / one.elapsed for _, one, *_ in turns]),
            Figure(f"{case.name}, 2 processes", "candidates/s", [case.candidates / two.elapsed for *_, two in turns]),
            Figure(f"{case.name}, 2 processes / 1, by the clock", "x",
                   [two.elapsed / one.elapsed for _, one, _, two in turns], 0.56),
        ]  # fmt: skip

    def shares(self, case: Case) -> list[Figure]:
        """The shares of building the networks, counting them, and storing the rows."""
        command = self.code(SHARES, case, case.candidates // 2)
        turns = []
        for _ in range(TURNS):
            done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, check=True)
            built, counted, stored = json.loads(done.stdout)
            whole = counted + stored
            turns.append((built / whole, (counted - built) / whole, stored / whole))
        parts = zip(("building", "counting", "storing"), zip(*turns))
        return [Figure(f"{case.name}, {part}", "%", [share * 100 for share in shares]) for part, shares in parts]

    def dask(self, case: Case) -> list[Figure]:
        """A Dask cluster of this machine with one worker, without its start, compared with the engine."""
        if not has(self.python, "distributed"):
            return []
        few = case._replace(axes=(case.axes[0], "fc1.out_features=1"))
        local = ("--scheduler", "local", "--jobs", "1")
        ratios = []
        for _ in range(TURNS):
            engine = cost(self.code(RUN, case, case.candidates)).cpu - cost(self.code(RUN, case, 100)).cpu
            ratios.append((self.sweep(case, *local).cpu - self.sweep(few, *local).cpu) / engine)
        return [Figure(f"{case.name}, Dask without its start / engine", "x", ratios, 1.05)]

    def memory(self) -> list[Figure]:
        """The peak for more and more candidates, with a store. Both have enough layers to fill what is remembered."""
        figures: list[Figure] = []
        for candidates in (10_000, 1_000_000):
            axes = (f"conv1.out_channels=1..{candidates // 10_000}", "fc1.out_features=1..10000")
            run = self.sweep(Case("LeNet", "lenet", axes, candidates, None), "--jobs", "1", *self.out())
            goal = figures[0].median * 1.2 if figures else None
            figures.append(Figure(f"LeNet, {candidates:,} candidates, peak memory", "MiB", [run.peak / MIB], goal))
        return figures
