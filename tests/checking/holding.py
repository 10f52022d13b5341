"""What the tests of budgets, configuration and baseline share: a folder to stand in, git, and calls of `check`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from convcalc.cli.main import run

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

NET = """\
name: Net
input: [3, 32, 32]
params: {width: 16}
variants:
  wide: {params: {width: 64}}
layers:
  - conv2d: {name: conv1, out_channels: =width, kernel_size: 3}
  - relu
  - conv2d: {name: conv2, repeat: 2, out_channels: 8, kernel_size: 3, bias: false}
  - flatten
  - linear: {name: fc, out_features: 10}
"""
# 448 + 1,152 + 576 + 54,090 parameters; wide has 1,792 + 4,608 in place of the first two
PARAMS, WIDE_PARAMS = 56_266, 61_066


class Folder:
    """A directory that is the working directory, and calls there."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.capsys = capsys
        self.patch = patch
        patch.chdir(path)

    def write(self, **files: str) -> None:
        """Write files; `__` in a name stands for a slash, the ending is .yaml."""
        for name, text in files.items():
            self.write_file(f"{name.replace('__', '/')}.yaml", text)

    def write_file(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def enter(self, name: str) -> None:
        """Stand in a folder below."""
        self.patch.chdir(self.path / name)

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code of convcalc, and what it prints on stdout and stderr."""
        self.capsys.readouterr()
        code = run(list(arguments))
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err

    def check(self, *arguments: str) -> tuple[int, str]:
        """The exit code of `convcalc check` and all that it prints."""
        code, out, err = self.call("check", *arguments)
        return code, out + err

    def git(self, *arguments: str) -> str:
        call = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *arguments]
        done = subprocess.run(call, cwd=self.path, check=True, capture_output=True, encoding="utf-8")  # noqa: S603
        return done.stdout.strip()

    def commit(self, branch: str = "") -> None:
        """Commit all that is there, in a repository that is made where there is none; name it."""
        if not (self.path / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a")
        if branch:
            self.git("branch", branch)
