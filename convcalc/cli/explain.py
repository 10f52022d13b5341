"""`convcalc explain`: the worked derivation of a layer's figures."""

from __future__ import annotations

from typing import Any

import click

from convcalc.api import analyse
from convcalc.cli.complete import complete_layer
from convcalc.cli.options import change_options, find_target, loaded, some_layers, target_argument
from convcalc.cli.output import Printer, output_options
from convcalc.errors import UsageError
from convcalc.render.derivation import DerivationPrintout
from convcalc.report.derivation import derive


@click.command("explain")
@target_argument()
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@change_options
@output_options(DerivationPrintout)
def command(target: str, layer: str | None, printer: Printer, set_: tuple[str, ...], **options: Any) -> None:
    """The worked derivation of one layer's figures: each formula, with its numbers, and the result.

    LAYER is the full name of a row of `convcalc count TARGET`; TARGET#LAYER names both at once.

    \b
    output size           how many windows fit along each axis
    parameters            with sharing, and as written where that differs
    units                 the numbers of the output
    parameters            without sharing, and if fully connected
    receptive field       the pixels of the input that one unit sees
    connections           uses of a weight or bias in one forward pass
    multiply-accumulates  of one sample, biases excluded
    """
    found, changes = find_target(target, set_, **options)
    name = layer or found.layer
    graph = loaded(found, changes)
    if not name:
        raise UsageError(
            "explain needs a layer", f"the layers are {some_layers(graph)}; `convcalc count {target}` lists all"
        )
    printer.show(DerivationPrintout(derive(analyse(graph), name)))
