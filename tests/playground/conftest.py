"""The playground, built once for all tests; skipped where it cannot be."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYODIDE = ROOT / "playground" / "node_modules" / "pyodide"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `playground/build.py` wrote; CONVCALC_PLAYGROUND names one that is built already."""
    given = os.environ.get("CONVCALC_PLAYGROUND")
    if given:
        return Path(given)
    if shutil.which("npm") is None:
        pytest.skip("npm is missing, so that the playground cannot be built")
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "playground"
    with (shared / "playground.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process builds, and the others wait
        if not folder.exists():
            _build(folder)
    return folder


def _build(folder: Path) -> None:
    fetched = ["--no-fetch"] if PYODIDE.is_dir() else []
    command: list[str | Path] = [sys.executable, ROOT / "playground" / "build.py", "--output", folder, *fetched]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode and not PYODIDE.is_dir():
        pytest.skip("the npm packages of the playground cannot be fetched")
    assert done.returncode == 0, done.stderr
