"""`convcalc sweep`: many networks from one spec, with the figures of those that pass."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import Any

import click

from convcalc.arith.units import group_digits
from convcalc.arith.wording import visible
from convcalc.cli.complete import complete_axis, complete_condition, complete_quantities, complete_target
from convcalc.cli.options import change_options
from convcalc.cli.output import Printer, number_option, output_options, write
from convcalc.cli.progress import StatusLine
from convcalc.cli.sweep_plotting import Plotting, plotting_options
from convcalc.cli.sweep_running import Running, running_options, say_end
from convcalc.cli.terminal import style_for
from convcalc.errors import UsageError
from convcalc.render.sweep_printout import SweepPrintout
from convcalc.sweeping.axes import keys_of
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.planning import BUDGET, NSGA2, check_columns, check_plan, duration, make_plan
from convcalc.sweeping.quantities import OF_NETWORK
from convcalc.sweeping.runner import Progress, Run
from convcalc.sweeping.selection import Selection, parse_selection
from convcalc.sweeping.sweep import Sweep
from convcalc.sweeping.values import split
from convcalc.targets.find import find

Select = Callable[[Collection[str]], Selection]

EPILOG = """\b
Examples:
  convcalc sweep lenet --vary conv1.out_channels=4..16:4 --vary conv2.kernel_size=3,5
  convcalc sweep net.yaml --vary width=16..128:16 --where 'params < 5M and field >= 224'
  convcalc sweep mobilenet_v2 --vary width=0.5..1.5:0.25 --vary input.size=128..256:32 --pareto macs,-params
  convcalc sweep net.yaml --vary width=16..128:16 --pareto params,-field --plot front.svg
  convcalc sweep resnet --vary variant=resnet18,resnet50 --vary input=3x224x224,3x256x256
  convcalc sweep net.yaml --vary 'width,depth=16/2,32/3' --sort macs --top 5
  convcalc sweep net.yaml --vary 'layer3.*.conv2.kernel_size=3,5,7' --keep-size --format csv
  convcalc sweep net.yaml --vary width=1..100000 --jobs 8 --out runs.db
  convcalc sweep net.yaml --vary 'conv*.out_channels=8..512:8' --pareto params,-field --search nsga2 --budget 5000
"""


def _columns(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """List the figures for `--columns help`, with any other options."""
    if value == "help" and not ctx.resilient_parsing:
        width = max(map(len, OF_NETWORK))
        for name, figure in OF_NETWORK.items():
            write(f"{name:<{width}}  {figure.help}\n", None)
        write(f"{'expressions':<{width}}  such as macs / params, or layers['conv1'].macs\n", None)
        ctx.exit()
    return value


@click.command(epilog=EPILOG)
@click.argument("targets", metavar="TARGET", nargs=-1, shell_complete=complete_target)
@click.option("--vary", metavar="KEY=VALUES", multiple=True, shell_complete=complete_axis,
              help="A param, LAYER.KEY, input, input.height or variant, and its values: 16,32,64 or 16..128:16 or"
              " 16..256*2. Keys that move together: 'width,depth=16/2,32/3'. Several --vary are combined.")  # fmt: skip
@click.option("--where", metavar="CONDITION", multiple=True, shell_complete=complete_condition,
              help="Only networks that meet it: 'params < 5M and field >= 224'.")  # fmt: skip
@click.option("--sort", metavar="FIGURE", shell_complete=complete_quantities,
              help="Sort by a figure, the smallest first; -FIGURE: the largest first.")  # fmt: skip
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Only the first N rows.")
@click.option("--pareto", metavar="FIGURE,FIGURE", shell_complete=complete_quantities,
              help="Only networks that no other one beats in all of these: the smallest is best, or -FIGURE the"
              " largest.")  # fmt: skip
@click.option("--sample", type=click.IntRange(min=1), metavar="N",
              help="Build only N networks, from all parts of the space.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), metavar="S", default=0,
              help="Another sample, or another search, for each number.")  # fmt: skip
@click.option("--search", type=click.Choice([NSGA2]),
              help="Do not walk the space: choose networks by the figures of earlier ones, for the best in --pareto or"
              " --sort.")  # fmt: skip
@click.option("--budget", type=click.IntRange(min=1), metavar="N",
              help=f"How many networks a search builds; by default {BUDGET:,}.")  # fmt: skip
@click.option("--columns", metavar="FIGURE,FIGURE", shell_complete=complete_quantities, is_eager=True,
              callback=_columns,
              help="The figures to show, or expressions such as macs/params; `help` lists them.")  # fmt: skip
@change_options
@plotting_options
@running_options
@number_option
@output_options(SweepPrintout)
def command(
    targets: Sequence[str],
    sort: str | None,
    top: int | None,
    pareto: str | None,
    running: Running,
    plotting: Plotting,
    si: bool,
    printer: Printer,
    **options: Any,
) -> int:
    """Build a network with every combination of values, and show the figures of those that meet the conditions.

    No file changes. A network that does not build is counted, and the last lines say why. Conditions and columns read
    the figures of the network, layers['conv1'].macs, and the varied keys.
    """
    presses, line = Presses(), StatusLine()
    select = partial(parse_selection, sort, top, pareto)  # of the varied keys
    with presses:
        if running.merge:
            sweep = _merged(targets, select, running, options)
        else:
            evaluator, selection, hidden = _asked(targets, select, running, plotting, **options)

            def start() -> Run:
                return running.start(evaluator, lambda progress: line.show(_in_words(progress)), presses.any)

            sweep = Sweep(evaluator, selection, start, hidden)
        plotting.start(sweep)
        is_csv = printer.format == "csv"
        if not is_csv or sweep.is_in_other_order:
            sweep.read()
            line.clear()
        if is_csv:  # written while the networks are built
            printer.show(SweepPrintout(sweep, si))
            line.clear()
    try:
        plotting.write(sweep)
    finally:  # a picture that fails hides no row
        if is_csv:
            _say(sweep)
        else:
            printer.show(SweepPrintout(sweep, si))
    return say_end(sweep.run, running.out)


def _asked(
    targets: Sequence[str],
    select: Select,
    running: Running,
    plotting: Plotting,
    *,
    vary: Sequence[str],
    set_: Sequence[str],
    input: str | None,
    python: str | None,
    columns: str | None,
    **options: Any,
) -> tuple[Evaluator, Selection, list[str]]:
    """The candidates and the selection of a call, and the columns that only its plot reads.

    Raises UsageError and SpecError.
    """
    if len(targets) != 1:
        raise UsageError("sweep takes one TARGET", "as in convcalc sweep net.yaml --vary width=16,32,64; `variant=a,b`"
                         " varies the variants of a file")  # fmt: skip
    selection = select(keys_of(vary))
    plan = make_plan(
        find(targets[0], input, python), vary, columns=None if columns is None else split(columns, ","),
        selection=selection, settings=set_, input=input, python=python, **options,
    )  # fmt: skip
    hidden = plotting.missing_columns(plan, selection)
    evaluator = Evaluator(replace(plan, columns=(*plan.columns, *hidden)))
    check_plan(evaluator, parts=1 if running.shard is None else running.shard.count)
    return evaluator, selection, hidden


def _merged(files: Sequence[str], select: Select, running: Running, options: Mapping[str, Any]) -> Sweep:
    """The sweep whose results are in databases. Raises UsageError."""
    surplus = [
        name for name in ("vary", "where", "sample", "search", "budget", "columns", "set_", "input") if options[name]
    ]
    if surplus:
        name = surplus[0].rstrip("_")
        raise UsageError(f"--merge and --{name} contradict each other", "the databases have the results of one sweep;"
                         " --sort, --top and --pareto choose among them")  # fmt: skip
    found = running.merged(files)
    evaluator = Evaluator(found.plan)
    selection = select(evaluator.space.keys)
    check_columns(selection, found.plan)
    return Sweep(evaluator, selection, lambda: found)


class Presses:
    """Counts presses of Ctrl-C. The first one lets the sweep end with what is done, a second one ends the program."""

    def __init__(self) -> None:
        self.count = 0
        self._before: Any = None

    def any(self) -> bool:
        """Whether it was pressed."""
        return self.count > 0

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._press)

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt


def _in_words(progress: Progress) -> str:
    """How far a sweep is, in one line."""
    parts = [
        f"{group_digits(progress.done)} of {group_digits(progress.total)}",
        f"{group_digits(progress.passed)} pass",
    ]
    if progress.rate is not None and progress.seconds_left is not None:
        parts += [f"{group_digits(round(progress.rate))} a second", f"{duration(int(progress.seconds_left))} left"]
    return " · ".join(parts)


def _say(sweep: Sweep) -> None:
    """Say on stderr how the sweep went: a file of records has no place for it."""
    style = style_for(sys.stderr)
    for label, text in sweep.summary.in_words():
        sys.stderr.write(f"{style('note', 'note')}: {visible(label)}: {visible(text)}\n")
