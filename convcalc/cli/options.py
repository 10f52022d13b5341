"""The options that commands have in common, and what they turn into."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from convcalc.arith.units import DTYPE_BITS
from convcalc.cli.complete import complete_target
from convcalc.errors import UsageError
from convcalc.files import replace_file

if TYPE_CHECKING:
    from convcalc.language.overrides import Overrides
    from convcalc.report.report import Report

F = TypeVar("F", bound=Callable[..., Any])


def overrides(set_: tuple[str, ...], input: str | None, sharing: str | None) -> Overrides:
    """What --set, --input and --sharing change of a file. Raises UsageError."""
    from convcalc.language.overrides import Overrides, setting

    return Overrides.of(dict(setting(text) for text in set_), input, sharing)


def analysed(target: str, set_: tuple[str, ...], **options: Any) -> Report:
    """The report of a target under what `spec_options` give. Raises UsageError and SpecError."""
    from convcalc.api import analyse
    from convcalc.language.overrides import setting

    params = dict(setting(text) for text in set_)
    return analyse(target, params=params, **options)


def target_argument(*, many: bool = False) -> Callable[[F], F]:
    """The TARGET argument, one or several."""
    return click.argument(
        "targets" if many else "target",
        metavar="TARGET..." if many else "TARGET",
        nargs=-1 if many else 1,
        required=True,
        shell_complete=complete_target,
    )


def change_options(function: F) -> F:
    """--set, --input, --sharing."""
    options = [
        click.option("--set", "set_", metavar="NAME=VALUE", multiple=True,
                     help="Give a param of the spec another value."),
        click.option("--input", metavar="SHAPE", help="Another input shape: 3x227x227, or name=SHAPE,name=SHAPE."),
        click.option("--sharing", type=click.Choice(["full", "none"]), help="What if every convolution were so."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def spec_options(function: F) -> F:
    """--set, --input, --sharing, --dtype, --batch."""
    options = [
        change_options,
        click.option("--dtype", default="float32", show_default=True, type=click.Choice(list(DTYPE_BITS)),
                     metavar="TYPE", help="Type of the numbers, for the byte figures."),
        click.option("--batch", default=1, show_default=True, type=click.IntRange(min=1), metavar="N",
                     help="Samples at a time, for the byte figures."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def output_options(*formats: str) -> Callable[[F], F]:
    """--format and --output."""

    def add(function: F) -> F:
        function = click.option("--output", metavar="FILE", help="Write to a file instead of the terminal.")(function)
        return click.option(
            "--format", "format_", type=click.Choice(formats), default=formats[0], show_default=True,
            help="How to print it.",
        )(function)  # fmt: skip

    return add


def write(text: str | Iterable[str], output: str | None) -> None:
    """Print a text or its pieces, or write them to a file: whole or not at all.

    Raises UsageError where the file cannot be written.
    """
    pieces = (text,) if isinstance(text, str) else text
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal that knows no × still shows the figures
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
        raise UsageError(f"{output} cannot be written: {error.strerror}", "choose another --output") from None
