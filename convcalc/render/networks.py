"""Several networks side by side as a sheet."""

from __future__ import annotations

from convcalc.arith.units import group_digits
from convcalc.render.cells import NOTHING, UNKNOWN, Number, explanation, factor, total_cell
from convcalc.render.report import inputs
from convcalc.render.sheet import Head, Sheet
from convcalc.report.columns import COLUMNS
from convcalc.report.comparison import Comparison
from convcalc.report.figure import COMPARED, Figure
from convcalc.report.figures import arrange, shown_in
from convcalc.report.gaps import missing_figures
from convcalc.report.networks import RATIOS, depth, ratios
from convcalc.report.report import Report

# The memory of the parameters comes after the macs.
FIGURES = arrange([figure for figure in shown_in(COMPARED) if figure.beside], {"activations": "param_bytes"})


def networks_sheet(comparison: Comparison, width: int | None, number: Number = group_digits) -> Sheet:
    """One line for each network, as in papers, so that figures of a kind are in one column.

    Where the columns do not fit a terminal but the networks do (two to five at 80 columns), the table is turned: one
    line for each figure. With more networks the least important columns are left out.
    """
    first = comparison.reports[0]
    heads = [Head("network", importance=100, role="name"), Head("input", importance=58)]
    for figure in FIGURES:
        heads += _heads(figure, first)
    rows = []
    for label, report in zip(_short(comparison.labels), comparison.reports, strict=True):
        cells = [cell for figure in FIGURES for cell in _cells(figure, report, first, number)]
        rows.append([label, inputs(report.inputs), *cells])
    sheet = Sheet(f"{len(rows)} networks", heads, rows, notes=_notes(comparison))
    turned = _turned(sheet)
    return turned if width is not None and turned.width <= width < sheet.width else sheet


def _heads(figure: Figure, first: Report) -> list[Head]:
    """The column of a figure, and a second one for the depth or the ratio to the first network."""
    note = f"{figure.header}: {explanation(figure, first)}" if figure.explained else ""
    heads = [Head(figure.header, right=figure.is_sum, importance=figure.beside, note=note)]
    if figure.name == "layers":
        explained = "depth: convolutions and linear layers on the longest path"
        heads.append(Head("depth", right=True, importance=62, note=explained))
    if figure.name in RATIOS:
        heads.append(Head("ratio", right=True, importance=figure.beside - 15, role="ratio"))
    return heads


def _cells(figure: Figure, report: Report, first: Report, number: Number) -> list[str]:
    cells = [total_cell(figure, report, number)]
    if figure.name == "layers":
        deep = depth(report)
        cells.append(NOTHING if deep is None else group_digits(deep))
    if figure.name in RATIOS:
        cells.append(factor(ratios(report, first)[f"{figure.name}_over_first"]))
    return cells


def _notes(comparison: Comparison) -> list[str]:
    notes = [
        f"ratio: multiple of the figure of {_short(comparison.labels)[0]}",
        "macs: multiply-accumulates, bias excluded, one sample",
    ]
    if any(depth(report) is None for report in comparison.reports):
        notes.append(f"depth {NOTHING}: there is no common way to count other layers with weights, such as attention")
    for label, report in zip(comparison.labels, comparison.reports, strict=True):
        figures = [COLUMNS[name] for name in RATIOS]
        notes += [f"{UNKNOWN}, ≥: {label} has unknown {gap}" for gap in missing_figures(report.rows, figures)]
    return notes


def _short(labels: list[str]) -> list[str]:
    """File names without their folders, where these differ."""
    short = [label.rpartition("/")[2] for label in labels]
    return short if len(set(short)) == len(set(labels)) else labels


def _turned(sheet: Sheet) -> Sheet:
    """The sheet with its rows as columns."""
    names, *columns = zip(*sheet.rows, strict=True)
    heads = [Head("", importance=100), *[Head(name, right=True, importance=100, role="name") for name in names]]
    rows = [[head.text, *column] for head, column in zip(sheet.heads[1:], columns, strict=True)]
    return Sheet(sheet.title, heads, rows, notes=sheet.all_notes)
