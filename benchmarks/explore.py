"""What an edit costs in a session, and what it costs until the screen is first painted."""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import TYPE_CHECKING

import generate
from measure import ROOT, environment

if TYPE_CHECKING:
    from run import Bench, Figure

EDITS = 100
LAYERS = 1000
GOAL_MILLISECONDS = 100
LARGE = "efficientnet_v2_l"
IMPORTS_SCREEN = "import textual.app"
# The screen of `convcalc explore TARGET` without a terminal: it ends once its first frame is painted.
PAINT = """\
import asyncio, gc, sys
gc.disable()
from convcalc.session import open_session
from convcalc.explore.app import ExploreApp
from convcalc.session.pausing import collect_little
async def paint():
    app = ExploreApp(open_session(sys.argv[1]))
    collect_little()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
asyncio.run(paint())
"""


def screen(bench: Bench) -> list[Figure]:
    """Edits by kind, each with its 95th percentile, and the start of the screen."""
    from run import Figure

    figures = []
    chain = generate.write(bench.inputs / f"chain-{LAYERS}.yaml", generate.chain(LAYERS))
    for name, target in ((f"chain of {LAYERS:,}", str(chain)), (LARGE, LARGE)):
        command = [bench.python, __file__, target]
        with tempfile.TemporaryDirectory() as state:
            variables = {**environment(), "XDG_STATE_HOME": state}
            printed = subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True).stdout
        for kind, milliseconds in json.loads(printed).items():
            goal = GOAL_MILLISECONDS if target != LARGE and kind != "ready" else None
            figures.append(Figure(f"{name}, {kind}", "ms", milliseconds, goal))
            figures.append(Figure(f"{name}, {kind}, 95th percentile", "ms", [quantiles(milliseconds, n=20)[-1]], goal))
    painted, libraries = bench.code(PAINT, "lenet"), bench.code(IMPORTS_SCREEN)
    return [*figures, bench.pairs("explore lenet, first frame / import textual.app", painted, libraries, 3)]
