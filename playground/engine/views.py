"""The views of a network, made from those of the page of `convcalc report`."""

from __future__ import annotations

from collections.abc import Callable
from math import log10
from typing import Any

from convcalc.arith.units import human_bytes
from convcalc.drawing.draw import draw
from convcalc.errors import UsageError
from convcalc.page.drawings import Drawings
from convcalc.page.layers import layers_data
from convcalc.page.markup import text
from convcalc.page.network import drawing, table
from convcalc.page.pool import Pool
from convcalc.page.subject import Subject
from convcalc.page.table import Lines, table_data
from convcalc.page.wirings import WIRINGS
from convcalc.render.cells import counted
from convcalc.render.report import title, totals
from convcalc.report.report import Report
from convcalc.report.sums import stored_bytes

WRITTEN = "written"  # the parameters as the spec has them
OF_A_LAYER = ("layer", "wiring")
View = dict[str, Any]


def figures(report: Report, wiring: str) -> View:
    """The title, the figures in one line, and the parameters with each wiring."""
    shown = [list(pair) for pair in totals(report)]
    names = dict(WIRINGS)
    if wiring in names:
        count = getattr(report.totals, f"params_{wiring}")
        size = counted(stored_bytes(count, report.dtype), human_bytes)
        shown[0] = [f"params, {names[wiring].lower()}", f"{counted(count)} · {size} in {report.dtype}"]
    return {"title": title(report).replace(f" ({report.target})", "", 1), "figures": shown, "wirings": wirings(report)}


def wirings(report: Report) -> list[View]:
    """The parameters with each wiring, with the lengths of their bars on one logarithmic scale.

    Where no wiring has as many as the spec, the parameters of the spec come first.
    """
    total = report.totals
    counts = {name: getattr(total, f"params_{name}") for name, _ in reversed(WIRINGS)}
    labels = {WRITTEN: "As written", **dict(WIRINGS)}
    if total.params not in counts.values():
        counts = {WRITTEN: total.params, **counts}
    most = max(count or 1 for count in counts.values())
    return [
        {
            "name": name,
            "label": labels[name],
            "count": counted(count),
            "length": 100 * log10(count) / max(log10(most), 1) if count else 0,
            "column": "params" if count == total.params else f"params_{name}",
        }
        for name, count in counts.items()
    ]


def _graph(report: Report, layer: str) -> View:
    drawings = Drawings(report, report.name or "network")
    return {"html": f"<style>.drawing{{{drawings.style}}}</style>{''.join(drawing(drawings))}"}


def _maps(report: Report, layer: str) -> View:
    return {"html": draw(report, "maps").svg}


def _wiring(report: Report, layer: str) -> View:
    try:
        return {"layer": layer, "html": draw(report, "wiring", layer=layer).svg}
    except UsageError as error:
        return {"layer": layer, "html": f'<p class="notes">{text(error.message)}; {text(error.help)}.</p>'}


def _table(report: Report, layer: str) -> View:
    texts = Pool()
    data = table_data(report, Lines(report), texts)
    return {
        "html": "".join(table(report)),
        "data": {**data, "layers": [None] * len(report.rows), "texts": texts.values},
    }


def _layer(report: Report, layer: str) -> View:
    """The derivation of a layer, and what its units see. Its findings are in the editor."""
    texts, row = Pool(), report.row(layer)
    data = layers_data(Subject(report, (), has_lines=True, given=""), texts, [row])
    return {"layer": layer, "data": {**data, "texts": texts.values}}


VIEWS: dict[str, Callable[[Report, str], View]] = {
    "graph": _graph,
    "maps": _maps,
    "table": _table,
    "layer": _layer,
    "wiring": _wiring,
}
