"""`convcalc field`: the receptive fields of a layer, in numbers and as a picture."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import click

from convcalc.api import analyse
from convcalc.cli.complete import complete_layer
from convcalc.cli.options import change_options, find_target, loaded, some_layers, target_argument
from convcalc.cli.output import Printer, output_options
from convcalc.errors import UsageError
from convcalc.render.field_printout import FieldPrintout
from convcalc.report.field import LayerField
from convcalc.report.report import Report

EPILOG = """\b
Examples:
  convcalc field lenet
  convcalc field lenet pool2
  convcalc field resnet50 layer3.0.conv2 --unit 0,13
  convcalc field alexnet conv5 --pixel 113,113
  convcalc field vgg16 features.14 --from features.9 --output field.svg
"""


def _index(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """The numbers of `Y,X`."""
    if value is None:
        return None
    if not re.fullmatch(r"\s*-?\d{1,18}\s*(,\s*-?\d{1,18}\s*)*", value):
        raise UsageError(f"--{param.name} cannot be `{value}`", "write Y,X, counted from 0; one number in 1-D")
    return tuple(map(int, value.split(",")))


def _last_map(report: Report, source: str | None) -> str:
    """The last layer whose units have places on the input; without one, the last layer."""
    for row in reversed(report.rows):
        with suppress(UsageError):  # a layer whose fields are not known, or that does not depend on the source
            if None not in (LayerField(report, row.name, source).figures.stride or [None]):
                return row.name
    return report.rows[-1].name


@click.command("field", epilog=EPILOG)
@target_argument()
@click.argument("layer", metavar="[LAYER]", required=False, shell_complete=complete_layer)
@click.option("--unit", metavar="Y,X", callback=_index, help="The unit to look at, from 0; by default the central one.")
@click.option("--pixel", metavar="Y,X", callback=_index, help="Show the units that this pixel changes instead.")
@click.option("--from", "source", metavar="NAME", shell_complete=complete_layer,
              help="Measure in positions of this layer's output instead of the network's input.")  # fmt: skip
@click.option("--input-name", metavar="NAME", help="The input to measure in, where there are several.")
@change_options
@output_options(FieldPrintout)
def command(
    target: str,
    layer: str | None,
    unit: tuple[int, ...] | None,
    pixel: tuple[int, ...] | None,
    source: str | None,
    input_name: str | None,
    printer: Printer,
    set_: tuple[str, ...],
    **options: Any,
) -> None:
    """The pixels that a unit of a layer sees, in numbers and as a picture.

    LAYER is the full name of a row of `convcalc count TARGET`; TARGET#LAYER names both at once. Without one, it is the
    last layer with a map, whose units have places on the input. Branches before the
    layer that are not aligned are listed, with a padding that would align them. --format json has the boxes of all
    units.
    """
    if unit is not None and pixel is not None:
        raise UsageError("--unit and --pixel exclude each other", "give one of them")
    if source is not None and input_name is not None:
        raise UsageError("--from and --input-name exclude each other", "give one of them")
    found, changes = find_target(target, set_, **options)
    graph = loaded(found, changes)
    if input_name is not None and input_name not in graph.inputs:
        raise UsageError(f"there is no input `{input_name}`", "the inputs are " + ", ".join(graph.inputs))
    report = analyse(graph)
    name, note = layer or found.layer, ""
    if not name:
        name = _last_map(report, source or input_name)
        note = f"{name} is the last layer with a map; others are {some_layers(graph)}"
    field = LayerField(report, name, source or input_name)
    if unit is not None:
        field.select_unit(unit)
    if pixel is not None:
        field.select_pixel(pixel)
    printer.show(FieldPrintout(field, note))
