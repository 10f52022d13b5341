"""convcalc schema"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convcalc.cli.main import run


def test_printed_and_written_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "convcalc.schema.json"
    assert run(["schema"]) == 0
    printed = capsys.readouterr().out
    assert run(["schema", "--output", str(file)]) == 0
    assert capsys.readouterr().out == ""
    assert file.read_text(encoding="utf-8") == printed
    assert json.loads(printed)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_help_says_how_an_editor_finds_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--help"]) == 0
    assert "# yaml-language-server: $schema=convcalc.schema.json" in capsys.readouterr().out
