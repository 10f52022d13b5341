"""The packed engine in Node.js, against CPython."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import convcalc
from tests.playground.conftest import PYODIDE

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("totals.mjs")


def test_every_shipped_network_has_the_totals_of_cpython(built: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing")
    command: list[str | Path] = [node, SCRIPT, PYODIDE, built]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 0, done.stderr[-2000:]
    totals = json.loads(done.stdout)
    assert list(totals) == convcalc.zoo()
    for target, found in totals.items():
        # JSON has lists for tuples.
        assert found == json.loads(json.dumps(convcalc.analyse(target).totals.to_dict())), target
