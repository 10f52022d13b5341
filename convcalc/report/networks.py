"""The figures that a comparison of networks shows: totals, depth, and ratios to the first network."""

from __future__ import annotations

from typing import Any

from convcalc.report.figure import COMPARED
from convcalc.report.figures import arrange, shown_in
from convcalc.report.report import Report
from convcalc.report.sums import ratio, status

TOTALS = arrange(shown_in(COMPARED), {"connections": "activations"})
# The figures that also have a ratio.
RATIOS = ("params", "macs")


def depth(report: Report) -> int | None:
    """The largest number of convolutions and linear layers on one path from an input to an output.

    This is the number in the names of ResNet-50 and VGG-16. None where another layer multiplies by weights (attention,
    recurrence), or may do so: there is no agreement on the depth of such a layer.
    """
    longest = [0] * len(report.graph.inputs)
    for node, row in zip(report.graph.nodes, report.rows):
        facts = row.facts
        if facts.is_weighted is None or (not facts.is_weighted and facts.weights and facts.macs):
            return None
        longest.append(max([longest[tensor] for tensor in node.reads], default=0) + facts.is_weighted)
    return max([longest[tensor] for tensor in report.graph.outputs.values()], default=None)


def ratios(report: Report, first: Report) -> dict[str, float | None]:
    """The ratios to the figures of the first network; None where one is unknown, or known only in part."""
    found: dict[str, float | None] = {}
    for name in RATIOS:
        figure, of_first = getattr(report.totals, name), getattr(first.totals, name)
        complete = not status(figure) and not status(of_first)
        found[f"{name}_over_first"] = ratio(figure, of_first) if complete else None
    return found


def figures(report: Report) -> dict[str, Any]:
    """The figures of one network for the comparison."""
    totals = {figure.name: figure.of_network(report) for figure in TOTALS}
    inputs = {name: list(shape) for name, shape in report.inputs.items()}
    incomplete = {name: word for name, word in report.totals.status.items() if name in totals}
    words = {"status": incomplete} if incomplete else {}
    head = {"name": report.name, "variant": report.variant, "inputs": inputs, "depth": depth(report)}
    return {**head, **totals, **words}
