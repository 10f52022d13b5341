"""`convcalc compare`: the savings of weight sharing; networks or layers side by side."""

from __future__ import annotations

from typing import Any

import click

from convcalc.cli.complete import complete_layer
from convcalc.cli.options import analysed, spec_options, target_argument
from convcalc.cli.output import Printer, number_option, output_options
from convcalc.render.comparison import ComparisonPrintout
from convcalc.report.comparison import Comparison

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
@click.option("--without-pooling", is_flag=True, help="Add the cost of the dense layers without pooling.")
@spec_options
@number_option
@output_options(ComparisonPrintout)
def command(
    targets: tuple[str, ...],
    layer: str | None,
    without_pooling: bool,
    si: bool,
    printer: Printer,
    **options: Any,
) -> None:
    """The savings of weight sharing in each layer of a network; or several networks, or layers, side by side.

    For one TARGET the parameters of each layer are counted three ways: shared (a convolution), unshared (a locally
    connected layer) and fully connected. TARGET#LAYER means one layer of a network.
    """
    reports = [analysed(target, **options) for target in targets]
    printer.show(ComparisonPrintout(Comparison(reports, layer=layer, without_pooling=without_pooling), si))
