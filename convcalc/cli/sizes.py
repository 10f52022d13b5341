"""`convcalc sizes`: the input sizes that fit a network."""

from __future__ import annotations

import re
from typing import Any

import click

from convcalc.analysis.sizes import fits
from convcalc.cli.options import change_options, find_target, loaded, target_argument
from convcalc.cli.output import Printer, output_options
from convcalc.cli.progress import watched
from convcalc.errors import UsageError
from convcalc.language.parse import parse
from convcalc.render.sizes import SizesPrintout
from convcalc.report.sizes import Sizes, varied_axes

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
@click.option("--axis", metavar="NAME", help="Vary only this axis: depth, height, width, length or tokens.")
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
    """The input sizes that fit a network, and the map size of each layer as a formula.

    The network is built at every size of the range: all spatial axes have this size, or only one --axis. A size works
    when the network can be built. It fits when, in addition, the parameters are as many as in the spec, no stride or
    pooling loses rows or columns, and no crop is off centre.
    """
    found, changes = find_target(target, set_, **options)
    tried = _range(range_)
    graph = loaded(found, changes)
    axes = varied_axes(graph, axis)
    built = fits(parse(found.source)[0], graph, changes, axes, tried)
    printer.show(SizesPrintout(Sizes(graph, found.label, axes, tried, watched(built, len(tried), "sizes"))))


def _range(text: str) -> range:
    """`32:512`, both ends tried."""
    ends = re.fullmatch(r"\s*(\d{1,9}):(\d{1,9})\s*", text)
    if ends is None:
        raise UsageError(f"--range `{text}` is not a range of sizes", "write FIRST:LAST, as in --range 32:512")
    tried = range(int(ends[1]), int(ends[2]) + 1)
    if not tried or not tried.start:
        raise UsageError(f"--range `{text}` has no sizes", "sizes are from 1 up, and FIRST is not above LAST")
    if len(tried) > MAX_SIZES:
        raise UsageError(f"--range `{text}` has {len(tried):,} sizes", f"at most {MAX_SIZES:,} are tried in one run")
    return tried
