"""The kinds of drawings, by name, and a drawing as a value that a notebook shows."""

from __future__ import annotations

import os
from dataclasses import dataclass

from convcalc.drawing.convert import FORMATS, converted, converter
from convcalc.drawing.graph.fold import diagram
from convcalc.drawing.graph.picture import graph_svg
from convcalc.drawing.maps.picture import maps_svg
from convcalc.drawing.maps.stages import figure
from convcalc.drawing.wiring.panels import wiring
from convcalc.drawing.wiring.picture import wiring_svg
from convcalc.errors import UsageError
from convcalc.files import replace_file
from convcalc.report import figures
from convcalc.report.figure import Figure
from convcalc.report.report import Report

OF_A_NETWORK = ("graph", "maps")
KINDS = (*OF_A_NETWORK, "wiring")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as SVG; in a notebook it shows itself."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file, whole or not at all: SVG, PNG or PDF by its ending.

        Raises UsageError for another ending, and where the library for PNG and PDF is missing.
        """
        name = os.fspath(path)
        ending = _ending(name)
        replace_file((self.svg,) if ending == "svg" else converted(self.svg, ending), name)


def check_file(name: str) -> None:
    """Raise UsageError where a drawing cannot have this file: by its ending, or a library that is missing."""
    ending = _ending(name)
    if ending != "svg":
        converter(ending)


def _ending(name: str) -> str:
    """The ending of a file, which is a format. Raises UsageError."""
    ending = os.path.splitext(name)[1].lower()[1:]
    if ending not in ("svg", *FORMATS):
        raise UsageError(f"`{name}`: a drawing cannot end in {ending or 'nothing'}", "use .svg, .png or .pdf")
    return ending


def draw(
    report: Report, kind: str = "graph", *, layer: str | None = None, depth: int | None = None, heat: str | None = None
) -> Drawing:
    """The drawing of a network, or of the wiring of a layer. Raises UsageError for a kind or a layer that is not there.

    `depth` opens the blocks down to so many parts of a name, by default as far as it stays readable. `heat` is the name
    of a figure that adds up, such as params: it colours the boxes of a graph.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no drawing `{kind}`", "the kinds are " + ", ".join(KINDS))
    if heat is not None and kind != "graph":
        raise UsageError(f"heat colours a graph, not {kind}", "draw a graph, or leave out heat")
    if (layer is None) is (kind == "wiring"):
        raise _wrong_layer(report, kind, layer)
    name = report.name if report.variant is None else f"{report.name} {report.variant}"
    if kind == "graph":
        return Drawing(graph_svg(diagram(report, depth, _summed(heat)), name))
    if kind == "maps":
        return Drawing(maps_svg(figure(report, depth), name))
    return Drawing(wiring_svg(wiring(report.row(layer or ""))))


def suggested_layer(report: Report) -> str:
    """A layer that is worth a look: the first with a window, else the first."""
    return next((row.name for row in report.rows if row.config.get("kernel_size")), report.rows[0].name)


def heat_figures() -> list[str]:
    """The names of the figures that can colour a graph."""
    return [figure.name for figure in figures.sums()]


def _summed(heat: str | None) -> Figure | None:
    if heat is None:
        return None
    names = heat_figures()
    if heat not in names:
        raise UsageError(f"there is no figure `{heat}` that adds up", "use one of " + ", ".join(names))
    return figures.BY_NAME[heat]


def _wrong_layer(report: Report, kind: str, layer: str | None) -> UsageError:
    if layer is None:
        return UsageError(f"{kind} needs a layer", f"name one, such as {suggested_layer(report)}")
    return UsageError(f"{kind} draws a whole network, not `{layer}`", "leave out the layer, or draw its wiring")
