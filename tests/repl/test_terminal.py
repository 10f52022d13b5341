"""The prompt on a real terminal: completion, Ctrl-C, Ctrl-D, signals and a terminal that is closed."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from convcalc.editor import open_session
from tests.repl.transcripts import copied

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are of POSIX", allow_module_level=True)

import pty
import termios

# The child takes the terminal as its own, so that Ctrl-C and hanging up reach it as signals. Ctrl-C is ignored by
# what a shell starts in the background, and by its children.
START = """
import fcntl, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)
from convcalc.cli.main import main
main()
"""
PATIENCE_SECONDS = 30.0
pytestmark = pytest.mark.slow
_CONTROLS = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07")


class Terminal:
    """`convcalc shell digits.yaml` behind a pseudo-terminal."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (40, 200))
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "XDG_STATE_HOME": str(folder / "state"), "TERM": "dumb" if kind == "plain" else "xterm",
            "COLUMNS": "200", "LINES": "40", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8",
        }  # fmt: skip
        call = [sys.executable, "-c", START, "shell", "digits.yaml"]
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            call, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment, start_new_session=True
        )
        os.close(slave)
        self.unread = b""

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def interrupt(self, expected: str) -> None:
        """Press Ctrl-C until a text appears: between echo and waiting, readline sees it with the next key only."""
        for _ in range(5):
            time.sleep(0.3)
            self.type("\x03")
            with suppress(AssertionError):
                return self.expect(expected, 3.0)
        raise AssertionError(f"Ctrl-C does not lead to `{expected}`")

    def expect(self, text: str, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until a text appears after what was expected before."""
        end = time.monotonic() + patience_seconds
        wanted = text.encode()
        while wanted not in (shown := _CONTROLS.sub(b"", self.unread)):
            ready, _, _ = select.select([self.master], [], [], max(0.0, end - time.monotonic()))
            data = b""
            with suppress(OSError):  # the other side is closed
                data = os.read(self.master, 65536) if ready else b""
            assert data, f"no `{text}` in:\n{shown.decode(errors='replace')}"
            self.unread += data
        self.unread = shown.partition(wanted)[2]

    def signal(self, number: int) -> None:
        """Send a signal until it is seen: one that comes between echo and waiting, readline sees with the next key."""
        for _ in range(5):
            time.sleep(0.3)
            if self.process.poll() is None:
                self.process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(3.0)
                return

    def end(self) -> int:
        """The exit code, once the shell has ended."""
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        with suppress(OSError):
            os.close(self.master)


@pytest.fixture(params=["readline", "plain"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    kind: str = request.param
    if kind == "readline" and importlib.util.find_spec("readline") is None:
        pytest.skip("this Python has no readline")
    copied("digits.yaml", tmp_path)
    found = Terminal(kind, tmp_path)
    yield found
    if found.process.poll() is None:
        found.process.kill()
        found.process.wait()
    found.close()


def test_a_line_is_completed_and_run(terminal: Terminal, tmp_path: Path) -> None:
    terminal.expect("digits.yaml>")
    terminal.type("set conv1.kern")
    terminal.expect("kern")
    terminal.type("el_size 7\r" if terminal.kind == "plain" else "\t 7\r")
    terminal.expect("params 12,822 → 10,566")
    terminal.expect("digits.yaml*>")
    terminal.type("save\r")
    terminal.expect("saved digits.yaml")
    terminal.type("quit\r")
    assert terminal.end() == 0
    assert "kernel_size: 7" in (tmp_path / "digits.yaml").read_text(encoding="utf-8")


def test_candidates_are_shown_with_their_meaning(terminal: Terminal) -> None:
    if terminal.kind == "plain":
        pytest.skip("plain reading completes nothing")
    terminal.expect("digits.yaml>")
    terminal.type("un\t\t")
    terminal.expect("unset  Remove a key")
    terminal.expect("unpin  Remove a pin")
    terminal.expect("digits.yaml> un")
    terminal.type("do\r")
    terminal.expect("there is nothing to undo")


def test_ctrl_c_cancels_the_line_and_ctrl_d_asks(terminal: Terminal) -> None:
    terminal.expect("digits.yaml>")
    terminal.type("nonsense")
    terminal.expect("nonsense")
    terminal.interrupt("digits.yaml>")
    terminal.type("history\r")
    terminal.expect("no edits yet")
    terminal.type("set conv1.kernel_size 7\r")
    terminal.expect("digits.yaml*>")
    terminal.type("\x04")
    terminal.expect("Save them?")
    terminal.interrupt("digits.yaml*>")
    terminal.type("\x04")
    terminal.expect("Save them?")
    terminal.type("n\r")
    assert terminal.end() == 0


@pytest.mark.parametrize("how", ["SIGTERM", "SIGHUP", "closed"])
def test_what_ends_it_from_outside_loses_nothing(
    terminal: Terminal, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.expect("digits.yaml>")
    terminal.type("set conv1.kernel_size 7\r")
    terminal.expect("digits.yaml*>")
    if how == "closed":
        terminal.close()
    else:
        terminal.signal(getattr(signal, how))
    terminal.end()
    monkeypatch.chdir(tmp_path)
    recovery = open_session("digits.yaml").recoverable()
    assert recovery is not None
    assert "kernel_size: 7" in recovery.text


def test_lines_are_remembered(terminal: Terminal, tmp_path: Path) -> None:
    if terminal.kind == "plain":
        pytest.skip("plain reading remembers nothing")
    terminal.expect("digits.yaml>")
    terminal.type("history\r")
    terminal.expect("no edits yet")
    terminal.expect("digits.yaml>")
    terminal.type("\x04")
    assert terminal.end() == 0
    file = tmp_path / "state" / "convcalc" / "shell_history"
    assert file.read_text(encoding="utf-8") == "history\n"
    assert file.stat().st_mode & 0o777 == 0o600
