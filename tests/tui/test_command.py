"""`convcalc explore` where it cannot run: in a pipe, without Textual."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from convcalc.cli.main import run


def test_a_pipe_is_told_what_to_use_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explore", "lenet"]) == 2
    said = capsys.readouterr().err
    assert "explore needs a terminal" in said
    assert "convcalc count lenet" in said
    assert "convcalc shell" in said


def test_without_textual_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert run(["explore", "lenet"]) == 2
    assert "pip install 'convcalc[explore]'" in capsys.readouterr().err


def test_no_other_command_imports_textual() -> None:
    code = "import sys; from convcalc.cli.main import run; run(['count', 'lenet']); print('textual' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True, env=environment
    )
    assert done.stdout.splitlines()[-1] == "False"
