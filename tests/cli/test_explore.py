"""`convcalc explore` where it cannot run: in a pipe, without Textual."""

from __future__ import annotations

import sys

import pytest

from convcalc import extras
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
    said = capsys.readouterr().err
    assert "explore needs Textual" in said
    assert "'textual>=8'" in said


@pytest.mark.parametrize(
    ("prefix", "has_pip", "command"),
    [
        ("/home/me/.local/share/pipx/venvs/convcalc", True, "pipx inject convcalc 'textual>=8'"),
        ("/home/me/.local/share/uv/tools/convcalc", False, "uv pip install --python /my/python 'textual>=8'"),
        ("/home/me/project/.venv", True, "/my/python -m pip install 'textual>=8'"),
    ],
)
def test_the_way_to_install_an_extra_is_that_of_convcalc(
    prefix: str, has_pip: bool, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(sys, "executable", "/my/python")
    monkeypatch.setattr(extras, "find_spec", lambda name: object() if has_pip else None)
    assert extras.how_to_add("explore") == command


def test_no_other_command_imports_textual() -> None:
    code = "import sys; from convcalc.cli.main import run; run(['count', 'lenet']); print('textual' in sys.modules)"
    assert finished(python(code)).stdout.decode().splitlines()[-1] == "False"
