"""convcalc explain"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from convcalc.cli.complete import complete_layer
from convcalc.cli.options import change_options, output_options, overrides, target_argument, write
from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.report.derivation import Derivation


@click.command("explain")
@target_argument()
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@change_options
@output_options("text", "json", "markdown")
def command(
    target: str, layer: str | None, format_: str, output: str | None, set_: tuple[str, ...], **options: Any
) -> None:
    """The worked derivation of one layer's figures: each formula, the numbers put in, the result.

    LAYER is the full name of a row of `convcalc count TARGET`; TARGET#LAYER names both at once.

    \b
    output size           how many windows fit along each axis
    units                 elements of the output
    parameters            without sharing, with it, as written, fully connected
    receptive field       what one unit sees of the network's input
    connections           uses of a weight or bias in one forward pass
    multiply-accumulates  of one sample, biases excluded
    """
    from convcalc.api import analyse, load_target
    from convcalc.report.derivation import derive
    from convcalc.targets.find import find

    changes = overrides(set_, **options)
    found = find(target)
    name = layer or found.layer
    graph = load_target(found, changes)
    if not name:
        raise UsageError(
            "explain needs a layer", f"name a row of `convcalc count {target}`, such as {graph.nodes[0].name}"
        )
    write(rendered(derive(analyse(graph), name), format_, output), output)


def rendered(derivation: Derivation, format_: str, output: str | None) -> str:
    """The derivation in a format; text is coloured and wrapped for a terminal only."""
    from convcalc.cli.terminal import style_for, width_of
    from convcalc.render.derivation import derivation_markdown, derivation_text

    if format_ == "json":
        return json.dumps(derivation.to_dict(), ensure_ascii=False, indent=2) + "\n"
    if format_ == "markdown":
        return derivation_markdown(derivation)
    if output is not None:
        return derivation_text(derivation)
    return derivation_text(derivation, style_for(sys.stdout), width_of(sys.stdout))
