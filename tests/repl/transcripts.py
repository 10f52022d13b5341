"""A shell whose results and errors come as one text, in the order in which a user sees them."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from convcalc.cli.shell import Streams
from convcalc.editor import open_session
from convcalc.repl.commands import COMMANDS
from convcalc.repl.repl import Shell

DATA = Path(__file__).parent.parent / "data" / "repl"


def shell_on(target: str | Path) -> Shell:
    """A shell on a file or a shipped spec, which writes where every command writes."""
    return Shell(open_session(str(target)), Streams(), COMMANDS)


def copied(name: str, folder: Path) -> Path:
    """A spec of the test data in a folder where it may be changed."""
    path = folder / name
    path.write_bytes((DATA / name).read_bytes())
    return path


def said(shell: Shell, *lines: str) -> str:
    """What the shell says to some lines."""
    text = StringIO()
    with redirect_stdout(text), redirect_stderr(text):
        for line in lines:
            shell.run(line)
    return text.getvalue()
