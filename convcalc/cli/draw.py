"""`convcalc draw`: a network or a layer as a picture."""

from __future__ import annotations

import sys
from typing import Any

import click

from convcalc.api import analyse
from convcalc.cli.complete import complete_target
from convcalc.cli.options import change_options, find_target, loaded
from convcalc.cli.output import format_option, output_option, write, write_bytes
from convcalc.drawing.convert import converted
from convcalc.drawing.draw import OF_A_NETWORK, draw, heat_figures, suggested_layer
from convcalc.errors import UsageError
from convcalc.render.field_svg import field_svg
from convcalc.render.formats import format_of_file
from convcalc.report.field import LayerField
from convcalc.report.report import Report

EPILOG = """\b
Examples:
  convcalc draw resnet18 -o resnet18.svg
  convcalc draw resnet50 --depth 3 --heat macs -o resnet50.pdf
  convcalc draw lenet --as maps -o lenet.png
  convcalc draw lenet#conv1 --as wiring -o sharing.svg
  convcalc draw lenet#conv2 --as field -o field.svg
"""
ENDINGS = {"svg": (".svg",), "png": (".png",), "pdf": (".pdf",)}


@click.command("draw", epilog=EPILOG)
@click.argument("target", metavar="TARGET", shell_complete=complete_target)
@click.option("--as", "kind", type=click.Choice([*OF_A_NETWORK, "wiring", "field"]), default="graph",
              show_default=True, help="What to draw.")  # fmt: skip
@click.option("--depth", type=click.IntRange(min=1), metavar="N",
              help="Open blocks down to N parts of a name; by default, as far as it stays readable.")  # fmt: skip
@click.option("--heat", type=click.Choice(heat_figures()), metavar="FIGURE",
              help="Colour each box of a graph by its share of a figure, such as params or macs.")  # fmt: skip
@format_option(list(ENDINGS), "svg")
@output_option(".svg, .png or .pdf")
@change_options
def command(
    target: str,
    kind: str,
    depth: int | None,
    heat: str | None,
    format_: str | None,
    output: str | None,
    set_: tuple[str, ...],
    **options: Any,
) -> None:
    """A network or a layer as a picture: SVG, which follows the light or dark page around it; PNG or PDF.

    \b
    graph   each layer or block as a box, branches side by side
    maps    the feature maps to scale, as in textbooks
    wiring  a layer, TARGET#LAYER: fully connected, locally connected, and with shared weights
    field   a layer, TARGET#LAYER: the pixels that one unit sees
    """
    chosen = format_ or (None if output is None else format_of_file(output, ENDINGS)) or "svg"
    if chosen != "svg" and output is None and sys.stdout.isatty():
        raise UsageError(f"{chosen} is no text for a terminal", f"name a file: -o NAME.{chosen}")
    found, changes = find_target(target, set_, **options)
    report = analyse(loaded(found, changes))
    if kind not in OF_A_NETWORK and found.layer is None:
        raise UsageError(
            f"{kind} needs a layer", f"write TARGET#LAYER, such as {found.label}#{suggested_layer(report)}"
        )
    drawing = _drawing(report, kind, found.layer, depth, heat)
    if chosen == "svg":
        write(drawing, output)
        return
    write_bytes(converted(drawing, chosen), output)


def _drawing(report: Report, kind: str, layer: str | None, depth: int | None, heat: str | None) -> str:
    if kind != "field" or layer is None:
        return draw(report, kind, layer=layer, depth=depth, heat=heat).svg
    return field_svg(LayerField(report, layer))
