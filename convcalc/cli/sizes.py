"""`convcalc sizes`: the input sizes that fit a network."""

from __future__ import annotations

import re
from typing import Any

import click

from convcalc.cli.options import change_options, output_options, overrides, target_argument, write
from convcalc.cli.progress import watched
from convcalc.errors import UsageError

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
@output_options("table", "json", "csv", "markdown")
def command(
    target: str,
    range_: str,
    axis: str | None,
    format_: str,
    output: str | None,
    set_: tuple[str, ...],
    **options: Any,
) -> None:
    """Which input sizes fit a network, and what each layer makes of a size.

    Every size of the range is really built: all spatial axes alike, or one --axis while the others stay. A size works
    when the network can be built; it fits when besides the parameters are as many as in the spec, and no stride,
    pooling or crop loses rows or columns or is off centre.
    """
    from convcalc.analysis.sizes import fits
    from convcalc.api import load_target
    from convcalc.language.parse import parse
    from convcalc.report.sizes import Sizes, varied_axes
    from convcalc.targets.find import find

    changes, found = overrides(set_, **options), find(target)
    tried = _range(range_)
    graph = load_target(found, changes)
    axes = varied_axes(graph, axis)
    built = fits(parse(found.source)[0], graph, changes, axes, tried)
    sizes = Sizes(graph, found.label, axes, tried, watched(built, len(tried), "sizes"))
    if format_ == "json":
        from convcalc.render.json_ import json_text

        write(json_text(sizes.to_dict()), output)
    elif format_ == "csv":
        from convcalc.render.sizes import csv_chunks

        write(csv_chunks(sizes), output)
    else:
        from convcalc.cli.output import write_sheets
        from convcalc.render.sizes import size_sheets

        write_sheets(format_, lambda width: size_sheets(sizes), output, "Sizes")


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
