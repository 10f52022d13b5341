"""`convcalc solve`: the values of unknowns with which a network is as wanted, and the cheapest stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from convcalc.cli.complete import complete_axis, complete_condition, complete_target
from convcalc.cli.options import change_options, find_target
from convcalc.cli.output import Printer, number_option, output_options
from convcalc.cli.progress import watched
from convcalc.render.solution import SolutionPrintout
from convcalc.solving.network import NetworkQuestion, solve_network

EPILOG = """\b
Examples:
  convcalc solve alexnet conv1.padding --want 'layers["conv1"].output_shape == [96, 55, 55]' --input 3x224x224
  convcalc solve resnet50 --largest base_width --want 'params <= 20M'
  convcalc solve lenet conv1.kernel_size conv2.kernel_size=3..7 --want 'field >= 18' --want 'params < 40K' --all
  convcalc solve mobilenet_v2 --largest input.size=96..320:32 --want 'macs <= 300M'
"""


@click.command(epilog=EPILOG)
@click.argument("target", metavar="TARGET", shell_complete=complete_target)
@click.argument("unknowns", metavar="[UNKNOWN]...", nargs=-1, shell_complete=complete_axis)
@click.option("--want", "wants", metavar="CONDITION", multiple=True, shell_complete=complete_condition,
              help="What the network must meet: 'params <= 20M'. All of several --want must hold.")  # fmt: skip
@click.option("--largest", metavar="UNKNOWN", shell_complete=complete_axis, help="The largest value of it that fits.")
@click.option("--smallest", metavar="UNKNOWN", shell_complete=complete_axis, help="The smallest value of it that fits.")
@click.option("--all", "everything", is_flag=True, help="All answers, not only the first 10.")
@change_options
@number_option
@output_options(SolutionPrintout)
def command(
    target: str,
    unknowns: Sequence[str],
    wants: Sequence[str],
    largest: str | None,
    smallest: str | None,
    everything: bool,
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
    found, changes = find_target(target, set_, **options)
    question = NetworkQuestion(found, unknowns, wants, changes, set_, options["input"], everything=everything)
    solution = solve_network(question.with_best(largest, smallest), _watched)
    printer.show(SolutionPrintout(solution, si))
    return 0 if solution.answers else 1


def _watched(items: Iterable[int], total: int) -> Iterable[int]:
    return watched(items, total, "networks")
