"""A directory in which a test does what a user does: write files, commit them, call convcalc, read its output."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from convcalc.cli.main import run

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60
# A repository of a test knows nothing of the user's settings.
GIT_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class Call(NamedTuple):
    """The exit code of a command, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """All that was printed: standard output, then standard error."""
        return self.out + self.err


class Workspace:
    """The working directory of a test. `workspace / name` is the path of a file there."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.capsys = capsys
        self.patch = patch
        patch.chdir(path)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def write(self, files: Mapping[str, str | bytes] | None = None, /, **specs: str) -> None:
        """Write files by their paths, and specs without their ending: `lib__net=` writes lib/net.yaml."""
        paths = {f"{name.replace('__', '/')}.yaml": text for name, text in specs.items()}
        write_files({**(files or {}), **paths}, self.path)

    def copy(self, *files: Path) -> None:
        """Copy files into the workspace."""
        for file in files:
            shutil.copy(file, self.path)

    def enter(self, name: str) -> None:
        """Make a folder below the working directory."""
        self.patch.chdir(self.path / name)

    def call(self, *arguments: str, data: str | None = None) -> Call:
        """Call convcalc in this process, with `data` on standard input."""
        self.capsys.readouterr()
        with self.patch.context() as patch:
            if data is not None:
                patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.encode()), encoding="utf-8"))
            code = run(list(arguments))
        return Call(code, *self.capsys.readouterr())

    def check(self, *arguments: str) -> tuple[int, str]:
        """The exit code of `convcalc check`, and all that it prints."""
        call = self.call("check", *arguments)
        return call.code, call.text

    def git(self, *arguments: str) -> str:
        """What a git command prints."""
        return git(self.path, *arguments)

    def commit(self, branch: str = "") -> None:
        """Commit every file, in a repository that is made where there is none; give the commit a branch."""
        if not (self.path / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a")
        if branch:
            self.git("branch", branch)


def write_files(files: Mapping[str, str | bytes], folder: Path | str = ".") -> None:
    """Write files, and the folders that they are in."""
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | GIT_SETTINGS
    user = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    call = ["git", *user, *arguments]
    done = subprocess.run(call, cwd=folder, env=environment, check=True, capture_output=True, encoding="utf-8")  # noqa: S603
    return done.stdout.strip()


def python(code: str, *arguments: str) -> list[str]:
    """The command that runs some Python in a process of its own."""
    return [sys.executable, "-c", code, *arguments]


def command(*arguments: str) -> list[str]:
    """The command that calls convcalc in a process of its own."""
    return python("from convcalc.cli.main import main; main()", *arguments)


def environment(**changes: str) -> dict[str, str]:
    """The environment of a process that imports this checkout, wherever it runs."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **changes}


def finished(call: list[str], data: bytes = b"", **changes: str) -> subprocess.CompletedProcess[bytes]:
    """A process that has ended, with `data` on its standard input and changes of its environment."""
    return subprocess.run(  # noqa: S603 - our own command
        call, input=data, capture_output=True, check=False, env=environment(**changes), timeout=PATIENCE_SECONDS
    )
