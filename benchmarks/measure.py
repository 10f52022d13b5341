"""Runs a command and measures the processor time and the peak memory of its whole process."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import venv
from collections.abc import Collection, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

MIB = 2**20
ROOT = Path(__file__).resolve().parent.parent


class Figure(NamedTuple):
    """One measured figure: its runs, and the goal for their median (None: no goal)."""

    name: str
    unit: str
    runs: list[float]
    goal: float | None = None

    @property
    def median(self) -> float:
        return median(self.runs)

    @property
    def ok(self) -> bool | None:
        return None if self.goal is None else self.median <= self.goal

    def as_json(self) -> dict[str, Any]:
        return {
            "figure": self.name, "unit": self.unit, "median": self.median, "min": min(self.runs),
            "max": max(self.runs), "goal": self.goal, "ok": self.ok,
        }  # fmt: skip


class Cost(NamedTuple):
    """The cost of one run: user and system time of it and its children, and time by the clock, in seconds; and the peak
    of resident memory of the largest of these processes, in bytes.
    """

    cpu: float
    peak: int
    elapsed: float


def install(folder: Path) -> Path:
    """A virtual environment with the package, its screen and Dask installed as a wheel; returns its python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{ROOT}[cluster,explore]"], check=True)
    return python


def has(python: Path, *modules: str) -> bool:
    """Whether an environment has all these modules; says on stderr what is not measured without them."""
    code = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))"
    lacks = subprocess.run([python, "-c", code, *modules], check=False).returncode
    if lacks:
        print(f"not measured, because not installed: {', '.join(modules)}", file=sys.stderr)
    return not lacks


def environment() -> dict[str, str]:
    """The environment without the variables that change Python's start or the colours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CONVCALC"))}
    for name in ("NO_COLOR", "FORCE_COLOR"):
        kept.pop(name, None)
    return {**kept, "TERM": "xterm-256color", "COLUMNS": "120", "PAGER": "cat"}


def cost(
    command: Sequence[str | Path], *, terminal: bool = False, folder: Path = ROOT, codes: Collection[int] = (0,)
) -> Cost:
    """Run a command with its output in a pipe or pseudo-terminal; returns its cost. Other exit codes end the run."""
    start = perf_counter()
    reader, writer = pty.openpty() if terminal else os.pipe()
    child = subprocess.Popen(
        command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    drain(reader)
    errors = child.stderr.read() if child.stderr else b""
    _, status, used = os.wait4(child.pid, 0)
    elapsed = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.stderr:
        child.stderr.close()
    if child.returncode not in codes:
        sys.exit(f"{' '.join(map(str, command))} ended with {child.returncode}:\n{errors.decode(errors='replace')}")
    # Linux counts the peak in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * unit, elapsed)


def drain(reader: int) -> None:
    """Read until the writer has closed; a pseudo-terminal then reports an error instead of an end."""
    try:
        while os.read(reader, 1 << 16):
            pass
    except OSError:
        pass
    os.close(reader)
