"""The missing figures of a report, because a custom type does not define them, and the layers without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from convcalc.analysis.upstream import upstream
from convcalc.arith.wording import listed
from convcalc.layers.base import Unknown
from convcalc.report.columns import Column
from convcalc.report.report import Report
from convcalc.report.rows import Row

MAX_NAMES = 3  # in a sentence


def missing_figures(rows: Sequence[Row], columns: Sequence[Column]) -> list[str]:
    """The missing figures in words, one text for all layers without the same figures: "macs of g1 and g2"."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if row.facts.layer.unknown:
            missing = tuple(dict.fromkeys(column.header for column in columns if column.get(row) is None))
            if missing:
                found.setdefault(missing, []).append(row)
    return [f"{listed(missing)} of {names_of(rows)}" for missing, rows in found.items()]


def reason_without_window(rows: Sequence[Row]) -> str:
    """The layers without a known window, as a reason; empty where there are none."""
    blind = [row for row in rows if any(isinstance(part, Unknown) for flow in row.facts.flow for part in flow or ())]
    return f"{names_of(blind)} {'define' if len(blind) > 1 else 'defines'} no window" if blind else ""


def rows_upstream(report: Report, layers: Iterable[int]) -> list[Row]:
    """Some layers, and all earlier layers that they depend on."""
    tensors = [report.graph.tensor_of(layer) for layer in layers]
    return [report.rows[node] for node in upstream(report.graph, *tensors)]


def names_of(rows: Sequence[Row]) -> str:
    """The names of the first rows, and the number of the others.

    >>> names_of([])
    ''
    """
    names = [row.name for row in rows[:MAX_NAMES]]
    return listed([*names, f"{len(rows) - MAX_NAMES} more"] if len(rows) > MAX_NAMES else names)
