"""`convcalc sizes`: the input sizes that fit a network."""

from __future__ import annotations

import re
from typing import Any

import click

from convcalc.analysis.sizes import fits
from convcalc.api import load_target
from convcalc.cli.options import change_options, overrides, target_argument
from convcalc.cli.output import Printer, output_options
from convcalc.cli.progress import watched
from convcalc.errors import UsageError
from convcalc.language.parse import parse
from convcalc.render.sizes import SizesPrintout
from convcalc.report.sizes import Sizes, varied_axes
from convcalc.targets.find import find

MAX_SIZES = 100_000

EPILOG = """\b
Examples:
  convcalc sizes lenet
  convcalc sizes resnet50 --range 200:300
  convcalc sizes vgg16 --axis height --input 3x224x320
  convcalc sizes alexnet --format csv
"""


@click.command(epilog=EPILOG)
@target_argument()
@click.option("--range", "range_", default="1:600", show_default=True, metavar="FIRST:LAST", help="The sizes to try.")
@click.option("--axis", metavar="NAME", help="Vary this axis alone: depth, height, width, length or tokens.")
@change_options
@output_options(SizesPrintout)
def command(
    target: str,
    range_: str,
    axis: str | None,
    printer: Printer,
    set_: tuple[str, ...],
    **options: Any,
) -> None:
    """Which input sizes fit a network, and what each layer makes of a size.

    Every size of the range is really built: all spatial axes alike, or one --axis while the others stay. A size works
    when the network can be built; it fits when besides the parameters are as many as in the spec, and no stride,
    pooling or crop loses rows or columns or is off centre.
    """
    found, changes = find(target), overrides(set_, **options)
    tried = _range(range_)
    graph = load_target(found, changes)
    axes = varied_axes(graph, axis)
    built = fits(parse(found.source)[0], graph, changes, axes, tried)
    printer.show(SizesPrintout(Sizes(graph, found.label, axes, tried, watched(built, len(tried), "sizes"))))


def _range(text: str) -> range:
    """`32:512`, both ends tried."""
    ends = re.fullmatch(r"\s*(\d{1,9}):(\d{1,9})\s*", text)
    if ends is None:
        raise UsageError(f"--range `{text}` is no range of sizes", "write FIRST:LAST, as in --range 32:512")
    tried = range(int(ends[1]), int(ends[2]) + 1)
    if not tried or not tried.start:
        raise UsageError(f"--range `{text}` holds no size", "from 1 up, the smaller one first")
    if len(tried) > MAX_SIZES:
        raise UsageError(f"--range `{text}` has {len(tried):,} sizes", f"at most {MAX_SIZES:,} are tried in one run")
    return tried
