"""`convcalc shell`: a prompt, and a script language, to look at a spec and to edit it."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from convcalc.cli.options import target_argument, write
from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.problems import Problem
    from convcalc.render.diagnostics import Style
    from convcalc.render.field_picture import Glyphs
    from convcalc.render.sheet import Sheet
    from convcalc.report.columns import Column

EPILOG = """\b
Examples:
  convcalc shell net.yaml
  convcalc shell lenet -c 'set conv1.kernel_size 7' -c show
  convcalc shell net.yaml < commands.txt
"""
# A closed terminal and a request to end; Windows has no SIGHUP.
SIGNALS = ("SIGHUP", "SIGTERM")


@click.command(epilog=EPILOG)
@target_argument()
@click.option("-c", "commands", metavar="COMMAND", multiple=True, help="Run this instead of asking; may be repeated.")
@click.option("--keep-going", is_flag=True, help="Go on after a command that fails.")
def command(target: str, commands: tuple[str, ...], keep_going: bool) -> int:
    """A prompt to look at a spec and to edit it, with undo; `help` lists its commands.

    With -c, or where standard input is no terminal, the commands are a script: the first that fails ends it. Nothing is
    written to the file without `save`. The exit code of a script is 1 for what `check` finds and 2 for a command or a
    spec that is wrong.
    """
    from convcalc.editor import open_session
    from convcalc.repl.repl import Shell
    from convcalc.text.files import STDIN

    if target.partition("@")[0] == STDIN and not commands:
        raise UsageError("standard input cannot be both the spec and the commands", "give the commands with -c")
    shell = Shell(open_session(target), Streams())
    if commands:
        return shell.script([(f"-c {number}", line) for number, line in enumerate(commands, 1)], keep_going=keep_going)
    if not sys.stdin.isatty():
        return shell.script(_lines(), keep_going=keep_going)
    from convcalc.repl.completing import complete
    from convcalc.repl.prompts import prompt_for

    gc.enable()  # a prompt may stay open for hours
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
        raise UsageError("the commands are no UTF-8 text") from None


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)  # as a shell tells of a signal


class Streams:
    """Standard output and standard error, as every command uses them."""

    @property
    def style(self) -> Style:
        from convcalc.cli.terminal import style_for

        return style_for(sys.stdout)

    @property
    def size(self) -> tuple[int, int] | None:
        from convcalc.cli.field import size_of

        return size_of(sys.stdout)

    @property
    def glyphs(self) -> Glyphs:
        from convcalc.cli.field import glyphs_for

        return glyphs_for(sys.stdout)

    def columns(self) -> list[Column]:
        from convcalc.cli.count import usual_columns
        from convcalc.cli.terminal import width_of

        return usual_columns(width_of(sys.stdout))

    def write(self, text: str | Iterable[str], file: str | None = None) -> None:
        write(text, file)

    def sheets(self, make: Callable[[int | None], Sequence[Sheet]]) -> None:
        from convcalc.cli.output import show

        show(make, None)

    def error(self, place: str, message: str, help: str = "") -> None:
        from convcalc.cli.terminal import style_for

        style = style_for(sys.stderr)
        head = f"{style(place, 'place')}: " if place else ""
        self._say(f"{head}{style('error', 'error')}: {message}\n")
        if help:
            self._say(f"  {style('help', 'help')}: {help}\n")

    def problems(self, problems: Iterable[Problem]) -> None:
        from convcalc.cli.terminal import style_for, width_of
        from convcalc.render.diagnostics import render_problems

        self._say(render_problems(problems, style_for(sys.stderr), width_of(sys.stderr)))

    @staticmethod
    def _say(text: str) -> None:
        sys.stdout.flush()  # what came before stands above, also where both go to one file
        sys.stderr.write(text)
        sys.stderr.flush()
