"""The totals of a report."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from convcalc.analysis.facts import Facts
from convcalc.report.figure import Figure
from convcalc.report.figures import BY_NAME, is_total, totals
from convcalc.report.sums import add_up, multiply, status

if TYPE_CHECKING:
    from convcalc.report.report import Report


class Totals:
    """The figures of a whole network, by their names in the list; `status` names those that are not complete.

    Each is computed when it is first read.
    """

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
        self._report = report

    def __getattr__(self, name: str) -> Any:
        """A total that is not computed yet."""
        figure = BY_NAME.get(name)
        if figure is None or not is_total(figure):
            raise AttributeError(f"there is no total {name!r}", name=name, obj=self)
        value = figure.total(self, self._report) if figure.total is not None else self._sum(figure)
        setattr(self, name, value)
        return value

    @cached_property
    def _alike(self) -> list[tuple[Facts, int]]:
        """Facts, and how many layers have them. Large networks repeat few layers, so that each sum is short."""
        return list(Counter(self._report.analysis.owned).items())

    def _sum(self, figure: Figure) -> int | None:
        formula = figure.formula
        assert formula is not None  # a figure without one has a total
        return add_up([multiply(formula(facts), count) for facts, count in self._alike])

    @property
    def status(self) -> dict[str, str]:
        """The totals with unknown figures, by name: `partial` is a sum of the known ones, `unknown` means None."""
        found = {figure.name: status(getattr(self, figure.name)) for figure in totals() if figure.is_sum}
        return {name: word for name, word in found.items() if word}

    def __repr__(self) -> str:
        return f"<Totals {', '.join(f'{name}={value}' for name, value in self.to_dict().items())}>"

    def to_dict(self) -> dict[str, Any]:
        found = {figure.name: getattr(self, figure.name) for figure in totals()}
        incomplete = self.status
        return {**found, "status": incomplete} if incomplete else found
