"""`convcalc check`, as it is called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from convcalc.cli.main import run
from tests.checking.files import BROKEN, OTHER, put
from tests.workspace import Workspace


@pytest.fixture
def folder(workspace: Workspace) -> Path:
    """An empty directory, which is the working directory."""
    return workspace.path


def test_where_there_is_no_spec(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkdir("empty")
    assert run(["check", "empty"]) == 0
    assert capsys.readouterr() == ("0 files, 0 networks: no problems\n", "warning: no spec was found\n")
    put("empty/other.yaml", OTHER)
    assert run(["check", "empty"]) == 0
    assert capsys.readouterr().err == "warning: no spec was found among 1 YAML file; --verbose shows why\n"
    assert run(["check", "--only-specs", "empty/other.yaml"]) == 0
    assert capsys.readouterr() == ("0 files, 0 networks: no problems\n", "")
    assert run(["check", "emptty"]) == 2
    assert "did you mean empty?" in capsys.readouterr().err


def test_verbose_says_what_was_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("other.yaml", OTHER)
    put("half.yaml", "layers: 3\n")
    put("net.yaml")
    assert run(["check", ".", "-v"]) == 0
    printed = capsys.readouterr().out
    assert "other.yaml: passed over: it has no top-level key of a spec\n" in printed
    assert "half.yaml: passed over: its only top-level key of a spec is `layers`\n" in printed


@pytest.mark.parametrize("format", ["text", "github", "gitlab", "sarif", "junit", "json"])
def test_odd_names_in_every_format(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    put(os.fsdecode(b"\xff\n\x1b[31m.yaml"), BROKEN)
    assert run(["check", ".", "--format", format]) == 2
    printed = capfd.readouterr()
    assert "unknown-type" in printed.out
    assert "\x1b" not in printed.out or format == "github", "whose command must hold the very name"
    assert printed.err == ""


def test_standard_input_that_is_closed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run(["check", "-"]) == 2
    assert "<stdin>: error[unreadable-file] standard input is closed\n" in capsys.readouterr().out
