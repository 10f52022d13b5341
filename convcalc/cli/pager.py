"""Long output on a terminal goes through the user's pager, as git does it.

The pager is $CONVCALC_PAGER, $PAGER or less; `cat` or an empty one means none. Where $LESS is not set it is FRX: quit
if the text fits the screen, keep the colours, and leave the text on the screen.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

import click

from convcalc.render.style import Screen, cells

if TYPE_CHECKING:
    import subprocess

VARIABLES = ("CONVCALC_PAGER", "PAGER")
LESS_SETTINGS = "FRX"
SHELL_CHARACTERS = frozenset("|&;<>()$`")  # in a command that is one for a shell
_COLOUR = re.compile("\033\\[[0-9;]*m")


def print_through_pager(pieces: Iterable[str], screen: Screen) -> None:
    """Print a text, through the pager if it would scroll past."""
    rest, first = iter(pieces), list[str]()
    for piece in rest:
        first.append(piece)
        if "\n" in piece and _lines("".join(first), screen) >= screen.height:  # the prompt has a line too
            call = _pager()
            if call:
                _page(chain(first, rest), call)
                return
            break
    sys.stdout.writelines(chain(first, rest))


def _pager() -> list[str]:
    """The command of the pager; empty where there is none, or where nobody would read it."""
    context = click.get_current_context(silent=True)
    text = next((os.environ[name] for name in VARIABLES if name in os.environ), "less")
    if text.strip() in ("", "cat") or (context is not None and context.find_root().params.get("no_pager")):
        return []
    if os.environ.get("CI") or os.environ.get("TERM", "dumb") == "dumb" or not _has_keyboard():
        return []
    import shlex  # without a pager these are not needed
    import shutil

    try:
        call = shlex.split(text, posix=os.name == "posix")
    except ValueError:  # an open quote
        return []
    if shutil.which(call[0]) is None:
        return []
    return ["sh", "-c", text] if os.name == "posix" and not SHELL_CHARACTERS.isdisjoint(text) else call


def _has_keyboard() -> bool:
    """Whether a pager could read keys: a process of a service may have a terminal for its output alone."""
    if os.name != "posix":
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True


def _lines(text: str, screen: Screen) -> int:
    """How many lines of the screen a text takes."""
    width = screen.width or 80
    return sum(max(1, -(-cells(line) // width)) for line in _COLOUR.sub("", text).splitlines())


def _page(pieces: Iterable[str], call: list[str]) -> None:
    """Write a text to the pager, and wait for its end. A user who leaves it early has seen enough."""
    import subprocess  # as above

    given = os.environ.get("LESS")
    environment = {**os.environ, "LESS": LESS_SETTINGS if given is None else given, "LV": os.environ.get("LV", "-c")}
    keeps_colour = os.path.basename(call[0]) != "less" or "r" in environment["LESS"].lower() + "".join(call[1:]).lower()
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.flush()
    process = subprocess.Popen(call, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - the user's own pager
    assert process.stdin is not None
    try:
        for piece in pieces:
            text = piece if keeps_colour else _COLOUR.sub("", piece)
            process.stdin.write(text.encode(encoding, "replace"))
    except BrokenPipeError:
        pass
    finally:
        _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Wait for the pager. Ctrl-C is a key of the pager: it does not end us while the terminal is the pager's."""
    try:
        if process.stdin is not None:
            process.stdin.close()
    except BrokenPipeError:
        pass
    while process.returncode is None:
        try:
            process.wait()
        except KeyboardInterrupt:
            continue
