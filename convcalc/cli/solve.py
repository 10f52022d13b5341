"""`convcalc solve`: the values of unknowns with which a network is as wanted, and the cheapest stack of layers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from convcalc.arith.shape import format_shape
from convcalc.cli.complete import complete_condition, complete_target, complete_unknown
from convcalc.cli.options import change_options, find_target
from convcalc.cli.output import Printer, number_option, output_options
from convcalc.cli.progress import watched
from convcalc.cli.terminal import style_for
from convcalc.errors import UsageError
from convcalc.language.overrides import parse_input_shape
from convcalc.render.solution import SolutionPrintout
from convcalc.render.stack import StackPrintout
from convcalc.solving.network import NetworkQuestion, solve_network
from convcalc.solving.stack import (
    CHANNELS,
    COSTS,
    DOWNSAMPLING,
    LAYERS,
    StackQuestion,
    cheapest_stack,
    in_words,
    parse_wish,
)
from convcalc.text.source import as_plain

EPILOG = """\b
Examples:
  convcalc solve alexnet conv1.padding --want 'layers["conv1"].output_shape == [96, 55, 55]' --input 3x224x224
  convcalc solve resnet50 --largest base_width --want 'params <= 20M'
  convcalc solve lenet conv1.kernel_size conv2.kernel_size=3..7 --want 'field >= 18' --want 'params < 40K' --all
  convcalc solve mobilenet_v2 --largest input.size=96..320:32 --want 'macs <= 300M'
  convcalc solve --stack 'field >= 101, stride 16' --from 3x224x224 --by macs > stack.yaml
"""


@click.command(epilog=EPILOG)
@click.argument("target", metavar="[TARGET]", required=False, shell_complete=complete_target)
@click.argument("unknowns", metavar="[UNKNOWN]...", nargs=-1, shell_complete=complete_unknown)
@click.option("--want", "wants", metavar="CONDITION", multiple=True, shell_complete=complete_condition,
              help="What the network must meet: 'params <= 20M'. All of several --want must hold.")  # fmt: skip
@click.option(
    "--largest", metavar="UNKNOWN", shell_complete=complete_unknown, help="The largest value of it that fits."
)
@click.option(
    "--smallest", metavar="UNKNOWN", shell_complete=complete_unknown, help="The smallest value of it that fits."
)
@click.option("--all", "everything", is_flag=True, help="All answers, not only the first 10.")
@click.option("--stack", metavar="WISH", help="Without TARGET: the cheapest stack of 3x3 convolutions and poolings with"
              " 'field >= 101, stride 16', as a spec.")  # fmt: skip
@click.option("--from", "from_", metavar="SHAPE", help="With --stack: the input, such as 3x224x224.")
@click.option("--by", type=click.Choice(list(COSTS)), help="With --stack: what is cheapest; by default fewest layers.")
@click.option("--channels", metavar="N,N", help="With --stack: channels at stride 1, 2, 4, …; by default"
              " 64,128,256,512.")  # fmt: skip
@click.option("--downsample", type=click.Choice(list(DOWNSAMPLING)),
              help="With --stack: what halves the map: pooling, convolutions of stride 2, or any.")  # fmt: skip
@change_options
@number_option
@output_options(SolutionPrintout, StackPrintout)
def command(
    target: str | None,
    unknowns: Sequence[str],
    wants: Sequence[str],
    largest: str | None,
    smallest: str | None,
    everything: bool,
    stack: str | None,
    from_: str | None,
    by: str | None,
    channels: str | None,
    downsample: str | None,
    si: bool,
    printer: Printer,
    set_: tuple[str, ...],
    **options: Any,
) -> int:
    """The values of unknowns with which a network meets conditions; those of least change first.

    UNKNOWN is a param of the spec, LAYER.KEY (a pattern such as layer3.*.conv2.groups changes several layers),
    input.height or variant, with a range if you like: conv1.padding=0..10 or width=16,32,64. Without a range one is
    chosen for the kind of key, and the output says which. CONDITION is written as in `convcalc sweep --where`.

    Where nothing fits, the output has the nearest miss, and the exit code is 1.
    """
    if stack is not None:
        others = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
        given = {"TARGET": target, "--want": wants, "--largest": largest, "--smallest": smallest, "--all": everything,
                 "--set": set_, **others}  # fmt: skip
        _refuse(given, "has no meaning with --stack", "the input of a stack is --from SHAPE")
        return _print_stack(_stack_question(stack, from_, by, channels, downsample), printer)
    given = {"--from": from_, "--by": by, "--channels": channels, "--downsample": downsample}
    _refuse(given, "needs --stack", "write --stack 'field >= 101, stride 16'")
    if target is None:
        raise UsageError("solve needs a network", "name a TARGET, or write --stack 'field >= 101, stride 16'")
    found, changes = find_target(target, set_, **options)
    question = NetworkQuestion(found, unknowns, wants, changes, set_, options["input"], everything=everything)
    solution = solve_network(question.with_best(largest, smallest), _watched)
    printer.show(SolutionPrintout(solution, si))
    return 0 if solution.answers else 1


def _refuse(given: Mapping[str, Any], reason: str, help: str) -> None:
    """Raise UsageError where one of these options is given."""
    for name, value in given.items():
        if value:
            raise UsageError(f"{name} {reason}", help)


def _stack_question(
    wish: str, from_: str | None, by: str | None, channels: str | None, downsample: str | None
) -> StackQuestion:
    if from_ is None:
        raise UsageError("--stack needs an input", "add --from SHAPE, as in --from 3x224x224")
    field, stride = parse_wish(wish)
    shape: Any = as_plain(parse_input_shape(from_))
    if not isinstance(shape, list) or not all(type(size) is int and size > 0 for size in shape):
        raise UsageError(f"--from `{from_}` is no map", "write channels, height and width: 3x224x224")
    numbers = (channels or ",".join(map(str, CHANNELS))).split(",")
    if not all(re.fullmatch(r"[1-9]\d{0,5}", number.strip()) for number in numbers):
        raise UsageError(f"--channels `{channels}` are no channels", "write numbers, as in --channels 64,128,256")
    pieces = DOWNSAMPLING[downsample or "any"]
    return StackQuestion(tuple(shape), field, stride, tuple(map(int, numbers)), by or LAYERS, pieces)


def _print_stack(question: StackQuestion, printer: Printer) -> int:
    found = cheapest_stack(question)
    if found is not None and not found.pieces:
        raise UsageError("the input itself has this field and stride", "ask for a larger field or stride")
    if found is None:
        style = style_for(sys.stderr)
        size = format_shape(question.input)
        sys.stderr.write(
            f"{style('error', 'error')}: no stack from {size} has {in_words(question)}\n"
            f"  {style('help', 'help')}: each stride of 2 halves the map; field and stride grow by steps\n"
        )
        return 1
    printer._replace(format=printer.format or "yaml").show(StackPrintout(found))
    return 0


def _watched(items: Iterable[int], total: int) -> Iterable[int]:
    return watched(items, total, "networks")
