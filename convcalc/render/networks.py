"""Several networks side by side as a sheet."""

from __future__ import annotations

from convcalc.arith.units import group_digits, human, human_bytes
from convcalc.render.cells import NOTHING, UNKNOWN, counted, extents, factor
from convcalc.render.report import inputs
from convcalc.render.sheet import Head, Sheet
from convcalc.report.columns import COLUMNS
from convcalc.report.comparison import Comparison
from convcalc.report.gaps import gaps
from convcalc.report.networks import depth, ratios


def networks_sheet(comparison: Comparison, width: int | None) -> Sheet:
    """A network a line, as papers tabulate them: figures of a kind stand one below the other, and any number fits.

    Where a terminal is too narrow for the columns but wide enough for the networks, which holds for two to five of them
    at 80 columns, the table is turned, a figure a line. For more the columns of least importance go.
    """
    first = comparison.reports[0]
    heads = [
        Head("network", importance=100, role="name"),
        Head("input", importance=58),
        Head("layers", right=True, importance=40),
        Head("depth", right=True, importance=62, note="depth: convolutions and linear layers on the longest path"),
        Head("params", right=True, importance=95),
        Head("ratio", right=True, importance=80, role="ratio"),
        Head("macs", right=True, importance=90),
        Head("ratio", right=True, importance=75, role="ratio"),
        Head("size", right=True, importance=50, note=f"size: of the parameters in {first.dtype}"),
        Head("activations", right=True, importance=35,
             note="activations: outputs of convolutions and linear layers"),
        Head("peak", right=True, importance=55,
             note=f"peak: the most that all maps in use take at a time, batch {first.batch}"),
        Head("field", importance=70, note="field: receptive field of the output in pixels, not cut at the border"),
    ]  # fmt: skip
    count = group_digits if width is None else human
    rows = []
    for label, report in zip(_short(comparison.labels), comparison.reports, strict=True):
        total, times, deep = report.totals, ratios(report, first), depth(report)
        rows.append([
            label, inputs(report.inputs), group_digits(total.layers), NOTHING if deep is None else group_digits(deep),
            counted(total.params), factor(times["params_over_first"]),
            counted(total.macs, count), factor(times["macs_over_first"]),
            counted(total.param_bytes, human_bytes), counted(total.activations, count),
            human_bytes(total.peak_activation_bytes), extents(total.receptive_field),
        ])  # fmt: skip
    sheet = Sheet(f"{len(rows)} networks", heads, rows, notes=_notes(comparison))
    turned = _turned(sheet)
    return turned if width is not None and turned.width <= width < sheet.width else sheet


def _notes(comparison: Comparison) -> list[str]:
    notes = [
        f"ratio: that many times the figure of {_short(comparison.labels)[0]}",
        "macs: multiply-accumulates, bias excluded, one sample",
    ]
    if any(depth(report) is None for report in comparison.reports):
        notes.append(f"depth {NOTHING}: other layers with weights, such as attention, are not counted alike by all")
    for label, report in zip(comparison.labels, comparison.reports, strict=True):
        figures = [COLUMNS[name] for name in ("params", "macs")]
        notes += [f"{UNKNOWN}, ≥: of {label} are not known {gap}" for gap in gaps(report.rows, figures)]
    return notes


def _short(labels: list[str]) -> list[str]:
    """Files without their folders, where that leaves them apart."""
    short = [label.rpartition("/")[2] for label in labels]
    return short if len(set(short)) == len(set(labels)) else labels


def _turned(sheet: Sheet) -> Sheet:
    """The sheet with its rows as columns."""
    names, *columns = zip(*sheet.rows, strict=True)
    heads = [Head("", importance=100), *[Head(name, right=True, importance=100, role="name") for name in names]]
    rows = [[head.text, *column] for head, column in zip(sheet.heads[1:], columns, strict=True)]
    return Sheet(sheet.title, heads, rows, notes=sheet.notes)
