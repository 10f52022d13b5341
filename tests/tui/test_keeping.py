"""Saving, recovery, copies and the way out."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from convcalc.editor import open_session
from convcalc.tui.app import ExploreApp
from convcalc.tui.dialogs import Ask, Choose
from tests.tui.driving import Screen, on_screen
from tests.tui.pictures import lines

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def widen(screen: Screen) -> None:
    """Make an edit: conv1 gets 12 channels."""
    await screen.go("conv1")
    await screen.fill("out_channels", "12")
    await screen.press("escape")


def copies(folder: Path) -> list[Path]:
    return list((folder / "state").rglob("*.json"))


async def test_a_file_is_saved(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        assert "unsaved" in screen.shown()
        await screen.press("ctrl+s")
        assert "unsaved" not in screen.shown()
        assert "out_channels: 12" in Path(lenet).read_text(encoding="utf-8")
        assert not screen.table.mark_of("conv1").sign


async def test_save_as_makes_another_file(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        await screen.press("S", "ctrl+u")
        await screen.type("other.yaml")
        await screen.press("enter")
        assert "out_channels: 12" in Path("other.yaml").read_text(encoding="utf-8")
        assert "out_channels: 6" in Path(lenet).read_text(encoding="utf-8")
        assert screen.session.path is not None
        assert screen.session.path.endswith("other.yaml")


async def test_a_shipped_spec_is_copied() -> None:
    async with on_screen("lenet") as screen:
        await widen(screen)
        await screen.press("ctrl+s")
        assert isinstance(screen.app.screen, Ask)
        await screen.press("enter")
        assert "out_channels: 12" in Path("lenet.yaml").read_text(encoding="utf-8")
        assert not screen.session.is_modified


async def test_a_file_that_changed_on_disk_is_asked_about(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        Path(lenet).write_text("name: Other\n", encoding="utf-8")
        await screen.press("ctrl+s")
        assert isinstance(screen.app.screen, Choose)
        await screen.press("enter")  # the first answer keeps the file
        assert Path(lenet).read_text(encoding="utf-8") == "name: Other\n"
        await screen.press("ctrl+s", "down", "enter")
        assert "out_channels: 12" in Path(lenet).read_text(encoding="utf-8")


async def test_what_cannot_be_written_is_said(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("S", "ctrl+u")
        await screen.type("no/such/folder/x.yaml")
        await screen.press("enter")
        assert screen.notices
        assert screen.app.is_running


async def test_leaving_without_changes_asks_nothing(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("q")
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.return_code == 0


async def test_leaving_with_changes_asks(lenet: str, tmp_path: Path) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        await screen.press("ctrl+c")
        assert "There are unsaved changes" in screen.shown()
        await screen.press("ctrl+c", "escape")
        assert screen.app.is_running
        assert screen.app.screen is screen.app.screen_stack[0]
        await screen.press("q", "down", "enter")
        await screen.until(lambda: screen.app.return_code is not None)
    assert not copies(tmp_path)
    assert "out_channels: 6" in Path(lenet).read_text(encoding="utf-8")


async def test_leaving_can_save(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        await screen.press("q", "enter")
        await screen.until(lambda: screen.app.return_code is not None)
    assert "out_channels: 12" in Path(lenet).read_text(encoding="utf-8")


async def test_a_signal_keeps_what_is_not_saved_and_it_is_offered_next_time(lenet: str, tmp_path: Path) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        text = screen.session.text
        os.kill(os.getpid(), signal.SIGTERM)
        await screen.until(lambda: screen.app.return_code is not None)
        assert screen.app.return_code == 128 + signal.SIGTERM
    assert copies(tmp_path)
    async with on_screen(lenet) as screen:
        assert "There are unsaved changes of an earlier run" in screen.shown()
        await screen.press("enter")
        assert screen.session.text == text
        assert screen.row("conv1")["params"] == "312"
        await screen.press("u")
        assert not screen.session.is_modified


async def test_a_copy_can_be_thrown_away(lenet: str, tmp_path: Path) -> None:
    session = open_session(lenet)
    session.set("conv1", "out_channels", 9)
    session.checkpoint(force=True)
    async with on_screen(lenet) as screen:
        await screen.press("down", "enter")
        assert not screen.session.is_modified
    assert not copies(tmp_path)


async def test_a_copy_is_kept_while_editing(lenet: str, tmp_path: Path) -> None:
    async with on_screen(lenet) as screen:
        await widen(screen)
        await screen.until(lambda: bool(copies(tmp_path)))
        assert len(copies(tmp_path)) == 1


async def test_a_row_and_the_table_are_copied_as_markdown(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("y")
        assert "conv1" in screen.app.clipboard
        assert "| --- |" in screen.app.clipboard
        assert "pool1" not in screen.app.clipboard
        await screen.press("r", "r", "Y")
        assert "unshared" in screen.app.clipboard
        assert "89,856" in screen.app.clipboard
        assert "fc2" in screen.app.clipboard


async def test_the_screen_is_exported_as_it_is(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.press("p", "ctrl+e")
        await screen.press("enter")
        await screen.until(lambda: Path("convcalc.svg").exists())
        picture = Path("convcalc.svg").read_text(encoding="utf-8")
        assert "<svg" in picture
        assert "44,426" in picture
        assert "Export" not in picture
        assert "Quit" in lines(picture)[-1]  # the footer
        assert "pinned" not in picture


async def test_an_app_without_signals_still_starts(lenet: str) -> None:
    app = ExploreApp(open_session(lenet))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.is_running


async def test_a_copy_that_cannot_be_written_is_said_once(lenet: str, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no directory")
    async with on_screen(lenet) as screen:
        await widen(screen)
        for _ in range(3):
            screen.main.write_copy()
        await screen.pilot.pause()
        said = [notice for notice in screen.notices if "no recovery copy can be written" in notice]
        assert len(said) == 1
