"""`convcalc compare`: what weight sharing saves; networks or layers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from convcalc.cli.complete import complete_layer
from convcalc.cli.options import analysed, output_options, spec_options, target_argument, write

if TYPE_CHECKING:
    from convcalc.render.sheet import Sheet

EPILOG = """\b
Examples:
  convcalc compare alexnet
  convcalc compare vgg16 --without-pooling
  convcalc compare lenet alexnet resnet50 --format markdown
  convcalc compare alexnet#conv1 lenet#conv1
  convcalc compare alexnet alexnet@torchvision --layer conv1
"""


@click.command(epilog=EPILOG)
@target_argument(many=True)
@click.option("--layer", metavar="NAME", shell_complete=complete_layer, help="Compare this layer of each network.")
@click.option("--without-pooling", is_flag=True, help="Add what dense layers would cost if pooling were left out.")
@spec_options
@output_options("table", "json", "csv", "markdown", "html")
def command(
    targets: tuple[str, ...],
    layer: str | None,
    without_pooling: bool,
    format_: str,
    output: str | None,
    **options: Any,
) -> None:
    """What weight sharing saves in each layer of a network; or several networks, or layers, side by side.

    For one TARGET the parameters of each layer are counted three ways: shared (a convolution), unshared (a locally
    connected layer) and fully connected. TARGET#LAYER narrows a network to one layer.
    """
    from convcalc.report.comparison import Comparison

    reports = [analysed(target, **options) for target in targets]
    comparison = Comparison(reports, layer=layer, without_pooling=without_pooling)
    if format_ == "json":
        from convcalc.render.json_ import json_text

        write(json_text(comparison.to_dict()), output)
    elif format_ == "csv":
        from convcalc.render.comparison import csv_chunks

        write(csv_chunks(comparison), output)
    else:
        from convcalc.cli.output import write_sheets

        write_sheets(format_, lambda width: _sheets(comparison, format_, width), output, "Comparison")


def _sheets(comparison: Any, format_: str, width: int | None) -> list[Sheet]:
    from convcalc.render.comparison import BLOCKS, PLAIN, comparison_sheets

    marks = "" if format_ != "table" else PLAIN if width is None else BLOCKS
    return comparison_sheets(comparison, marks=marks, width=width)
