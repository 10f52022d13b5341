"""The candidates that a search has built, each once."""

from __future__ import annotations

from collections import Counter
from typing import Any

from convcalc.sweeping.batch import Miss, Row, nearest_misses
from convcalc.sweeping.evaluator import Evaluator


class Prober:
    """Builds candidates and keeps what they gave: rows that pass, reasons why others do not, the nearest misses."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.rows: dict[int, Row] = {}
        self.broken: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.misses: dict[str, Miss] = {}
        self._failed: set[int] = set()

    @property
    def builds(self) -> int:
        """How many candidates were built."""
        return len(self.rows) + len(self._failed)

    def passes(self, index: int) -> bool:
        """Whether a candidate builds and meets all conditions."""
        if index in self.rows or index in self._failed:
            return index in self.rows
        batch = self.evaluator.run(index, index + 1)
        self.broken.update(batch.broken)
        self.rejected.update(batch.rejected)
        self.misses = nearest_misses(self.misses, batch.misses)
        if batch.rows:
            self.rows[index] = batch.rows[0]
        else:
            self._failed.add(index)
        return bool(batch.rows)

    def figures(self, index: int) -> list[Any]:
        """What the conditions read of a candidate. Raises SpecError, UsageError, ExpressionError and UnknownFigure."""
        candidate = self.evaluator.candidate(index)
        formulas = [condition.formula for condition in self.evaluator.conditions]
        return [candidate.known(each) for formula in formulas for each in formula.quantities.values()]
