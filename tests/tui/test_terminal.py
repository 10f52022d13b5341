"""The screen in a real terminal, under tmux."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")
TMUX = shutil.which("tmux")
if TMUX is None:
    pytest.skip("there is no tmux here", allow_module_level=True)

PATIENCE_SECONDS = 60.0
pytestmark = pytest.mark.slow


class Terminal:
    """A tmux server of its own with one pane, in which `convcalc explore lenet.yaml` runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = str(folder / "tmux")
        self.editor = folder / "vim"  # a stand-in for an editor, which a test writes
        environment = {"VISUAL": str(self.editor), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                       "XDG_STATE_HOME": str(folder / "state"), "TERM": "xterm-256color"}  # fmt: skip
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
        start = "from convcalc.cli.main import main; main()"
        python = f"{shlex.quote(sys.executable)} -c {shlex.quote(start)}"
        call = f"env {settings} {python} explore lenet.yaml; echo left $?; cat"
        self.tmux("-f", os.devnull, "new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), call)

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        call = [TMUX, "-S", self.socket, *words]
        return subprocess.run(call, capture_output=True, text=True, check=True).stdout  # noqa: S603 - of our own words

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def shown(self) -> str:
        return self.tmux("capture-pane", "-p")

    def until(self, text: str, *, shown: bool = True) -> str:
        """Wait until a text is shown, or is no more; the whole screen."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (text in (screen := self.shown())) != shown:
            assert time.monotonic() < end, f"waited for `{text}`:\n{screen}"
            time.sleep(0.05)
        return screen


@pytest.fixture
def terminal(lenet: str, tmp_path: Path) -> Iterator[Terminal]:
    running = Terminal(tmp_path)
    yield running
    running.tmux("kill-server")


def test_a_session_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until("44,426")
    terminal.press("Down", "e")
    terminal.until("channels (maps) of the output")
    terminal.press("Down")
    terminal.until("size of the kernel")
    terminal.press("Enter")
    terminal.until("typing into kernel_size")
    terminal.press("7")
    terminal.until("31,130")
    terminal.press("Escape")
    terminal.until("choose a field")
    terminal.press("w")
    terminal.until("176,030")
    terminal.press("C-s")
    terminal.until("unsaved", shown=False)
    assert "kernel_size: 7, sharing: none" in (tmp_path / "lenet.yaml").read_text(encoding="utf-8")
    terminal.press("q")
    terminal.until("left 0")


def test_the_editor_has_the_terminal_and_gives_it_back(terminal: Terminal) -> None:
    terminal.until("44,426")
    terminal.editor.write_text(
        "#!/bin/sh\necho editing $*\nread line\nsed -i 's/out_channels: 6/out_channels: 12/' $2\n", encoding="utf-8"
    )
    terminal.editor.chmod(0o755)
    terminal.press("Down", "E")
    line = terminal.until("editing +")
    assert "lenet.yaml" in line
    assert "LeNet" not in line
    terminal.press("Enter")
    terminal.until("read lenet.yaml again")
    assert " 312 " in terminal.shown()
    terminal.editor.unlink()
    terminal.press("E")
    assert "44,426" not in terminal.until("set EDITOR to another")
    terminal.press("q")
    terminal.until("left 0")


def test_the_way_out_leaves_the_terminal_as_it_was(terminal: Terminal) -> None:
    terminal.until("44,426")
    terminal.press("C-c")
    assert "LeNet" not in terminal.until("left 0")


def test_a_terminal_that_is_closed_keeps_what_was_not_saved(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until("44,426")
    terminal.press("Down", "w")
    terminal.until("134,126")
    terminal.tmux("new-window", "cat")  # the server goes on without the pane
    terminal.tmux("kill-pane", "-t", ":0.0")
    end = time.monotonic() + PATIENCE_SECONDS
    while not any("sharing: none" in copy.read_text() for copy in (tmp_path / "state").rglob("*.json")):
        assert time.monotonic() < end, "no copy was kept"
        time.sleep(0.05)
