"""The copy of unsaved changes: kept while there are any, offered afterwards, gone once it is not needed."""

from __future__ import annotations

import io
import stat
import sys
from pathlib import Path

import pytest

from convcalc.editor import Session, open_session
from tests.editor.conftest import Opener

TEXT = "input: [3, 16, 16]\nlayers:\n  - conv2d: {name: conv, out_channels: 8, kernel_size: 3}\n"


def copies(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state").rglob("*.json"))


def crashed(session: Session, channels: int) -> str:
    """The text of a session that ends without saving."""
    session.set("conv", "out_channels", channels)
    session.checkpoint(force=True)
    return session.text


def test_unsaved_changes_are_offered_to_the_next_session(session_on: Opener, tmp_path: Path) -> None:
    text = crashed(session_on(TEXT), 9)
    session = open_session(str(tmp_path / "net.yaml"))
    recovery = session.recoverable()
    assert recovery is not None
    assert recovery.text == text
    assert session.text == TEXT
    assert session.recover().changed
    assert session.text == text
    assert session.history[-1].title == "recover unsaved changes"
    assert session.recoverable() is None
    assert len(copies(tmp_path)) == 1  # its own: the changes are as unsaved as before
    session.undo()
    session.checkpoint()
    assert copies(tmp_path) == []


def test_a_copy_goes_when_the_text_is_saved_or_the_session_closed(session_on: Opener, tmp_path: Path) -> None:
    session = session_on(TEXT)
    session.checkpoint()
    assert copies(tmp_path) == []
    crashed(session, 9)
    assert len(copies(tmp_path)) == 1
    session.save()
    assert copies(tmp_path) == []
    crashed(session, 10)
    session.close()
    assert copies(tmp_path) == []


def test_what_was_left_behind_outlives_a_session_that_did_not_take_it(session_on: Opener, tmp_path: Path) -> None:
    first = crashed(session_on(TEXT), 9)
    session = open_session(str(tmp_path / "net.yaml"))
    crashed(session, 10)
    assert len(copies(tmp_path)) == 2
    session.close()
    recovery = open_session(str(tmp_path / "net.yaml")).recoverable()
    assert recovery is not None
    assert recovery.text == first
    session.storage.delete_other_copies()
    assert copies(tmp_path) == []


def test_a_checkpoint_writes_only_so_often(session_on: Opener, tmp_path: Path) -> None:
    session = session_on(TEXT)
    session.set("conv", "out_channels", 9)
    session.checkpoint()
    written = copies(tmp_path)[0].read_bytes()
    session.set("conv", "out_channels", 10)
    session.checkpoint()
    assert copies(tmp_path)[0].read_bytes() == written
    session.checkpoint(force=True)
    assert copies(tmp_path)[0].read_bytes() != written


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of POSIX")
def test_a_copy_is_for_its_user_alone(session_on: Opener, tmp_path: Path) -> None:
    crashed(session_on(TEXT), 9)
    path = copies(tmp_path)[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": "other"}', b"\xff", b'{"format": 1, "text": 2}'])
def test_a_copy_that_was_cut_off_is_not_offered(data: bytes, session_on: Opener, tmp_path: Path) -> None:
    session = session_on(TEXT)
    crashed(session, 9)
    copies(tmp_path)[0].write_bytes(data)
    assert open_session(str(tmp_path / "net.yaml")).recoverable() is None


def test_a_copy_that_cannot_be_written_is_no_error(session_on: Opener, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no directory")
    session = session_on(TEXT)
    crashed(session, 9)
    assert session.storage.copy_failure.startswith("no recovery copy can be written: ")


def test_shipped_specs_have_copies_and_standard_input_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session("lenet")
    crashed_text = session.text
    session.set("conv1", "out_channels", 7)
    session.checkpoint(force=True)
    again = open_session("lenet")
    assert again.text == crashed_text
    assert again.recover().changed
    assert again.text == session.text
    again.close()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    piped = open_session("-")
    assert piped.path is None
    crashed(piped, 9)
    assert copies(tmp_path) == []
    assert piped.recover().refused
