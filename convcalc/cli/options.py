"""The options that commands have in common, and what they turn into."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from convcalc.arith.units import DTYPE_BITS
from convcalc.cli.complete import complete_layer, complete_target
from convcalc.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


class Changes:
    """What the options change of a file, as the API takes it."""

    __slots__ = ("params", "input", "sharing", "dtype", "batch")

    def __init__(self, set_: tuple[str, ...], input: str | None, sharing: str | None, dtype: str, batch: int) -> None:
        from convcalc.spec.overrides import setting

        self.params = dict(setting(text) for text in set_)
        self.input = input
        self.sharing = sharing
        self.dtype = dtype
        self.batch = batch


def target_argument(*, many: bool = False) -> Callable[[F], F]:
    """The TARGET argument, one or several."""
    return click.argument(
        "targets" if many else "target",
        metavar="TARGET..." if many else "TARGET",
        nargs=-1 if many else 1,
        required=True,
        shell_complete=complete_target,
    )


def layer_argument() -> Callable[[F], F]:
    return click.argument("layer", metavar="LAYER", shell_complete=complete_layer)


def spec_options(function: F) -> F:
    """--set, --input, --sharing, --dtype, --batch."""
    options = [
        click.option("--set", "set_", metavar="NAME=VALUE", multiple=True, help="Give a param of the spec another value."),
        click.option("--input", metavar="SHAPE", help="Another input shape: 3x227x227, or name=SHAPE,name=SHAPE."),
        click.option("--sharing", type=click.Choice(["full", "none"]), help="What if every convolution were so."),
        click.option("--dtype", default="float32", show_default=True, type=click.Choice(list(DTYPE_BITS)), metavar="TYPE",
                     help="Type of the numbers, for the byte figures."),
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


def write(text: str, output: str | None) -> None:
    """Print, or write to a file: whole or not at all. Raises UsageError where the file cannot be written."""
    if output is None:
        sys.stdout.write(text)
        return
    import tempfile

    folder = os.path.dirname(os.path.abspath(output))
    try:
        if os.path.isdir(output):
            raise UsageError(f"{output} is a directory", "name a file")
        if os.path.exists(output) and not os.path.isfile(output):
            with open(output, "w", encoding="utf-8") as device:  # /dev/stdout, a named pipe
                device.write(text)
            return
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".convcalc-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, output)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}", "choose another --output") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
