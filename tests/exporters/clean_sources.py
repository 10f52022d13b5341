"""The goldens of exported sources as files of Python, and what ruff and mypy find in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def copy_sources(goldens: Path, folder: Path) -> Path:
    for path in goldens.glob("*.py.txt"):
        shutil.copy(path, folder / path.name.removesuffix(".txt"))
    return folder


def assert_ruff_finds_nothing(command: str, folder: Path) -> None:
    _assert_success([sys.executable, "-m", "ruff", *command.split(), "--isolated", "--no-cache", "."], folder)


def assert_mypy_finds_nothing(folder: Path, *options: str) -> None:
    names = [path.name for path in folder.glob("*.py")]
    _assert_success([sys.executable, "-m", "mypy", "--config-file=", *options, *names], folder)


def _assert_success(call: list[str], folder: Path) -> None:
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own calls
    assert done.returncode == 0, done.stdout
