"""The totals of a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from convcalc.analysis.facts import Facts
from convcalc.report.figure import Formula
from convcalc.report.figures import totals
from convcalc.report.rows import Row
from convcalc.report.sums import add_up, multiply, status

if TYPE_CHECKING:
    from convcalc.report.report import Report


class Totals:
    """The figures of a whole network, by their names in the list; `status` names those that are not complete."""

    layers: int
    params: int | None
    trainable_params: int | None
    frozen_params: int | None
    buffers: int
    params_shared: int | None
    params_unshared: int | None
    params_fully_connected: int | None
    connections: int | None
    macs: int | None
    flops: int | None
    activations: int | None
    output_elements: int
    param_bytes: int | None
    peak_activation_bytes: int
    receptive_field: Any

    def __init__(self, report: Report) -> None:
        alike = _alike(report.rows)
        for figure in totals():
            if figure.total is not None:
                setattr(self, figure.name, figure.total(self, report))
            elif figure.formula is not None:
                setattr(self, figure.name, _sum(figure.formula, alike))

    @property
    def status(self) -> dict[str, str]:
        """The totals with unknown figures, by name: `partial` is a sum of the known ones, `unknown` means None."""
        found = {figure.name: status(getattr(self, figure.name)) for figure in totals() if figure.is_sum}
        return {name: word for name, word in found.items() if word}

    def __repr__(self) -> str:
        return f"<Totals {', '.join(f'{name}={value}' for name, value in self.to_dict().items())}>"

    def to_dict(self) -> dict[str, Any]:
        incomplete = self.status
        return {**vars(self), "status": incomplete} if incomplete else dict(vars(self))


def _alike(rows: Iterable[Row]) -> list[tuple[Facts, int]]:
    """Facts, and how many rows have them. Large networks repeat few layers, so that each sum is short."""
    found: dict[int, tuple[Facts, int]] = {}
    for row in rows:
        owned = row.owned
        key = id(owned)
        found[key] = owned, found[key][1] + 1 if key in found else 1
    return list(found.values())


def _sum(formula: Formula, alike: list[tuple[Facts, int]]) -> int | None:
    return add_up([multiply(formula(facts), count) for facts, count in alike])
