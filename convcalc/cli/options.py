"""The options that commands have in common, and the values made from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from convcalc import api
from convcalc.arith.units import DTYPE_BITS
from convcalc.cli.complete import complete_target
from convcalc.language.overrides import Overrides, parse_setting
from convcalc.report.report import Report
from convcalc.targets.find import find
from convcalc.targets.target import Target

F = TypeVar("F", bound=Callable[..., Any])


def overrides(set_: tuple[str, ...], input: str | None, sharing: str | None) -> Overrides:
    """The overrides of --set, --input and --sharing. Raises UsageError."""
    return Overrides.of(dict(parse_setting(text) for text in set_), input, sharing)


def find_target(
    target: str, set_: tuple[str, ...], input: str | None, sharing: str | None, python: str | None
) -> tuple[Target, Overrides]:
    """A target and what the options of `change_options` change of it. Raises UsageError and SpecError.

    A network of another format is read with the input that is given, which then is no change.
    """
    found = find(target, input, python)
    return found, overrides(set_, None if found.foreign is not None else input, sharing)


def analysed(target: str, set_: tuple[str, ...], **options: Any) -> Report:
    """The report of a target with the options of `spec_options`. Raises UsageError and SpecError."""
    return api.analyse(target, params=dict(parse_setting(text) for text in set_), **options)


def target_argument(*, many: bool = False) -> Callable[[F], F]:
    """The TARGET argument, one or several."""
    return click.argument(
        "targets" if many else "target",
        metavar="TARGET..." if many else "TARGET",
        nargs=-1 if many else 1,
        required=True,
        shell_complete=complete_target,
    )


def python_option(function: F) -> F:
    """--python."""
    option = click.option("--python", metavar="PATH", type=click.Path(dir_okay=False),
                          help="The interpreter with PyTorch, for a target pytorch:MODULE:NAME.")  # fmt: skip
    return option(function)


def change_options(function: F) -> F:
    """--set, --input, --sharing, --python."""
    options = [
        click.option("--set", "set_", metavar="NAME=VALUE", multiple=True,
                     help="Set a param of the spec."),
        click.option("--input", metavar="SHAPE", help="Another input shape: 3x227x227, or name=SHAPE,name=SHAPE."),
        python_option,
        click.option("--sharing", type=click.Choice(["full", "none"]), help="The weight sharing of every convolution."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def spec_options(function: F) -> F:
    """--set, --input, --sharing, --python, --dtype, --batch."""
    options = [
        change_options,
        click.option("--dtype", default="float32", show_default=True, type=click.Choice(list(DTYPE_BITS)),
                     metavar="TYPE", help="Number type, for figures in bytes."),
        click.option("--batch", default=1, show_default=True, type=click.IntRange(min=1), metavar="N",
                     help="Number of samples, for figures in bytes."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function
