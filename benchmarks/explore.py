"""Measures the time from an edit to its figures, and from the start of the screen to its first frame.

`python benchmarks/explore.py TARGET LAYER KEY VICTIM…` prints the milliseconds of processor time of each edit, by kind.
`run.py` calls it with the python that has convcalc.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from time import process_time
from typing import TYPE_CHECKING, Any

from measure import ROOT, Figure, environment

if TYPE_CHECKING:
    from run import Bench

EDITS = 100
LAYERS = 1000
GOAL_MILLISECONDS = 100
LARGE = "efficientnet_v2_l"
IMPORTS_SCREEN = "import textual.app"
# The screen of `convcalc explore`, without a terminal: it ends after its first frame.
PAINT = """
import asyncio, gc, sys
gc.disable()
from convcalc.editor import open_session
from convcalc.tui.app import ExploreApp

async def paint():
    async with ExploreApp(open_session(sys.argv[1])).run_test(size=(120, 40)) as pilot:
        await pilot.pause()

asyncio.run(paint())
"""


def screen(bench: Bench) -> list[Figure]:
    """Edits of a long chain and of a large network of blocks, and the start of the screen on a small one."""
    painted = bench.pairs(
        "explore lenet, first frame / import textual.app",
        bench.code(PAINT, "lenet"), bench.code(IMPORTS_SCREEN), 3,
    )  # fmt: skip
    victims = [f"conv{index}" for index in range(1, LAYERS, 3)]
    chain = _edits(bench, f"chain of {LAYERS:,}", bench.chain(LAYERS), "conv0", "out_channels", *victims)
    return [painted, *chain, *_edits(bench, LARGE, LARGE, "head", "out", "dropout_1")]


def _edits(bench: Bench, name: str, target: str | Path, *words: str) -> list[Figure]:
    with tempfile.TemporaryDirectory() as state:
        done = subprocess.run(
            [bench.python, __file__, target, *words],
            cwd=ROOT, env={**environment(), "XDG_STATE_HOME": state}, check=True, capture_output=True,
        )  # fmt: skip
    figures = []
    for kind, runs in json.loads(done.stdout).items():
        figures.append(Figure(f"{name}, {kind}", "ms", runs, GOAL_MILLISECONDS))
        figures.append(Figure(f"{name}, {kind}, 95th percentile", "ms", [quantiles(runs, n=20)[-1]], GOAL_MILLISECONDS))
    return figures


def edits(target: str, layer: str, key: str, victims: list[str]) -> dict[str, list[float]]:
    """Milliseconds of each edit: each turn sets a new value and removes a layer, and `undo` then goes back through all.

    The collector runs as on the screen. The time of what a screen does between edits does not count.
    """
    from convcalc.editor import open_session  # from the measured environment; run.py may run in another one

    gc.disable()  # as the command line does
    session = open_session(target)
    gc.freeze()

    spent: dict[str, list[float]] = {"set": [], "remove": [], "undo": []}
    for number, victim in enumerate(islice(cycle(victims), EDITS)):
        spent["set"].append(_milliseconds(session.set, layer, key, 2000 + number))
        session.checkpoint()
        spent["remove"].append(_milliseconds(session.remove, victim))
        session.checkpoint()
        session.undo()
    for _ in range(EDITS):
        spent["undo"].append(_milliseconds(session.undo))
        session.checkpoint()
    return spent


def _milliseconds(edit: Callable[..., Any], *arguments: Any) -> float:
    start = process_time()
    outcome = edit(*arguments)
    spent = process_time() - start
    if not outcome.changed or outcome.problems:
        sys.exit(str(outcome))
    return spent * 1000


if __name__ == "__main__":
    target, layer, key, *victims = sys.argv[1:]
    print(json.dumps(edits(target, layer, key, victims)))
