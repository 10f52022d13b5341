"""Comparisons as sheets, and as lines of CSV."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Any

from convcalc.arith.units import group_digits, human, human_bytes
from convcalc.render.cells import NOTHING, TIED, UNKNOWN, counted, extent, extents
from convcalc.render.csv_ import csv_line
from convcalc.render.html import html_chunks
from convcalc.render.report import inputs, title
from convcalc.render.sheet import Head, Sheet
from convcalc.report.columns import COLUMNS
from convcalc.report.comparison import Comparison, DenseCost, Ladder, attributes, ratio
from convcalc.report.gaps import gaps, names_of
from convcalc.report.model import Row

BLOCKS, PLAIN = "█▒░", "#+-"
BAR_WIDTH = 12
# Headers of the attribute table, by the figure's name.
ATTRIBUTES = {
    "type": "type", "input_shape": "input", "kernel_size": "kernel", "stride": "stride", "padding": "padding",
    "maps": "maps", "output_shape": "output", "units": "units",
    "params_unshared": "params without sharing", "params_shared": "params with sharing",
    "params_fully_connected": "params fully connected", "params": "params as written",
    "connections": "connections", "macs": "macs", "receptive_field": "receptive field",
}  # fmt: skip


def comparison_sheets(comparison: Comparison, *, marks: str = "", rounded: bool = False) -> list[Sheet]:
    """The tables of a comparison. `marks` are the characters of the bars, which are left out without any."""
    if comparison.layers:
        return [_layers(comparison)]
    if len(comparison.reports) > 1:
        return [_networks(comparison, rounded)]
    sheets = [_wirings(comparison, marks)]
    return [*sheets, _dense(comparison.dense)] if comparison.dense is not None else sheets


def comparison_html(comparison: Comparison) -> str:
    """A comparison as a fragment of HTML: what a notebook shows."""
    return "".join(html_chunks(comparison_sheets(comparison)))


def csv_chunks(comparison: Comparison) -> Iterator[str]:
    """One line a layer or a network, figures exact."""
    value = comparison.to_dict()
    records: list[dict[str, Any]] = value.get("networks") or value["layers"]
    yield csv_line(records[0] if records else [])
    for record in records:
        yield csv_line([_exact(field) for field in record.values()])


def factor(value: float | None) -> str:
    """
    >>> factor(3025.0), factor(94.23), factor(2.5), factor(None)
    ('×3,025', '×94.2', '×2.50', '–')
    """
    if value is None:
        return NOTHING
    if value >= 99.95:
        return f"×{group_digits(round(value))}"
    return f"×{value:.1f}" if value >= 9.995 else f"×{value:.2f}"


# -- one network: three ways of wiring ---------------------------------------------------------------------------


def _wirings(comparison: Comparison, marks: str) -> Sheet:
    ladder, rows = comparison.ladder, comparison.rows
    heads = [
        Head("layer", importance=100, role="name"),
        Head("type", importance=20, role="type"),
        Head("output", importance=30),
        Head("shared", right=True, importance=92),
        Head("unshared", right=True, importance=91),
        Head("fully connected", right=True, importance=90),
        Head("vs unshared", right=True, importance=70, role="ratio", note="vs: that many times the shared parameters"),
        Head("vs full", right=True, importance=50, role="ratio"),
    ]
    cells = [[row.name, row.type, extent(row.output_shape), *_counts(row)] for row in rows]
    total = ["total", "", "", *_regimes(ladder.shared, ladder.unshared, ladder.fully_connected)]
    notes = [
        "shared: one set of weights for all positions, as in a convolution; unshared: a set for every position;"
        " fully connected: every unit reads the whole input"
    ]
    if ladder.left_out:
        notes.append(f"{UNKNOWN}: not known, no formula of {names_of(ladder.left_out)} says how its weights slide")
    if comparison.sliding is not None:
        notes.append("sliding layers: those whose weights slide over positions; the others are the same all three ways")
    if marks:
        most = max([row.params_fully_connected or 0 for row in rows], default=0)
        legend = f"{marks[0]} shared {marks[1]} up to unshared {marks[2]} up to fully connected"
        heads.append(Head("log scale", importance=55, role="bar", note=f"log scale, to {human(most)}: {legend}"))
        for line, row in zip(cells, rows, strict=True):
            line.append(bar(row, most, marks))
        total.append("")
    return Sheet(title(comparison.reports[0]), heads, cells, total=total, facts=_ladder(comparison), notes=notes)


def _counts(row: Row) -> list[str]:
    texts = _regimes(row.params_shared, row.params_unshared, row.params_fully_connected)
    return [TIED, *texts[1:]] if row.tied_to is not None else texts


def _regimes(shared: int | None, unshared: int | None, fully_connected: int | None) -> list[str]:
    counts = [counted(count) for count in (shared, unshared, fully_connected)]
    return [*counts, factor(ratio(unshared, shared)), factor(ratio(fully_connected, shared))]


def bar(row: Row, most: int, marks: str) -> str:
    """The three counts on one logarithmic scale that ends at `most`; nothing for what is not known."""
    counts = [count or 0 for count in (row.params_shared, row.params_unshared, row.params_fully_connected)]
    ends = [round(BAR_WIDTH * log(count + 1) / log(most + 1)) if most else 0 for count in counts]
    lengths = [ends[0], max(ends[1] - ends[0], 0), max(ends[2] - max(ends[:2]), 0)]
    return "".join(mark * length for mark, length in zip(marks, lengths, strict=True))


def _ladder(comparison: Comparison) -> list[tuple[str, str]]:
    """What each rung of the ladder saves, in words."""
    facts = [("all layers", _rungs(comparison.ladder))]
    if comparison.sliding is not None:
        facts.append(("sliding layers", _rungs(comparison.sliding)))
    return facts


def _rungs(ladder: Ladder) -> str:
    return (
        f"Local connectivity divides the fully connected {counted(ladder.fully_connected)}"
        f" by {_divisor(ladder.saved_by_locality)}, to {counted(ladder.unshared)};"
        f" sharing divides that by {_divisor(ladder.saved_by_sharing)}, to {counted(ladder.shared)}."
    ) + (f" This is without {names_of(ladder.left_out)}, of which it is not known." if ladder.left_out else "")


def _divisor(value: float | None) -> str:
    return factor(value).removeprefix("×")


def _dense(dense: DenseCost) -> Sheet:
    heads = [Head("dense layer", importance=100, role="name")]
    heads += [Head(text, right=True, importance=90) for text in ("with pooling", "without pooling")]
    heads.append(Head("factor", right=True, importance=80, role="ratio"))

    def line(name: str, before: int, after: int) -> list[str]:
        return [name, group_digits(before), group_digits(after), factor(ratio(after, before))]

    before, after = dense.totals
    return Sheet(
        "Without pooling",
        heads,
        [line(name, *counts) for name, counts in dense.layers.items()],
        total=line("total", before, after),
        facts=[("in all", f"Without pooling they would have {_divisor(ratio(after, before))} times their parameters.")],
    )


# -- several networks, several layers ----------------------------------------------------------------------------


def _networks(comparison: Comparison, rounded: bool) -> Sheet:
    heads = [Head("network", importance=100, role="name"), Head("input", importance=60)]
    for text, importance in (("layers", 50), ("params", 95), ("macs", 90), ("activations", 55), ("connections", 40)):
        heads.append(Head(text, right=True, importance=importance))
    heads += [Head("param bytes", right=True, importance=45), Head("field", importance=70)]
    count = human if rounded else group_digits
    rows = []
    for label, report in zip(comparison.labels, comparison.reports, strict=True):
        total = report.totals
        rows.append([
            label, inputs(report.inputs), group_digits(total.layers), counted(total.params),
            *[counted(figure, count) for figure in (total.macs, total.activations, total.connections)],
            counted(total.param_bytes, human_bytes if rounded else group_digits),
            extents(total.receptive_field),
        ])  # fmt: skip
    notes = [
        "macs: multiply-accumulates, bias excluded, one sample; activations: outputs of convolutions and linear layers",
        f"param bytes: in {comparison.reports[0].dtype}; field: receptive field of the output, not cut at the border",
    ]
    for label, report in zip(comparison.labels, comparison.reports, strict=True):
        figures = [COLUMNS[name] for name in ("params", "macs", "connections")]
        notes += [f"{UNKNOWN}, ≥: of {label} are not known {gap}" for gap in gaps(report.rows, figures)]
    return Sheet("", heads, rows, notes=notes)


def _layers(comparison: Comparison) -> Sheet:
    """The attribute table of the texts: attributes down, layers across."""
    labels = [f"{label}#{row.name}" for label, row in zip(comparison.labels, comparison.layers, strict=True)]
    values = [attributes(row) for row in comparison.layers]
    rows = [[header, *[_readable(name, value[name]) for value in values]] for name, header in ATTRIBUTES.items()]
    heads = [Head("attribute", importance=100)]
    heads += [Head(label, right=True, importance=100, role="name") for label in labels]
    notes = ["params without sharing: a set of weights for every position; connections: uses of a weight or bias"]
    return Sheet("", heads, rows, notes=notes)


def _readable(name: str, value: Any) -> str:
    if value is None:
        return UNKNOWN if name in COLUMNS and COLUMNS[name].is_sum else NOTHING
    if isinstance(value, int):
        return group_digits(value)
    return value if isinstance(value, str) else _sizes(value)


def _sizes(value: Any) -> str:
    """A shape; of padding with a [before, after] pair for each axis, one number where the two are equal."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        pairs = [str(before) if before == after else f"{before}+{after}" for before, after in value]
        return "x".join(pairs)
    return extents(value)


def _exact(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):  # inputs, or sizes by input or output
        shown = extents(value if len(value) > 1 else next(iter(value.values())))
        return "" if shown == NOTHING else shown
    return _sizes(value) if isinstance(value, list) else str(value)
