"""The lines that the shell remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc.repl.history import MAX_LINES, LineHistory


def test_lines_are_kept_from_one_shell_to_the_next() -> None:
    history = LineHistory()
    assert [history.add(line) for line in ("show", "show", " secret", "", "  ", "set conv1.bias ünïcode")] == [
        True, False, False, False, False, True,
    ]  # fmt: skip
    assert LineHistory().lines == ["show", "set conv1.bias ünïcode"]


def test_the_file_is_the_users_alone() -> None:
    history = LineHistory()
    history.add("show")
    assert Path(history.path).stat().st_mode & 0o777 == 0o600


def test_a_long_history_is_cut() -> None:
    history = LineHistory()
    for number in range(2 * MAX_LINES + 1):
        history.add(f"undo {number}")
    again = LineHistory()
    assert (len(again.lines), again.lines[-1]) == (MAX_LINES, f"undo {2 * MAX_LINES}")
    assert Path(history.path).read_text(encoding="utf-8").count("\n") == MAX_LINES


def test_without_a_file_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    history = LineHistory()
    assert history.add("show")
    assert (history.lines, LineHistory().lines) == (["show"], [])
