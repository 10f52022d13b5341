"""The text of the file: other programs change it, the user's editor opens it, and a broken one is corrected."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from convcalc.errors import UsageError
from convcalc.tui import external_editor, text_actions
from convcalc.tui.dialogs import Choose
from convcalc.tui.external_editor import call_at, editor_words
from tests.tui.driving import SMALL, on_screen

pytestmark = pytest.mark.anyio
StandIn = Callable[[Callable[[], object]], list[Sequence[str]]]
BROKEN = """\
name: Broken
input: [3, 32, 32]
layers:
  - conv2d: {name: stem, out_channels: 8, kernel_size: 3}
  - conv2d: {name: second, out_channels: 8, kernel_size: 55}
  - dropout: {pp: 0.5}
"""


def change(path: str, old: str, new: str) -> None:
    file = Path(path)
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Makes a stand-in for the editor that does something to the file, and gives its calls."""

    def stand_in(does: Callable[[], object]) -> list[Sequence[str]]:
        seen: list[Sequence[str]] = []

        @contextmanager
        def suspend(_: object) -> Iterator[None]:
            yield

        def run(call: Sequence[str]) -> str:
            seen.append(call)
            does()
            return ""

        monkeypatch.setattr("textual.app.App.suspend", suspend)
        monkeypatch.setattr(external_editor, "run", run)
        monkeypatch.setenv("VISUAL", "vim -n")
        return seen

    return stand_in


@pytest.mark.parametrize(
    ("editor", "arguments"),
    [
        *[(name, ["+7", "net.yaml"]) for name in ("vi", "vim", "/usr/bin/nvim", "nano", "emacs", "micro", "kak", "hx")],
        *[(name, ["-g", "net.yaml:7"]) for name in ("code", "codium", "code.exe")],
        *[(name, ["net.yaml:7"]) for name in ("subl", "zed")],
        ("my-editor", ["net.yaml"]),
    ],
)
def test_an_editor_is_given_the_line(editor: str, arguments: list[str]) -> None:
    assert call_at([editor, "--wait"], "net.yaml", 7) == [editor, "--wait", *arguments]


def test_visual_goes_before_editor() -> None:
    assert editor_words({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor_words({"VISUAL": " ", "EDITOR": "'my editor' -x"}) == ["my editor", "-x"]
    with pytest.raises(UsageError, match="cannot be read"):
        editor_words({"EDITOR": "'vi"})


def test_an_editor_that_does_not_start_is_said(tmp_path: Path) -> None:
    assert "cannot be started" in external_editor.run(["no-such-editor"])
    script = tmp_path / "fails"
    script.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    assert external_editor.run([str(script)]) == f"{script} ended with the code 3"


async def test_the_editor_opens_at_the_layer_and_the_file_is_read_again(lenet: str, calls: StandIn) -> None:
    seen = calls(lambda: change(lenet, "out_channels: 6", "out_channels: 12"))
    async with on_screen(lenet) as screen:
        await screen.go("conv2")
        line = Path(lenet).read_text(encoding="utf-8").splitlines().index(
            next(each for each in screen.session.text.splitlines() if "name: conv2" in each)) + 1  # fmt: skip
        await screen.press("E")
        assert seen == [["vim", "-n", f"+{line}", lenet]]
        assert screen.row("conv1")["params"] == "312"
        assert not screen.session.is_modified
        assert screen.table.key == "conv2"
        await screen.press("u")
        assert screen.row("conv1")["params"] == "156"
        assert screen.session.is_modified


async def test_unsaved_changes_are_saved_before_the_editor_opens(lenet: str, calls: StandIn) -> None:
    seen = calls(lambda: None)
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("w", "E")
        assert isinstance(screen.app.screen, Choose)
        await screen.press("down", "enter")
        assert not seen
        await screen.press("E", "enter")
        assert len(seen) == 1
        assert "sharing: none" in Path(lenet).read_text(encoding="utf-8")


async def test_a_shipped_spec_has_no_file_for_the_editor() -> None:
    async with on_screen("lenet") as screen:
        await screen.press("E")
        assert "ctrl+s saves a copy" in " ".join(screen.shown().split())


async def test_a_change_on_disk_is_noticed_and_read_on_request(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        text_actions.watch(screen.main)
        assert "changed on disk" not in screen.shown()
        change(lenet, "out_channels: 6", "out_channels: 12")
        text_actions.watch(screen.main)
        await screen.pilot.pause()
        assert "changed on disk" in screen.shown()
        assert "ctrl+r reads it again" in " ".join(screen.shown().split())
        assert screen.row("conv1")["params"] == "156"
        await screen.press("down")
        assert "changed on disk" in screen.shown()
        await screen.press("ctrl+r")
        assert screen.row("conv1")["params"] == "312"
        assert "changed on disk" not in screen.shown()
        assert not screen.session.is_modified


async def test_unsaved_changes_are_asked_about_before_the_file_is_read(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("w")
        change(lenet, "out_channels: 6", "out_channels: 12")
        await screen.until(lambda: screen.main.is_changed_on_disk)  # by the timer
        await screen.press("ctrl+r", "enter")
        assert screen.row("conv1")["params"] == "89,856"
        await screen.press("ctrl+r", "down", "enter")
        assert screen.row("conv1")["params"] == "312"
        await screen.press("u")
        assert screen.row("conv1")["params"] == "89,856"


async def test_saving_is_no_change_by_another_program(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        await screen.go("conv1")
        await screen.press("w", "ctrl+s")
        text_actions.watch(screen.main)
        assert not screen.main.is_changed_on_disk


async def test_a_removed_file_is_noticed(lenet: str) -> None:
    async with on_screen(lenet) as screen:
        os.remove(lenet)
        text_actions.watch(screen.main)
        assert "no longer exists" in screen.notices[-1]
        await screen.press("ctrl+r")
        assert "cannot be read" in screen.notices[-1]


async def test_a_broken_file_shows_its_text_at_the_first_problem(tmp_path: Path) -> None:
    Path("broken.yaml").write_text(BROKEN, encoding="utf-8")
    async with on_screen("broken.yaml", SMALL) as screen:
        shown = screen.shown()
        assert "✗ 5    - conv2d: {name: second" in shown
        assert "✗ 6    - dropout" in shown
        assert "kernel_size 55 does not fit" in " ".join(shown.split())
        assert screen.main.network.line(screen.session) == 5
        assert screen.main.key == "second"
        await screen.press("up")
        assert screen.main.key == "stem"
        await screen.press("home")
        assert screen.main.key == ""


async def test_a_broken_file_is_corrected_in_its_fields(tmp_path: Path) -> None:
    Path("broken.yaml").write_text(BROKEN.replace("pp", "p"), encoding="utf-8")
    async with on_screen("broken.yaml") as screen:
        await screen.press("enter", "down", "enter")
        assert "typing into kernel_size" in screen.shown()
        await screen.press("5")
        assert screen.names == ["stem", "second", "dropout_1"]
        assert "does not build" not in screen.shown()
        await screen.press("escape", "escape", "down")
        assert screen.app.focused is screen.table
        await screen.press("ctrl+s")
        assert "kernel_size: 5}" in Path("broken.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("broken", [BROKEN, "name: B\ninput: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 8\n"])
async def test_a_broken_file_is_corrected_in_the_editor(broken: str, calls: StandIn) -> None:
    Path("broken.yaml").write_text(broken, encoding="utf-8")
    good = "name: Good\ninput: [3, 8, 8]\nlayers: [relu]\n"
    seen = calls(lambda: Path("broken.yaml").write_text(good, encoding="utf-8"))
    async with on_screen("broken.yaml") as screen:
        line = screen.session.problems[0].where.line
        await screen.press("E")
        assert seen == [["vim", "-n", f"+{line}", "broken.yaml"]]
        assert screen.names == ["relu_1"]
        assert screen.main.tab == "why"
        assert screen.app.focused is screen.table


async def test_every_key_of_a_broken_file_does_no_harm(tmp_path: Path) -> None:
    Path("broken.yaml").write_text("layers: [", encoding="utf-8")
    async with on_screen("broken.yaml") as screen:
        for key in ("1", "2", "3", "enter", "escape", "4", "5", "6", "i", "escape", "x", "n", "w", "J", "o", "r", "y",
                    "space", "plus", "minus", "down", "end", "pageup", "b", "p", "u"):  # fmt: skip
            await screen.press(key)
        assert screen.session.text == "layers: ["


async def test_an_error_made_in_the_editor_is_where_it_opens_next(lenet: str, calls: StandIn) -> None:
    seen = calls(lambda: change(lenet, "out_channels: 16, kernel_size: 5", "out_channels: 16, kernel_size: 99"))
    async with on_screen(lenet) as screen:
        await screen.press("E", "E")
        assert "last good figures" in screen.shown()
        assert seen[1][2] == f"+{screen.session.problems[0].where.line}"
