"""Which values of the unknowns of a network meet conditions.

The candidates are those of a sweep. All of them are tried, those of least change first. For the largest or smallest
value of one unknown, the range is halved instead where every figure that the conditions read grows or falls throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any, NamedTuple

from convcalc.errors import ConvcalcError, UsageError
from convcalc.language.expression_errors import ExpressionError
from convcalc.language.overrides import Overrides
from convcalc.solving.bisection import FEWEST, are_monotone, last_place, sample_places
from convcalc.solving.probing import Prober
from convcalc.solving.solution import BISECTION, SCAN, Answer, NearMiss, Solution
from convcalc.solving.unknowns import GROWTH, Unknown, find_unknowns
from convcalc.sweeping.batch import most_first
from convcalc.sweeping.conditions import parse_conditions
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.planning import DEFAULT_COLUMNS, make_plan
from convcalc.sweeping.sizes import UnknownFigure
from convcalc.targets.target import Target

MAX_CANDIDATES = 300_000
SHOWN = 10  # answers, where not all are wanted
LARGEST, SMALLEST = "largest", "smallest"

Watch = Callable[[Iterable[int], int], Iterable[int]]


class NetworkQuestion(NamedTuple):
    """What is unknown in a network and what is wanted of it.

    `settings` and `input` are those of the call, and `changes` has them and its other options. `best` is `largest` or
    `smallest` for an answer with such a value of `best_key`; otherwise answers are those of least change, all of them
    with `everything`.
    """

    target: Target
    unknowns: Sequence[str]
    wants: Sequence[str]
    changes: Overrides
    settings: Sequence[str] = ()
    input: str | None = None
    best: str = ""
    best_key: str = ""
    everything: bool = False

    def with_best(self, largest: str | None, smallest: str | None) -> NetworkQuestion:
        """The same for the largest or smallest value of a key, `KEY` or `KEY=VALUES`, which then is an unknown too."""
        if largest and smallest:
            raise UsageError("only one value can be the best", "give --largest or --smallest")
        text = largest or smallest
        if not text:
            return self
        if self.everything:
            raise UsageError("--all contradicts --largest and --smallest", "leave one out")
        key = text.partition("=")[0].strip()
        known = [name for each in self.unknowns for name in each.partition("=")[0].split(",")]
        unknowns = [*self.unknowns, *([] if key in known and "=" not in text else [text])]
        return self._replace(unknowns=unknowns, best=LARGEST if largest else SMALLEST, best_key=key)


def solve_network(question: NetworkQuestion, watch: Watch = lambda items, total: items) -> Solution:
    """The answers. `watch` sees how a long search goes on. Raises UsageError and SpecError."""
    if not question.wants:
        raise UsageError("nothing is wanted", "write --want CONDITION, as in --want 'params <= 20M'")
    if question.target.layer is not None:
        raise UsageError("solve takes whole networks", f"leave out #{question.target.layer}")
    unknowns = find_unknowns(question.target, question.changes, question.unknowns)
    while True:
        search = _Search(question, unknowns, watch)
        solution = search.solution()
        best = search.best_axis
        if not solution.answers and len(unknowns) == 1 and unknowns[0].further:
            unknowns = [unknowns[0].with_further()]
            continue
        if not solution.at_end or not unknowns[best].may_grow or question.best != LARGEST:
            return solution
        # A scan of a larger range would take too long.
        if solution.method != BISECTION or unknowns[best].last * GROWTH > MAX_CANDIDATES:
            return solution
        unknowns = [unknowns[best].grown()]


class _Search:
    """The search of one space."""

    def __init__(self, question: NetworkQuestion, unknowns: Sequence[Unknown], watch: Watch) -> None:
        changes = question.changes
        keys = [key for unknown in unknowns for key in unknown.axis.keys]
        plan = make_plan(
            question.target,
            [unknown.axis.text for unknown in unknowns],
            columns=list(_columns(question.wants, keys)),
            settings=question.settings,
            input=question.input,
            sharing=changes.sharing,
            keep_size=changes.keep_size,
            where=question.wants,
        )
        self.question = question
        self.unknowns = unknowns
        self.watch = watch
        self.evaluator = Evaluator(plan)
        self.space = self.evaluator.space
        if self.space.size > MAX_CANDIDATES:
            message = f"{self.space.size:,} candidates are too many to search"
            raise UsageError(message, f"give ranges with at most {MAX_CANDIDATES:,}, as in {_narrower(unknowns)}")
        self.evaluator.check()
        self.prober = Prober(self.evaluator)
        self.present = [unknown.place for unknown in unknowns]
        if question.best and question.best_key not in keys:
            raise UsageError(f"`{question.best_key}` is not an unknown", f"the unknowns are {', '.join(keys)}")
        self.best_axis = next(
            (number for number, each in enumerate(unknowns) if question.best_key in each.axis.keys), 0
        )

    def solution(self) -> Solution:
        method, found, is_complete = BISECTION, self._by_bisection(), True
        if not found:
            method = SCAN
            found, is_complete = self._by_scan()
        return self._solution(method, found, is_complete)

    def _by_bisection(self) -> list[int]:
        """The best candidate of one unknown; none where it must be found in another way."""
        order = self._best_order()
        if not self.question.best or len(self.unknowns) > 1 or len(order) < FEWEST:
            return []
        for places in sample_places(len(order)):
            if not self._is_monotone([order[place] for place in places]):
                return []
            found = last_place(len(order), places, lambda place: self.prober.passes(order[place]))
            if found is not None:
                return [order[found]]
        return []

    def _best_order(self) -> list[int]:
        """The places of the axis whose best value is wanted, the best last."""
        axis = self.unknowns[self.best_axis].axis
        part = axis.keys.index(self.question.best_key) if self.question.best_key else 0
        places = sorted(range(axis.size), key=lambda place: _measure(axis.at(place)[part]))
        return places[::-1] if self.question.best == SMALLEST else places

    def _is_monotone(self, samples: Sequence[int]) -> bool:
        """Whether every figure that the conditions read grows or falls from one sample to the next.

        Samples that do not build are passed over if they are few: a very small input fits no kernel.
        """
        figures = []
        for index in samples:
            try:
                figures.append(self.prober.figures(index))
            except ConvcalcError:
                continue
            except (ExpressionError, UnknownFigure):
                return False
        return 2 * len(figures) > len(samples) and are_monotone(figures)

    def _by_scan(self) -> tuple[list[int], bool]:
        """The candidates that pass, in their order, and whether no other can be an answer."""
        rank = {place: number for number, place in enumerate(self._best_order())} if self.question.best else {}
        order = sorted(range(self.space.size), key=lambda index: self._order(index, rank))
        found: list[int] = []
        best = None
        for index in self.watch(order, len(order)):
            if found and self.question.best and self.space.places(index)[self.best_axis] != best:
                return found, True
            if self.prober.passes(index):
                found.append(index)
                best = self.space.places(index)[self.best_axis]
                if len(found) >= SHOWN and not self.question.everything:
                    return found, self.prober.builds == self.space.size
        return found, True

    def _order(self, index: int, rank: dict[int, int]) -> tuple[int, ...]:
        """The best value first, then few changed keys, then small steps."""
        places = self.space.places(index)
        steps = [abs(place - own) for place, own in zip(places, self.present)]
        best = -rank[places[self.best_axis]] if rank else 0
        return (best, sum(step > 0 for step in steps), sum(steps), index)

    # -- what was found ------------------------------------------------------------------------------------------------

    def _solution(self, method: str, found: Sequence[int], is_complete: bool) -> Solution:
        prober, plan = self.prober, self.evaluator.plan
        answers = []
        for index in found:
            prober.passes(index)
            answers.append(Answer(self.evaluator.values(index), dict(zip(plan.columns, prober.rows[index][1]))))
        keys = [key for unknown in self.unknowns for key in unknown.axis.keys]
        present = [value for unknown in self.unknowns for value in unknown.present]
        last = self._best_order()[-1] if self.question.best else None
        return Solution(
            target=self.question.target.label,
            wants=tuple(condition.text for condition in self.evaluator.conditions),
            best=f"{self.question.best} {self.question.best_key}".strip(),
            searched={",".join(unknown.axis.keys): unknown.range_text for unknown in self.unknowns},
            chosen=tuple(unknown.axis.keys[0] for unknown in self.unknowns if unknown.is_chosen),
            present=dict(zip(keys, present)),
            method=method,
            builds=prober.builds,
            candidates=self.space.size,
            is_complete=is_complete,
            at_end=bool(found) and last is not None and self.space.places(found[0])[self.best_axis] == last,
            answers=tuple(answers),
            columns=tuple(plan.columns),
            rejected=most_first(prober.rejected),
            broken=most_first(prober.broken),
            nearest=() if found else tuple(self._near_misses()),
        )

    def _near_misses(self) -> Iterable[NearMiss]:
        """The nearest miss of each condition, that which fails most first."""
        for condition, count in most_first(self.prober.rejected).items():
            miss = self.prober.misses.get(condition)
            if miss is not None:
                yield NearMiss(condition, count, self.evaluator.values(miss.candidate), miss.value)


def _columns(wants: Sequence[str], keys: Sequence[str]) -> Iterable[str]:
    """The figures of an answer: those that the conditions read come first."""
    quantities = [each for want in parse_conditions(wants, keys) for each in want.formula.quantities.values()]
    totals = [each.name for each in quantities if each.is_total]
    of_layers = [f"layers['{each.layer}'].{each.name}" for each in quantities if each.layer]
    return dict.fromkeys([*totals, *of_layers, *DEFAULT_COLUMNS])


def _measure(value: Any) -> Any:
    """What makes a value large: the number, or the product of sizes."""
    if isinstance(value, (list, tuple)):
        return prod(value) if all(isinstance(each, (int, float)) for each in value) else 0
    return value if isinstance(value, (int, float)) else 0


def _narrower(unknowns: Sequence[Unknown]) -> str:
    axis = max((unknown.axis for unknown in unknowns), key=lambda axis: axis.size)
    return f"'{axis.keys[0]}=1..10'"
