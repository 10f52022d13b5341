"""The options that commands have in common, and the values made from them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from convcalc import api
from convcalc.arith.units import DTYPE_BITS
from convcalc.arith.wording import visible
from convcalc.cli.complete import complete_change, complete_file, complete_target
from convcalc.cli.terminal import style_for
from convcalc.language.overrides import Overrides, parse_setting
from convcalc.network.graph import Graph
from convcalc.report.report import Report
from convcalc.targets.find import find
from convcalc.targets.target import Target

NAMED = 4  # layers in a message, where there are more

F = TypeVar("F", bound=Callable[..., Any])


def find_target(
    target: str, set_: tuple[str, ...], input: str | None, sharing: str | None, keep_size: bool, python: str | None
) -> tuple[Target, Overrides]:
    """A target and what the options of `change_options` change of it. Raises UsageError and SpecError.

    A network of another format is read with the input that is given, which then is no change.
    """
    found = find(target, input, python)
    params = dict(parse_setting(text) for text in set_)
    return found, Overrides.of(params, None if found.foreign is not None else input, sharing, keep_size)


def loaded(target: Target, changes: Overrides) -> Graph:
    """The graph of a target with changes; what they change of single layers is said on stderr."""
    graph = api.load_target(target, changes)
    say_changes(graph, target.label)
    return graph


def analysed(target: str, set_: tuple[str, ...], **options: Any) -> Report:
    """The report of a target with the options of `spec_options`, as `loaded`. Raises UsageError and SpecError."""
    report = api.analyse(target, params=dict(parse_setting(text) for text in set_), **options)
    say_changes(report.graph, target)
    return report


def say_changes(graph: Graph, label: str) -> None:
    """Say on stderr how many layers a call changes: results on stdout stay as they are in every format."""
    if graph.changes is not None:
        style = style_for(sys.stderr)
        for sentence in graph.changes.in_words(label):
            sys.stderr.write(f"{style('note', 'note')}: {visible(sentence)}\n")


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
    option = click.option("--python", metavar="PATH", shell_complete=complete_file,
                          help="The interpreter with PyTorch, for a target pytorch:MODULE:NAME.")  # fmt: skip
    return option(function)


def change_options(function: F) -> F:
    """--set, --keep-size, --input, --sharing, --python."""
    options = [
        click.option("--set", "set_", metavar="NAME=VALUE", multiple=True, shell_complete=complete_change,
                     help="Set a param of the spec; or LAYER.KEY=VALUE, a key of the layers of this name: conv* matches"
                     " several."),
        click.option("--keep-size", is_flag=True,
                     help="Pad a layer whose kernel or dilation --set changes, so that its output keeps its size."),
        click.option("--input", metavar="SHAPE", help="Another input shape: 3x227x227, or name=SHAPE,name=SHAPE."),
        python_option,
        click.option("--sharing", type=click.Choice(["full", "none"]), help="The weight sharing of every convolution."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def spec_options(function: F) -> F:
    """--set, --keep-size, --input, --sharing, --python, --dtype, --batch."""
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


def some_layers(graph: Graph) -> str:
    """The names of the first layers, to choose one."""
    names = [node.name for node in graph.nodes[:NAMED]]
    return ", ".join(names) + (", …" if len(graph.nodes) > NAMED else "")
