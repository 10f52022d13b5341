"""Saving: whole, as it was written, never over what someone else wrote, never into the package."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from convcalc import shipped
from convcalc.editor import files, open_session
from tests.editor.conftest import Opener, is_valid

TEXT = "input: [3, 16, 16]\nlayers:\n  - conv2d: {name: conv, out_channels: 8, kernel_size: 3}\n"


def test_a_saved_text_is_the_new_baseline(session_on: Opener) -> None:
    session = session_on(TEXT)
    session.set("conv", "out_channels", 16)
    assert session.is_modified
    difference = session.difference()
    assert difference is not None
    assert not difference.is_empty
    outcome = session.save()
    assert outcome.changed
    assert session.path is not None
    assert Path(session.path).read_text() == TEXT.replace("8", "16")
    assert not session.is_modified
    difference = session.difference()
    assert difference is not None
    assert difference.is_empty
    session.undo()
    assert session.is_modified


@pytest.mark.parametrize(
    "data",
    [TEXT.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.rstrip("\n").encode()],
    ids=["line ends of Windows", "a byte order mark", "no line end at the end"],
)
def test_the_bytes_around_an_edit_stay(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    session = open_session(str(path))
    assert is_valid(session.set("conv", "out_channels", 9))
    assert session.save().changed
    assert path.read_bytes() == data.replace(b"out_channels: 8", b"out_channels: 9")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links are those of POSIX")
def test_permissions_stay_and_a_link_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "net.yaml", tmp_path / "link.yaml"
    path.write_text(TEXT)
    path.chmod(0o640)
    link.symlink_to(path)
    session = open_session(str(link))
    session.set("conv", "out_channels", 9)
    assert session.save().changed
    assert link.is_symlink()
    assert "9" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_someone_else_wrote_is_not_overwritten_unasked(session_on: Opener) -> None:
    session = session_on(TEXT)
    session.set("conv", "out_channels", 9)
    path = Path(str(session.path))
    path.write_text(TEXT.replace("kernel_size: 3", "kernel_size: 5") + "\n# theirs\n")
    outcome = session.save()
    assert outcome.refused
    assert outcome.message.endswith("was changed by another program: it differs from line 3 on, 2 lines more")
    assert "theirs" in path.read_text()
    assert session.is_modified
    assert session.save(overwrite=True).changed
    assert path.read_text() == session.text
    path.unlink()
    assert session.storage.change_on_disk().endswith("no longer exists")
    assert session.save().refused


def test_a_change_by_another_program_is_told_once(session_on: Opener) -> None:
    session = session_on(TEXT)
    path, storage = Path(str(session.path)), session.storage
    assert storage.new_change_on_disk() is None
    path.write_text(TEXT.replace("8", "64"))
    assert str(storage.new_change_on_disk()).endswith("differs from line 3 on")
    assert storage.new_change_on_disk() is None
    path.write_text(TEXT)
    assert storage.new_change_on_disk() == ""
    session.set("conv", "out_channels", 9)
    assert session.save().changed
    assert storage.new_change_on_disk() is None
    path.unlink()
    assert str(storage.new_change_on_disk()).endswith("no longer exists")


def test_reading_the_file_again_is_one_edit(session_on: Opener) -> None:
    session = session_on(TEXT)
    path = Path(str(session.path))
    session.set("conv", "out_channels", 9)
    mine, theirs = session.text, TEXT.replace("kernel_size: 3", "kernel_size: 5")
    path.write_text(theirs)
    assert session.reload().changed
    assert session.text == theirs
    assert not session.is_modified
    assert session.baseline is not None
    session.undo()
    assert session.text == mine
    assert session.is_modified
    assert session.save().changed  # nothing of another program is overwritten


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", None])
def test_what_cannot_be_read_again_is_refused(data: bytes | None, session_on: Opener) -> None:
    session = session_on(TEXT)
    path = Path(str(session.path))
    path.write_bytes(data) if data is not None else path.unlink()
    assert session.reload().refused
    assert session.text == TEXT
    assert open_session("lenet").reload().refused


def test_save_as_makes_another_file_its_own(session_on: Opener, tmp_path: Path) -> None:
    session = session_on(TEXT)
    session.set("conv", "out_channels", 9)
    other = tmp_path / "other.yaml"
    other.write_text("mine")
    assert session.save(str(other)).message.endswith("other.yaml exists already")
    assert other.read_text() == "mine"
    assert session.save(str(other), overwrite=True).changed
    assert session.path == str(other)
    assert Path(tmp_path / "net.yaml").read_text() == TEXT
    session.set("conv", "out_channels", 10)
    assert session.save().changed
    assert other.read_text() == session.text


def test_a_shipped_spec_is_copied(tmp_path: Path) -> None:
    session = open_session("resnet50")
    original = Path(shipped.files()["resnet"]).read_text()
    assert session.path is None
    assert session.variant == "resnet50"
    assert session.set_param("classes", 10).changed
    outcome = session.save()
    assert str(outcome) == "resnet has no file of its own; give the file to save it to"
    assert session.save(str(tmp_path / "mine.yaml")).changed
    assert session.path == str(tmp_path / "mine.yaml")
    assert session.is_current
    assert Path(shipped.files()["resnet"]).read_text() == original


def test_nothing_is_written_into_the_package(session_on: Opener) -> None:
    target = os.path.join(os.path.dirname(files.__file__), "net.yaml")
    outcome = session_on(TEXT).save(target)
    assert outcome.refused
    assert "is shipped with convcalc" in outcome.message
    assert not os.path.exists(target)


@pytest.mark.parametrize("name", ["nowhere/net.yaml", "", "a\0b.yaml"], ids=["no folder", "a folder", "no name"])
def test_what_cannot_be_written_is_said(name: str, session_on: Opener, tmp_path: Path) -> None:
    session = session_on(TEXT)
    outcome = session.save(os.path.join(tmp_path, name), overwrite=True)
    assert outcome.refused
    assert session.path == str(tmp_path / "net.yaml")
    assert not list(tmp_path.glob(".convcalc-*"))


def test_a_broken_file_and_a_library_can_be_opened(session_on: Opener) -> None:
    broken = session_on("input: [3, 16, 16]\nlayers:\n  - conv2d: {name: conv, kernel_size: 3}\n")
    assert broken.report is None
    assert broken.baseline is None
    assert broken.difference() is None
    assert [problem.rule for problem in broken.problems] == ["missing-parameter"]
    assert is_valid(broken.set("conv", "out_channels", 4))
    assert broken.report is not None
    library = session_on("blocks:\n  unit: {layers: [relu]}\n")
    assert library.report is None
    assert [problem.rule for problem in library.problems] == ["library"]
    unreadable = session_on("input: [")
    assert unreadable.report is None
    assert unreadable.variants == []
    assert unreadable.params() == {}
    assert unreadable.findings().general
