"""The shipped specs as sheets, and as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from convcalc.arith.units import group_digits, human
from convcalc.render.cells import counted, extents
from convcalc.render.csv_ import csv_line
from convcalc.render.report import inputs
from convcalc.render.sheet import Head, Sheet
from convcalc.report.model import Report


def entry(report: Report) -> dict[str, Any]:
    """What is told of one shipped spec or variant."""
    totals, graph = report.totals, report.graph
    return {
        "target": report.target,
        "name": report.name,
        "description": graph.description,
        "citation": graph.citation,
        "inputs": {name: list(shape) for name, shape in report.inputs.items()},
        "params": totals.params,
        "macs": totals.macs,
        "receptive_field": totals.receptive_field,
    }


def zoo_sheet(
    reports: Sequence[Report], *, rounded: bool, title: str = "", facts: Sequence[tuple[str, str]] = ()
) -> Sheet:
    """One line a target. The source stands with the file; its variants have a description of their own."""
    heads = [
        Head("target", importance=100, role="name"),
        Head("input", importance=60),
        Head("params", right=True, importance=95),
        Head("macs", right=True, importance=90),
        Head("field", importance=80),
        Head("source", importance=40, wrap=True),
    ]
    rows = []
    for report in reports:
        totals = report.totals
        rows.append([
            report.target if report.variant is None or not rounded else f"  @{report.variant}",
            inputs(report.inputs),
            counted(totals.params),
            counted(totals.macs, human if rounded else group_digits),
            extents(totals.receptive_field),
            _about(report, reports, alone=bool(facts), short=rounded),
        ])  # fmt: skip
    if facts:
        heads[-1] = Head("variant", importance=40, wrap=True)
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    notes = () if facts else ("`convcalc zoo NAME` tells more of one of them",)
    return Sheet(title, heads, rows, facts=facts, notes=notes)


def _about(report: Report, reports: Sequence[Report], *, alone: bool, short: bool) -> str:
    """The source of a file, unless it is told apart; of a variant what is special about it.

    `short` keeps the first of several sources.
    """
    graph = report.graph
    if report.variant is None:
        return "" if alone else graph.citation.partition(";")[0] if short else graph.citation
    file = report.target.partition("@")[0]
    told = any(other.target == file and other.graph.description == graph.description for other in reports)
    return "" if told else graph.description


def csv_chunks(reports: Sequence[Report]) -> Iterator[str]:
    """One line a target, figures exact."""
    yield csv_line(["target", "name", "description", "citation", "inputs", "params", "macs", "receptive_field"])
    for report in reports:
        told = entry(report)
        told["inputs"], told["receptive_field"] = inputs(report.inputs), extents(told["receptive_field"])
        yield csv_line(told.values())
