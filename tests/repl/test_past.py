"""The lines that are remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc.repl.past import MAX_LINES, Past


def test_lines_are_kept_from_one_shell_to_the_next() -> None:
    past = Past()
    assert [past.add(line) for line in ("show", "show", " secret", "", "  ", "set conv1.bias ünïcode")] == [
        True, False, False, False, False, True,
    ]  # fmt: skip
    assert Past().lines == ["show", "set conv1.bias ünïcode"]


def test_the_file_is_the_users_alone() -> None:
    past = Past()
    past.add("show")
    assert Path(past.path).stat().st_mode & 0o777 == 0o600


def test_a_long_past_is_cut() -> None:
    past = Past()
    for number in range(2 * MAX_LINES + 1):
        past.add(f"undo {number}")
    again = Past()
    assert (len(again.lines), again.lines[-1]) == (MAX_LINES, f"undo {2 * MAX_LINES}")
    assert Path(past.path).read_text(encoding="utf-8").count("\n") == MAX_LINES


def test_without_a_file_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    past = Past()
    assert past.add("show")
    assert (past.lines, Past().lines) == (["show"], [])
