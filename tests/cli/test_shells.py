"""Completion in the real shells: each runs in a pseudo-terminal, where a line is typed and the tab key is pressed."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workspace import environment

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are of POSIX", allow_module_level=True)

import pty
import termios

PATIENCE_SECONDS = 30.0
pytestmark = pytest.mark.slow
_CONTROLS = re.compile(r"\x1b\[[0-9;?>]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()]B|[\r\x0f]")
NET = """\
input: [1, 8, 8]
layers:
  - conv2d: {name: first, out_channels: 2, kernel_size: 3}
  - conv2d: {name: second, out_channels: 2, kernel_size: 3}
variants:
  small: {input: [1, 6, 6]}
  large: {input: [1, 9, 9]}
"""
# The shell takes the terminal as its own.
START = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
# The command that starts each shell, and the settings that a user would have.
CALLS = {"bash": ["bash", "-i"], "zsh": ["zsh", "-i"], "fish": ["fish", "-i"]}
SETTINGS = {
    "bash": (".bashrc", "PS1='ready> '\nbind 'set enable-bracketed-paste off'\nbind 'set bell-style none'\n"),
    "zsh": (".zshrc", "PS1='ready> '\nunsetopt zle_bracketed_paste\nfpath=(~/functions $fpath)\n"
                      "autoload -Uz compinit && compinit -u\n"),
    "fish": (".config/fish/config.fish", "function fish_prompt; echo -n 'ready> '; end\nfunction fish_greeting; end\n"),
}  # fmt: skip


class Terminal:
    """A shell behind a pseudo-terminal, in which completion is installed as the command says."""

    def __init__(self, shell: str, folder: Path) -> None:
        name, settings = SETTINGS[shell]
        (folder / "functions").mkdir()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(settings)
        self.folder = folder
        self.environment = {
            **environment(), "HOME": str(folder), "SHELL": f"/bin/{shell}", "TERM": "xterm", "COLUMNS": "200",
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        for variable in ("ZDOTDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "BASH_COMPLETION_USER_DIR"):
            self.environment.pop(variable, None)
        _, _, line = self.install().partition("\n  ")
        with (folder / name).open("a") as file:
            file.write(line)
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (50, 200))
        self.process = subprocess.Popen(  # noqa: S603 - a shell
            [sys.executable, "-c", START, *CALLS[shell]], stdin=slave, stdout=slave, stderr=slave,
            cwd=folder / "work", env=self.environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.shown = ""
        self.expect("ready> ")

    def install(self) -> str:
        """What `convcalc completion --install` prints."""
        return subprocess.run(  # noqa: S603 - our own command
            [self.folder / "bin" / "convcalc", "completion", "--install"],
            env=self.environment, check=True, capture_output=True, encoding="utf-8", cwd=self.folder,
        ).stdout  # fmt: skip

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def read(self, patience_seconds: float) -> str:
        """All that is shown, with what comes within some seconds."""
        while select.select([self.master], [], [], patience_seconds)[0]:
            self.shown += _CONTROLS.sub("", os.read(self.master, 65536).decode(errors="replace"))
        return self.shown

    def expect(self, *texts: str) -> None:
        """Wait until all texts are shown."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(text in self.shown for text in texts):
            assert time.monotonic() < end, f"waited for {texts}:\n{self.shown}"
            self.read(0.1)
        self.shown = ""

    def completed(self, line: str) -> str:
        """The words of a line after the tab key, each in brackets; [.] is the last if the shell has added a space."""
        found = self.folder / "words"
        found.unlink(missing_ok=True)
        asked = self.folder / "asked"
        asked.unlink(missing_ok=True)
        self.type(f"convcalc {line}\t")
        self.wait_for(asked)
        self.read(0.2)
        # A dot at the end, and at the start of the line a command that writes the words to a file.
        self.type(".\x01words ")
        self.read(0.2)
        self.shown = ""
        self.type("\r")
        self.wait_for(found)
        self.expect("ready> ")
        return found.read_text()

    def wait_for(self, file: Path) -> None:
        """Wait until a file is there."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not file.exists():
            assert time.monotonic() < end, self.shown
            self.read(0.05)

    def offered(self, line: str, *expected: str) -> None:
        """Wait until the shell lists the expected words after the tab key. Then remove the line."""
        self.type(f"convcalc {line}\t")
        end = time.monotonic() + PATIENCE_SECONDS
        # Shells differ in how often they want the key: once for what all candidates have in common, then for the list.
        while not all(text in self.read(1.0) for text in expected):
            assert time.monotonic() < end, f"waited for {expected}:\n{self.shown}"
            self.type("\t")
        self.shown = ""
        self.type("\x15\x03\r")
        self.expect("ready> ")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture(scope="module", params=list(CALLS))
def terminal(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    shell: str = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    folder = tmp_path_factory.mktemp(shell)
    for name in ("bin", "work", "work/nested"):
        (folder / name).mkdir()
    convcalc = f"'{sys.executable}' -c 'from convcalc.cli.main import main; main()' \"$@\"; touch '{folder}/asked'\n"
    words = f"printf '[%s]' \"${{@:2}}\" > '{folder}/new' && mv '{folder}/new' '{folder}/words'\n"
    for name, script in (("convcalc", convcalc), ("words", words)):
        (folder / "bin" / name).write_text(f"#!/usr/bin/env bash\n{script}")
        (folder / "bin" / name).chmod(0o755)
    for name in ("net.yaml", "lessons.yaml", "my net.yaml"):
        (folder / "work" / name).write_text(NET)
    terminal = Terminal(shell, folder)
    yield terminal
    terminal.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("coun", "[count][.]"),
        ("count alexnet_v", "[count][alexnet_v2][.]"),
        ("count resnet@resnet101", "[count][resnet@resnet101][.]"),
        ("count net.y", "[count][net.yaml][.]"),
        ("count my", "[count][my net.yaml][.]"),
        ("count nest", "[count][nested/.]"),
        ("count net.yaml@sm", "[count][net.yaml@small][.]"),
        ("count 'net.yaml@sm", "[count][net.yaml@small][.]"),
        ("count alexnet@two", "[count][alexnet@two-gpu][.]"),
        ("explain net.yaml sec", "[explain][net.yaml][second][.]"),
        ("compare net.yaml#fi", "[compare][net.yaml#first][.]"),
        ("diff lenet net.yaml@lar", "[diff][lenet][net.yaml@large][.]"),
        ("layer max_po", "[layer][max_pool.]"),
        ("layer conv2d out", "[layer][conv2d][out_channels=.]"),
        ("layer conv2d padding=sa", "[layer][conv2d][padding=same][.]"),
        ("count lenet --columns name,flo", "[count][lenet][--columns][name,flops][.]"),
        ("count lenet --columns=name,flo", "[count][lenet][--columns=name,flops][.]"),
        ("count lenet --sort flo", "[count][lenet][--sort][flops][.]"),
        ("count lenet --format mark", "[count][lenet][--format][markdown][.]"),
        ("count lenet --output my", "[count][lenet][--output][my net.yaml][.]"),
        ("check nest", "[check][nested/.]"),
        ("completion fi", "[completion][fish][.]"),
        ("count net.yaml --set first.out", "[count][net.yaml][--set][first.out_channels=.]"),
    ],
)
def test_a_line_is_completed(terminal: Terminal, line: str, words: str) -> None:
    assert terminal.completed(line) == words


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("count le", ("lenet", "lenet5-1998", "lessons.yaml")),
        ("count net.yaml@", ("small", "large")),
        ("explain net.yaml ", ("first", "second")),
        ("layer conv2d kernel_size=3 pad", ("padding=", "padding_mode=")),
    ],
)
def test_candidates_are_listed(terminal: Terminal, line: str, expected: tuple[str, ...]) -> None:
    terminal.offered(line, *expected)
