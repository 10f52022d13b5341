"""Our own repository as others get it: a clone to install from."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.workspace import ROOT, git

# What an installation is made of.
PARTS = ("convcalc", "specs", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "action.yml")


@functools.cache
def _packages_are_reached() -> bool:
    """Whether pip reaches the packages that build convcalc: a question of its own, so that no failure of ours hides."""
    with tempfile.TemporaryDirectory() as folder:
        call = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "hatchling"]
        done = subprocess.run(call, capture_output=True, check=False, timeout=120)  # noqa: S603 - our own interpreter
    return done.returncode == 0


def require_packages() -> None:
    """Skip the test where pip reaches no packages."""
    if not _packages_are_reached():
        pytest.skip("pip reaches no packages here")


def clone_of_ours(folder: Path) -> Path:
    """A repository whose one commit holds the files of the work tree."""
    ours = folder / "ours"
    ours.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, ours / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, ours)
    git(ours, "init", "--quiet")
    git(ours, "add", ".")
    git(ours, "commit", "--quiet", "--message", "As it stands")
    return ours
