"""Evaluates the candidates of a plan, in one process: parses the spec once, and builds many networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convcalc import garbage
from convcalc.errors import ConvcalcError, SpecError, UsageError
from convcalc.language.expression_errors import ExpressionError
from convcalc.sweeping.axes import parse_axes
from convcalc.sweeping.batch import Batch, Miss
from convcalc.sweeping.building import Builder
from convcalc.sweeping.conditions import Condition, parse_conditions
from convcalc.sweeping.formulas import parse_formula
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.quantities import Candidate
from convcalc.sweeping.reasons import reason_of
from convcalc.sweeping.sizes import UnknownFigure
from convcalc.sweeping.space import Shuffle, Space

TRIED = 64  # candidates that `check` builds at most


class Evaluator:
    """The candidates of a plan by position. Without a sample, a position is the index of the candidate in the space."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.axes = parse_axes(plan.axes)
        self.space = Space(self.axes)
        self.builder = Builder.of(plan)
        keys = self.space.keys
        self.conditions = parse_conditions(plan.where, keys)
        self._before, self._after = _in_order_of_cost(self.conditions)
        self.columns = [parse_formula(text, keys) for text in plan.columns]
        sampled = plan.sample is not None and plan.sample < self.space.size
        self._shuffle = Shuffle(self.space.size, plan.seed) if sampled else None
        self.size = min(self.space.size, plan.sample) if plan.sample is not None else self.space.size

    def __len__(self) -> int:
        return self.size

    def index_at(self, position: int) -> int:
        """The index in the space of the candidate at a position."""
        return position if self._shuffle is None else self._shuffle[position]

    def values(self, index: int) -> dict[str, Any]:
        """The values of the varied keys of the candidate with an index."""
        return dict(zip(self.space.keys, self.space.values(index)))

    def candidate(self, index: int) -> Candidate:
        """The network of the candidate with an index. Raises SpecError and UsageError where it does not build."""
        values = self.values(index)
        return Candidate(values, self.builder.graph(values))

    def run(self, start: int, stop: int) -> Batch:
        """The results of the candidates at the positions from `start` to `stop`, which is left out."""
        batch = Batch(start, stop)
        for position in range(start, stop):
            self._add(self.index_at(position), batch)
            garbage.collect_between_candidates()
        return batch

    def _add(self, index: int, batch: Batch) -> None:
        """Add the result of one candidate to a batch. One whose values alone fail a condition is not built."""
        if self._before and _reject(Candidate(self.values(index)), index, self._before, batch):
            return
        try:
            candidate = self.candidate(index)
        except ConvcalcError as error:
            reason = reason_of(error)
            batch.broken[reason] = batch.broken.get(reason, 0) + 1
            return
        if not _reject(candidate, index, self._after, batch):
            batch.rows.append((index, tuple([column.figure(candidate) for column in self.columns])))

    def check(self) -> None:
        """Raise UsageError for what is wrong in the call itself, so that no candidate could build or pass.

        A key of a layer is known only where the network is built: some candidates are built, from all parts of the
        space, until one builds.
        """
        self.builder.check(self.axes)
        refused: UsageError | None = None
        for number in range(min(TRIED, self.size)):
            place = number * self.size // min(TRIED, self.size)
            try:
                candidate = self.candidate(self.index_at(place))
            except UsageError as error:
                refused = refused or error
            except SpecError:
                continue
            else:
                self._check_formulas(candidate)
                return
        if refused is not None:
            raise refused

    def _check_formulas(self, candidate: Candidate) -> None:
        """Raise UsageError for an expression that has no value for a network that builds."""
        for formula in [*self.columns, *[condition.formula for condition in self.conditions]]:
            try:
                formula.value(candidate)
            except UnknownFigure:
                continue
            except ExpressionError as error:
                raise UsageError(f"`{formula.text}`: {error}", error.help) from None


def _in_order_of_cost(conditions: Sequence[Condition]) -> tuple[list[Condition], list[Condition]]:
    """The conditions on varied keys alone, then the others: receptive fields, which take longest, come last."""
    before = [condition for condition in conditions if condition.formula.reads_only_keys]
    after = [condition for condition in conditions if not condition.formula.reads_only_keys]
    return before, sorted(after, key=lambda condition: condition.formula.needs_fields)


def _reject(candidate: Candidate, index: int, conditions: Sequence[Condition], batch: Batch) -> bool:
    """Whether a candidate fails one of the conditions; the first one is counted."""
    for condition in conditions:
        failure = condition.failure(candidate)
        if failure:
            batch.rejected[failure] = batch.rejected.get(failure, 0) + 1
            miss = condition.miss(candidate)
            if miss is not None:
                batch.add_miss(failure, Miss(miss[0], index, miss[1]))
            return True
    return False
