"""`convcalc layer`: the derivation of a layer from the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import click

from convcalc import layers
from convcalc.api import analyse
from convcalc.arith.wording import listed
from convcalc.cli.complete import complete_setting, complete_type
from convcalc.cli.one_layer import load_layer
from convcalc.cli.output import Printer, output_options
from convcalc.errors import UsageError
from convcalc.language.overrides import parse_input_shape, parse_setting
from convcalc.language.spec import ENTRY_KEYS
from convcalc.layers.base import LayerError, LayerType
from convcalc.network.values import Context, Values
from convcalc.render.derivation import DerivationPrintout
from convcalc.render.layer_answers import LayerAnswersPrintout
from convcalc.report.derivation import derive
from convcalc.text.collector import Problems
from convcalc.text.source import Source

INPUT_HELP = "the input shape without the batch: 3x227x227 for an image of 3 channels"
UNKNOWN = "?"  # in place of a value, or before a range
# The value of --output that is a shape and no file.
SHAPE = re.compile(r"\d+(x\d+)*|\[[\d, ]+\]", re.I)


@click.command("layer")
@click.argument("type_", metavar="TYPE", shell_complete=complete_type)
@click.argument("settings", metavar="[KEY=VALUE]...", nargs=-1, shell_complete=complete_setting)
@click.option("--input", metavar="SHAPE", help="The input shape: 3x227x227; or name=SHAPE,name=SHAPE for a merge.")
@click.option(
    "--want",
    "wants",
    metavar="CONDITION",
    multiple=True,
    help="With `?`: a condition on the layer, such as 'params == 34944' or 'macs < 100M'.",
)
@click.option("--all", "everything", is_flag=True, help="With `?`: all answers, not only the plainest.")
@output_options(DerivationPrintout, LayerAnswersPrintout)
def command(
    type_: str, settings: tuple[str, ...], input: str | None, wants: tuple[str, ...], everything: bool, printer: Printer
) -> int | None:
    """The derivation of `explain` for a layer from the command line, without a file.

    TYPE is a built-in layer; `convcalc layers TYPE` prints its parameters. Values are written as in YAML. On a
    terminal, the command asks for missing values.

    With the value `?` the command finds the values of this parameter that give the --output, a shape with its channels
    or without, or the conditions of --want. Behind the `?` may be a range: padding=?0..3.

    \b
    Examples:
      convcalc layer conv2d out_channels=96 kernel_size=11 stride=4 --input 3x227x227
      convcalc layer max_pool2d kernel_size=[3,2] padding=same --input 64x56x56
      convcalc layer concat --input left=64x28x28,right=32x28x28
      convcalc layer conv2d kernel_size=11 stride=4 'padding=?' out_channels=96 --input 3x224x224 --output 96x55x55
      convcalc layer max_pool2d 'kernel_size=?' 'stride=?' --input 64x55x55 --output 27x27
      convcalc layer conv2d 'out_channels=?' kernel_size=11 --input 3x227x227 --want 'params == 34944'
    """
    kind = _kind(type_)
    given = _given(settings)
    missing = [name for name in kind.parameters if kind.parameters[name].required and name not in given]
    if missing or input is None:
        _check_names(kind, given)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise _incomplete(kind, missing, input)
        given |= {name: _ask(kind, name) for name in missing}
        input = input if input is not None else _ask_input()
        click.echo(err=True)
    if any(value.startswith(UNKNOWN) for value in given.values()):
        from convcalc.cli.layer_unknowns import answer  # only a question loads it

        _check_names(kind, given)
        return answer(kind, given, input, wants, everything, printer)
    if wants or everything or SHAPE.fullmatch(printer.file or ""):
        option = "--want" if wants else "--all" if everything else f"--output {printer.file}"
        raise UsageError(f"{option} needs an unknown value", "write ? for it, as in 'padding=?'")
    graph = load_layer(kind, given, input)
    printer.show(DerivationPrintout(derive(analyse(graph), graph.nodes[0].name)))
    return None


def _kind(name: str) -> LayerType:
    kind = layers.find(name)
    if kind is None:
        from convcalc.language.translations import type_name_help  # only a mistake loads it

        help = type_name_help(name, {}) or "`convcalc layers` lists them"
        raise UsageError(f"there is no layer `{name}`", help)
    return kind


def _check_names(kind: LayerType, given: dict[str, str]) -> None:
    """Refuse a name that the layer does not have, before the command asks for values."""
    known = [*kind.parameters, *sorted(ENTRY_KEYS)]
    for name in given:
        if name not in known:
            from convcalc.language.translations import key_name_help  # only a mistake loads it

            help = key_name_help(kind.name, name, known) or f"it takes {', '.join(kind.parameters)}"
            raise UsageError(f"{kind.name} has no `{name}`", help)


def _given(settings: tuple[str, ...]) -> dict[str, str]:
    """The settings as text, each checked to be one well-formed value."""
    given: dict[str, str] = {}
    for text in settings:
        name = text.partition("=")[0].strip()
        if not text.partition("=")[2].strip().startswith(UNKNOWN):
            name, _ = parse_setting(text)
        if not re.fullmatch(r"[\w-]+", name):
            raise UsageError(f"`{name}` is not the name of a parameter", "write key=value, as in kernel_size=3")
        if name in given:
            raise UsageError(f"{name} is given twice", "give it once")
        given[name] = " ".join(text.partition("=")[2].split()) or "null"
    return given


# -- what is missing ---------------------------------------------------------------------------------------------


def _incomplete(kind: LayerType, missing: list[str], input: str | None) -> UsageError:
    needs = [*missing, *(["--input"] if input is None else [])]
    examples = [f"{name}=…" for name in missing] + ([f"--input {_example_input(kind)}"] if input is None else [])
    return UsageError(
        f"{kind.name} needs {listed(needs)}",
        f"add {' '.join(examples)}; `convcalc layers {kind.name}` explains them",
    )


def _example_input(kind: LayerType) -> str:
    """A small map for a layer that slides over one; else the input of the example on the manual page."""
    if kind.rank and kind.layer_class.arity[0] == 1:
        return "3" + "x32" * kind.rank
    from convcalc.manual.pages import manual  # only a mistake loads it

    found = re.search(r"input: (.*)", manual(kind).sections.get("Example", ""))
    shapes = re.findall(r"(?:(\w+): )?\[([\d, ]+)\]", found[1] if found else "[3, 32, 32]")
    return ",".join(f"{name}={sizes}" if name else sizes for name, sizes in shapes).replace(", ", "x")


def _ask(kind: LayerType, name: str) -> str:
    """Ask until the parameter accepts the value."""

    def checked(text: str) -> str:
        try:
            kind.parameters[name].convert(_plain(f"{name}={text}"), kind.rank)
        except LayerError as error:
            from convcalc.language.corrections import value_help  # only a mistake loads it

            help = value_help("", text, text, (), kind.parameters[name].schema(kind.rank))
            raise click.UsageError(f"{error}; {help}" if help else str(error)) from None
        return text

    return _answer(name, kind.parameters[name].help, checked)


def _ask_input() -> str:
    def checked(text: str) -> str:
        try:
            parse_input_shape(text)
        except UsageError as error:
            raise click.UsageError(str(error)) from None
        return text

    return _answer("input", INPUT_HELP, checked)


def _answer(name: str, help: str, checked: Callable[[str], str]) -> str:
    """The user's answer, after an explanation, once it is valid. Standard output is only for the result."""
    click.echo(f"{name}: {help}", err=True)
    return str(click.prompt(f"  {name}", value_proc=checked, err=True))


def _plain(text: str) -> Any:
    """The value of `name=value` as plain Python. Raises click.UsageError."""
    try:
        return Values(Problems(Source("", ""))).plain(parse_setting(text)[1], 0, Context({}))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
