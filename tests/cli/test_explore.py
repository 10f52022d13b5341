"""`convcalc explore` where it cannot run: in a pipe, without Textual."""

from __future__ import annotations

import sys

import pytest

from convcalc.cli.main import run
from tests.workspace import finished, python


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
    assert finished(python(code)).stdout.decode().splitlines()[-1] == "False"
