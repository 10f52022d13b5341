"""Comparisons as sheets and as records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from typing import Any

from convcalc.arith.units import group_digits, human, human_bytes
from convcalc.render.cells import (
    NOTHING,
    TIED,
    UNKNOWN,
    Number,
    counted,
    extent,
    extents,
    factor,
    number_format,
    sizes,
)
from convcalc.render.formats.table import tables
from convcalc.render.networks import networks_sheet
from convcalc.render.printout import Record
from convcalc.render.report import title
from convcalc.render.sheet import Head, Sheet
from convcalc.render.style import Screen
from convcalc.report.comparison import ATTRIBUTES as OF_LAYERS
from convcalc.report.comparison import Comparison, DenseCost, Ladder, attributes
from convcalc.report.figure import Line
from convcalc.report.figures import BY_NAME, wirings
from convcalc.report.gaps import names_of
from convcalc.report.rows import Row
from convcalc.report.sums import Partial, ratio

BLOCKS, PLAIN = "█▒░", "#+-"
BAR_WIDTH = 12
# Headers of the attribute table, by the figure's name.
ATTRIBUTES = {
    "type": "type", "input_shape": "input", "kernel_size": "kernel", "stride": "stride", "padding": "padding",
    "maps": "maps", **{figure.name: figure.attribute for figure in OF_LAYERS},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ComparisonPrintout:
    """A comparison: of ways to wire a network, of networks, or of layers. `si` is as in a report."""

    comparison: Comparison
    si: bool = False
    title = "Comparison"

    def table(self, screen: Screen) -> Iterable[str]:
        """The sheets; the bars in a pipe are of ASCII."""
        return tables(self.sheets(screen.width, PLAIN if screen.width is None else BLOCKS), screen)

    def sheets(self, width: int | None, marks: str = BLOCKS) -> list[Sheet]:
        return comparison_sheets(self.comparison, marks=marks, width=width, number=number_format(self.si))

    def data(self) -> dict[str, Any]:
        return self.comparison.to_dict()

    def records(self) -> Iterator[Record]:
        """One record for each layer or network, with exact figures."""
        value = self.data()
        records: list[dict[str, Any]] = value.get("networks") or value["layers"]
        for record in records:
            record.pop("status", None)  # an incomplete figure is left empty
        yield list(records[0]) if records else []
        for record in records:
            yield [_exact(field) for field in record.values()]


def comparison_sheets(
    comparison: Comparison, *, marks: str = BLOCKS, width: int | None = None, number: Number = group_digits
) -> list[Sheet]:
    """The tables of a comparison, for a terminal of that width or for a pipe or a file, with counts in this format.

    `marks` are the characters of the bars.
    """
    if comparison.layers:
        return [_layers(comparison, number)]
    if len(comparison.reports) > 1:
        return [networks_sheet(comparison, width, number)]
    sheets = [_wirings(comparison, marks, number)]
    return [*sheets, _dense(comparison.dense, number)] if comparison.dense is not None else sheets


# -- one network: three ways of wiring ---------------------------------------------------------------------------


def _wirings(comparison: Comparison, marks: str, number: Number) -> Sheet:
    ladder, rows = comparison.ladder, comparison.rows
    heads = [
        Head("layer", importance=100, role="name"),
        Head("type", importance=20, role="type"),
        Head("output", importance=30),
        *[Head(figure.header, right=True, importance=92 - index) for index, figure in enumerate(wirings())],
        Head("vs unshared", right=True, importance=58, role="ratio", note="vs: multiple of the shared parameters"),
        Head("vs full", right=True, importance=50, role="ratio"),
    ]
    cells = [[row.name, row.type, extent(row.output_shape), *_counts(row, number)] for row in rows]
    total = ["total", "", "", *_three_counts(ladder.shared, ladder.unshared, ladder.fully_connected, number)]
    notes = [
        "shared: one set of weights for all positions, as in a convolution; unshared: a set for every position;"
        " fully connected: every unit reads the whole input"
    ]
    if ladder.left_out:
        notes.append(
            f"{UNKNOWN}: not known: there is no formula for the sliding weights of {names_of(ladder.left_out)}"
        )
    if comparison.sliding is not None:
        notes.append(
            "sliding layers: their weights slide over positions; the other layers are the same in all three ways"
        )
    most = max([row.params_fully_connected or 0 for row in rows], default=0)
    legend = f"{marks[0]} shared {marks[1]} up to unshared {marks[2]} up to fully connected"
    heads.append(Head("log scale", importance=55, role="bar", note=f"log scale, to {human(most)}: {legend}"))
    for line, row in zip(cells, rows, strict=True):
        line.append(bar(row, most, marks))
    facts = _ladder(comparison, number)
    return Sheet(title(comparison.reports[0]), heads, cells, total=[*total, ""], facts=facts, notes=notes)


def _counts(row: Row, number: Number) -> list[str]:
    if row.tied_to is None:
        return _three_counts(row.params_shared, row.params_unshared, row.params_fully_connected, number)
    # How many times its own few parameters the others are says nothing.
    texts = _three_counts(0, row.params_unshared, row.params_fully_connected, number)
    return [counted(row.params_shared, number) if row.params_shared else TIED, *texts[1:]]


def _three_counts(shared: int | None, unshared: int | None, fully_connected: int | None, number: Number) -> list[str]:
    counts = [counted(count, number) for count in (shared, unshared, fully_connected)]
    return [*counts, factor(ratio(unshared, shared)), factor(ratio(fully_connected, shared))]


def bar(line: Line, most: int, marks: str) -> str:
    """The three counts on one logarithmic scale that ends at `most`; empty where one is unknown."""
    counts = [figure.get(line) or 0 for figure in wirings()]
    ends = [round(BAR_WIDTH * log(count + 1) / log(most + 1)) if most else 0 for count in counts]
    lengths = [ends[0], max(ends[1] - ends[0], 0), max(ends[2] - max(ends[:2]), 0)]
    return "".join(mark * length for mark, length in zip(marks, lengths, strict=True))


def _ladder(comparison: Comparison, number: Number) -> list[tuple[str, str]]:
    """The savings of each rung of the ladder, in words."""
    report, ladder, sliding = comparison.reports[0], comparison.ladder, comparison.sliding
    if ladder.fully_connected == 0:
        return [("all layers", "No layer has parameters.")]
    facts = [("all layers", _rungs(ladder, number))]
    if sliding is not None:
        facts.append(("sliding layers", _rungs(sliding, number)))
    full, unshared, shared = [counted(size, human_bytes) for size in comparison.bytes.values()]
    facts.append(("memory", f"{full} fully connected, {unshared} unshared, {shared} shared (in {report.dtype})."))
    written = report.totals.params
    if not ladder.left_out and written != ladder.shared:
        facts.append(("as written", f"{counted(written, number)}: this network does not share all weights and biases."))
    if ladder.saved_by_both is not None:
        facts.append(("in short", _conclusion(ladder, sliding)))
    return facts


def _conclusion(ladder: Ladder, sliding: Ladder | None) -> str:
    """One sentence: what sharing saves, and the part of the rest that dense layers have."""
    if ladder.fully_connected == ladder.shared:
        return "No layer slides over positions, so there is nothing to share."
    text = (
        f"Sharing saves a factor of {_divisor(ladder.saved_by_sharing)} over local connectivity"
        f" and of {_divisor(ladder.saved_by_both)} over full connection"
    )
    if sliding is None or ladder.left_out or ladder.shared is None or sliding.shared is None:
        return f"{text}."
    rest = _share(ladder.shared - sliding.shared, ladder.shared)
    return f"{text}; {rest} of the parameters left are in layers that are the same all three ways."


def _share(part: int, whole: int) -> str:
    """
    >>> _share(58631144, 60965224), _share(1, 3000)
    ('96.2 %', '0.0 %')
    """
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10} %"


def _rungs(ladder: Ladder, number: Number) -> str:
    return (
        f"Local connectivity divides the fully connected {counted(ladder.fully_connected, number)}"
        f" by {_divisor(ladder.saved_by_locality)}, to {counted(ladder.unshared, number)};"
        f" sharing divides that by {_divisor(ladder.saved_by_sharing)}, to {counted(ladder.shared, number)}."
    ) + (f" This is without {names_of(ladder.left_out)}, whose counts are not known." if ladder.left_out else "")


def _divisor(value: float | None) -> str:
    return factor(value).removeprefix("×")


def _dense(dense: DenseCost, number: Number) -> Sheet:
    heads = [Head("dense layer", importance=100, role="name")]
    heads += [Head(text, right=True, importance=90) for text in ("with pooling", "without pooling")]
    heads.append(Head("factor", right=True, importance=80, role="ratio"))

    def line(name: str, before: int, after: int) -> list[str]:
        return [name, number(before), number(after), factor(ratio(after, before))]

    before, after = dense.totals
    return Sheet(
        "Without pooling",
        heads,
        [line(name, *counts) for name, counts in dense.layers.items()],
        total=line("total", before, after),
        facts=[("in all", f"Without pooling they would have {_divisor(ratio(after, before))} times their parameters.")],
    )


# -- several layers ------------------------------------------------------------------------------------------------


def _layers(comparison: Comparison, number: Number) -> Sheet:
    """The attribute table: attributes down, layers across."""
    labels = [f"{label}#{row.name}" for label, row in zip(comparison.labels, comparison.layers, strict=True)]
    values = [attributes(row) for row in comparison.layers]
    rows = [
        [header, *[_readable(name, value[name], number) for value in values]] for name, header in ATTRIBUTES.items()
    ]
    heads = [Head("attribute", importance=100)]
    heads += [Head(label, right=True, importance=100, role="name") for label in labels]
    notes = ["params without sharing: a set of weights for every position; connections: uses of a weight or bias"]
    return Sheet("", heads, rows, notes=notes)


def _readable(name: str, value: Any, number: Number) -> str:
    if value is None:
        return UNKNOWN if name in BY_NAME and BY_NAME[name].is_sum else NOTHING
    if isinstance(value, int):
        return number(value)
    return value if isinstance(value, str) else sizes(value)


def _exact(value: Any) -> str:
    if value is None or type(value) is Partial:
        return ""
    if isinstance(value, dict):  # inputs, or sizes by input or output
        shown = extents(value if len(value) > 1 else next(iter(value.values())))
        return "" if shown == NOTHING else shown
    return sizes(value) if isinstance(value, list) else str(value)
