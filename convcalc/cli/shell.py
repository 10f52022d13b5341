"""`convcalc shell`: a prompt, and a script language, to look at a spec and to edit it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import NoReturn

import click

from convcalc import garbage
from convcalc.cli.options import target_argument
from convcalc.cli.output import write
from convcalc.cli.terminal import screen_of, style_for, width_of
from convcalc.editor import open_session
from convcalc.errors import UsageError
from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.render.field_picture import Glyphs, glyphs_for
from convcalc.render.formats.table import tables
from convcalc.render.sheet import Sheet
from convcalc.render.style import Style
from convcalc.repl.commands import COMMANDS
from convcalc.repl.completion import complete
from convcalc.repl.repl import Shell
from convcalc.text.files import STDIN

EPILOG = """\b
Examples:
  convcalc shell net.yaml
  convcalc shell lenet -c 'set conv1.kernel_size 7' -c show
  convcalc shell net.yaml < commands.txt
"""
# The signals of a closed terminal and of an ended process; Windows has no SIGHUP.
SIGNALS = ("SIGHUP", "SIGTERM")


@click.command(epilog=EPILOG)
@target_argument()
@click.option(
    "-c", "commands", metavar="COMMAND", multiple=True, help="Run this command without a prompt; may be repeated."
)
@click.option("--keep-going", is_flag=True, help="Go on after a command that fails.")
def command(target: str, commands: tuple[str, ...], keep_going: bool) -> int:
    """A prompt to look at a spec and to edit it, with undo; `help` lists its commands.

    With -c, or where standard input is not a terminal, the commands are a script: the first that fails ends it. Nothing
    is written to the file without `save`. The exit code of a script is 1 for findings of `check` and 2 for a wrong
    command or spec.
    """
    if target.partition("@")[0] == STDIN and not commands:
        raise UsageError("standard input cannot be both the spec and the commands", "give the commands with -c")
    shell = Shell(open_session(target), Streams(), COMMANDS)
    if commands:
        return shell.script([(f"-c {number}", line) for number, line in enumerate(commands, 1)], keep_going=keep_going)
    if not sys.stdin.isatty():
        return shell.script(_lines(), keep_going=keep_going)
    from convcalc.repl.prompts import prompt_for  # readline may write to the terminal when it is loaded

    garbage.switch_on()
    for name in SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    shell.prompt(prompt_for(lambda before: complete(shell.session, before)))
    return 0


def _lines() -> Iterator[tuple[str, str]]:
    """The lines of standard input, each with its place."""
    try:
        for number, line in enumerate(sys.stdin, 1):
            yield f"line {number}", line.removeprefix("\ufeff") if number == 1 else line
    except UnicodeDecodeError:
        raise UsageError("the commands are not UTF-8 text") from None


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)  # as a shell reports a signal


class Streams:
    """Standard output and standard error, as every command uses them."""

    @property
    def style(self) -> Style:
        return style_for(sys.stdout)

    @property
    def size(self) -> tuple[int, int] | None:
        screen = screen_of(sys.stdout)
        return None if screen.width is None else (screen.width, screen.height)

    @property
    def glyphs(self) -> Glyphs:
        return glyphs_for(screen_of(sys.stdout).encoding)

    def write(self, text: str | Iterable[str], file: str | None = None) -> None:
        write(text, file)

    def sheets(self, make: Callable[[int | None], Sequence[Sheet]]) -> None:
        screen = screen_of(sys.stdout)
        write(tables(make(screen.width), screen), None)

    def error(self, place: str, message: str, help: str = "") -> None:
        self._message("error", place, message, help)

    def warning(self, message: str, help: str = "") -> None:
        self._message("warning", "", message, help)

    def problems(self, problems: Iterable[Problem]) -> None:
        self._say(render_problems(problems, style_for(sys.stderr), width_of(sys.stderr)))

    def _message(self, kind: str, place: str, message: str, help: str) -> None:
        style = style_for(sys.stderr)
        head = f"{style(place, 'place')}: " if place else ""
        self._say(f"{head}{style(kind, kind)}: {message}\n")
        if help:
            self._say(f"  {style('help', 'help')}: {help}\n")

    @staticmethod
    def _say(text: str) -> None:
        sys.stdout.flush()  # so that earlier results come first, also where both streams go to one file
        sys.stderr.write(text)
        sys.stderr.flush()
