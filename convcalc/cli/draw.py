"""`convcalc draw`: a network or a layer as a picture."""

from __future__ import annotations

import os
from typing import Any

import click

from convcalc.api import analyse, load_target
from convcalc.cli.complete import complete_target
from convcalc.cli.options import change_options, find_target
from convcalc.cli.output import write, write_bytes
from convcalc.errors import UsageError
from convcalc.report import figures
from convcalc.report.report import Report

EPILOG = """\b
Examples:
  convcalc draw resnet18 --output resnet18.svg
  convcalc draw resnet50 --depth 3 --heat macs --output resnet50.pdf
  convcalc draw lenet --as maps --output lenet.png
  convcalc draw lenet#conv1 --as wiring --output sharing.svg
  convcalc draw lenet#conv2 --as field --output field.svg
"""
OF_A_LAYER = ("wiring", "field")
ENDINGS = (".svg", ".png", ".pdf")


@click.command("draw", epilog=EPILOG)
@click.argument("target", metavar="TARGET", shell_complete=complete_target)
@click.option("--as", "kind", type=click.Choice(["graph", "maps", "wiring", "field"]), default="graph",
              show_default=True, help="What to draw.")  # fmt: skip
@click.option("--depth", type=click.IntRange(min=1), metavar="N",
              help="Open blocks down to N parts of a name; by default, as far as it stays readable.")  # fmt: skip
@click.option("--heat", type=click.Choice([figure.name for figure in figures.sums()]), metavar="FIGURE",
              help="Colour each box of a graph by its share of a figure, such as params or macs.")  # fmt: skip
@click.option("--output", metavar="FILE", help="Write to a file: .svg, .png or .pdf. By default SVG is printed.")
@change_options
def command(
    target: str,
    kind: str,
    depth: int | None,
    heat: str | None,
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
    ending = ".svg" if output is None else os.path.splitext(output)[1].lower()
    if ending not in ENDINGS:
        raise UsageError(f"`{output}`: a drawing cannot end in {ending or 'nothing'}", "use .svg, .png or .pdf")
    if heat is not None and kind != "graph":
        raise UsageError(f"--heat colours a graph, not {kind}", "leave out --heat or --as")
    found, changes = find_target(target, set_, **options)
    report = analyse(load_target(found, changes))
    report.target = found.label
    drawing = _drawing(report, kind, found.layer, depth, heat)
    if ending == ".svg":
        write(drawing, output)
        return
    from convcalc.drawing.convert import converted  # loads its library only for these formats

    assert output is not None  # its ending chose the format
    write_bytes(converted(drawing, ending[1:]), output)


def _drawing(report: Report, kind: str, layer: str | None, depth: int | None, heat: str | None) -> str:
    """The picture as SVG. Each kind imports its own modules."""
    name = report.name if report.variant is None else f"{report.name} {report.variant}"
    if kind in OF_A_LAYER and layer is None:
        raise UsageError(f"{kind} needs a layer", f"write TARGET#LAYER, such as {report.target}#{_suggested(report)}")
    if kind not in OF_A_LAYER and layer is not None:
        raise UsageError(f"{kind} draws a whole network, not `{layer}`", "leave out the layer, or add --as wiring")
    if kind == "graph":
        from convcalc.drawing.graph.fold import diagram
        from convcalc.drawing.graph.picture import graph_svg

        figure = None if heat is None else next(each for each in figures.sums() if each.name == heat)
        return graph_svg(diagram(report, depth, figure), name)
    if kind == "maps":
        from convcalc.drawing.maps.picture import maps_svg
        from convcalc.drawing.maps.stages import figure as maps_figure

        return maps_svg(maps_figure(report, depth), name)
    assert layer is not None
    if kind == "wiring":
        from convcalc.drawing.wiring.panels import wiring
        from convcalc.drawing.wiring.picture import wiring_svg

        return wiring_svg(wiring(report.row(layer)))
    from convcalc.render.field_svg import field_svg
    from convcalc.report.field import LayerField

    return field_svg(LayerField(report, layer))


def _suggested(report: Report) -> str:
    """A layer that is worth a look: the first with a window, else the first."""
    return next((row.name for row in report.rows if row.config.get("kernel_size")), report.rows[0].name)
