"""Where results go: --format and --output, for every command that prints a value."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, TypeVar

import click

from convcalc.cli.complete import complete_file
from convcalc.cli.terminal import screen_of
from convcalc.errors import UsageError
from convcalc.files import replace_file
from convcalc.plain_tuple import PlainTuple
from convcalc.render.formats import FORMATS, chunks, format_of_file, formats_of
from convcalc.render.style import Screen

F = TypeVar("F", bound=Callable[..., Any])


class Printer(PlainTuple):
    """The values of --format, --output and --no-pager: a format, or None for the default; a file, or None."""

    format: str | None = None
    file: str | None = None
    no_pager: bool = False

    @property
    def is_table_on_terminal(self) -> bool:
        """Whether a table is printed for a person who reads it in a terminal."""
        return self.format in (None, "table") and self.file is None and sys.stdout.isatty()

    def show(self, value: Any) -> None:
        """Print a value, or write it to the file. Raises UsageError where it does not have the format."""
        names = formats_of(type(value))
        name = self.format or names[0]
        if name not in names:
            raise UsageError(f"this cannot be printed as {name}", f"its formats are {', '.join(names)}")
        if self.file is not None or self.no_pager or not sys.stdout.isatty():
            write(chunks(value, name, screen_of(sys.stdout) if self.file is None else Screen()), self.file)
            return
        from convcalc.cli.pager import print_through_pager  # only a terminal has a pager

        screen = screen_of(sys.stdout)
        _never_fail()
        print_through_pager(chunks(value, name, screen), screen)


def number_option(function: F) -> F:
    """--si and --exact."""
    option = click.option("--si/--exact", "si", default=False,
                          help="Counts of three digits with a unit, 4.09 G; or all digits, the default.")  # fmt: skip
    return option(function)


def format_option(names: Sequence[str], default: str) -> Callable[[F], F]:
    """-f, --format; the command gets it as `format_`."""
    help = f"The format. By default that of --output, or {default}."
    return click.option("-f", "--format", "format_", type=click.Choice(names), help=help)


def output_option(endings: str) -> Callable[[F], F]:
    """-o, --output; `endings` are examples of endings that choose a format."""
    help = f"Write to a file; its ending chooses the format, such as {endings}."
    return click.option("-o", "--output", metavar="FILE", shell_complete=complete_file, help=help)


def output_options(*kinds: type) -> Callable[[F], F]:
    """--format and --output of a command that prints values of these classes; it gets a `printer`."""
    names = formats_of(*kinds)
    suffixes = {name: FORMATS[name].suffixes for name in names}

    def add(function: F) -> F:
        @format_option(names, names[0])
        @output_option(".json or .md")
        @click.option("--no-pager", is_flag=True, help="Print long output on a terminal without a pager.")
        @wraps(function)
        def with_printer(*args: Any, format_: str | None, output: str | None, no_pager: bool, **options: Any) -> Any:
            chosen = format_ or (None if output is None else format_of_file(output, suffixes))
            return function(*args, printer=Printer(chosen, output, no_pager), **options)

        return with_printer  # type: ignore[return-value]  # click calls it by the names of the options

    return add


def write_bytes(content: bytes, output: str | None) -> None:
    """Write bytes to standard output, or to a file: whole or not at all.

    Raises UsageError where the file cannot be written.
    """
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        replace_file(content, output)
    except OSError as error:
        raise _unwritable(output, error) from None


def _never_fail() -> None:
    """Let a terminal without × still show the figures."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def write(text: str | Iterable[str], output: str | None) -> None:
    """Print a text or its pieces, or write them to a file: whole or not at all.

    Raises UsageError where the file cannot be written.
    """
    pieces = (text,) if isinstance(text, str) else text
    if output is None:
        _never_fail()
        sys.stdout.writelines(pieces)
        return
    if os.path.isdir(output):
        raise UsageError(f"{output} is a directory", "name a file")
    try:
        if os.path.exists(output) and not os.path.isfile(output):
            with open(output, "w", encoding="utf-8") as device:  # /dev/stdout, a named pipe
                device.writelines(pieces)
        else:
            replace_file(pieces, output)
    except OSError as error:
        raise _unwritable(output, error) from None


def _unwritable(output: str, error: OSError) -> UsageError:
    return UsageError(f"{output} cannot be written: {error.strerror}", "choose another --output")
