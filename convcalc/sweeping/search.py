"""A search: for a space that is too large to walk, NSGA-II chooses each candidate by the figures of earlier ones.

NSGA-II keeps a population of candidates, and makes new ones of pairs of the best (Deb, Pratap, Agarwal and Meyarivan, A
fast and elitist multiobjective genetic algorithm: NSGA-II, IEEE Transactions on Evolutionary Computation, 2002). It is
that of Optuna, with its study in memory: the rows go into our own store.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from convcalc.errors import UsageError
from convcalc.extras import how_to_add
from convcalc.sweeping.batch import Batch, Row
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.ranges import Range
from convcalc.sweeping.runner import How, Results, Run
from convcalc.sweeping.selection import Point, point_of
from convcalc.sweeping.todo import Todo

POPULATIONS = 25  # that fit into the budget: a search needs many generations
SMALLEST, LARGEST = 20, 200  # populations
TRIES = 4  # proposals for each candidate of the budget: a search that has settled proposes known candidates again


class Search(Run):
    """A run that builds as many candidates as its budget says, in this process.

    A candidate that does not build, or fails a condition, is no parent of others. The same seed gives the same
    candidates, so that a search with a store goes on where it was.
    """

    def __init__(self, plan: Plan, evaluator: Evaluator, how: How) -> None:
        super().__init__(plan, evaluator, how)
        assert plan.budget is not None  # with a search there is one
        self.parts = [Range(0, plan.budget)]
        self._budget = plan.budget
        self._objectives = [(plan.columns.index(text.removeprefix("-")), text.startswith("-")) for text in plan.search]
        self._points: dict[int, Point | None] = {}  # by candidate; None for those that are no parents
        self._is_settled = False

    @property
    def missing(self) -> list[Range]:
        """What is left of the budget."""
        built = len(self._points)
        return [] if self._is_settled or built >= self._budget else [Range(built, self._budget)]

    def _rows_of_store(self, path: str) -> Iterator[Row]:
        from convcalc.sweeping import store  # SQLite is needed only here

        with store.opened(path, self.plan, self.size) as opened:
            self.totals, self.passed = opened.totals(), opened.passed
            for part in opened.done():
                self._points |= dict.fromkeys(range(*part))
            self._points |= {row[0]: point_of(row, self._objectives) for row in opened.rows()}
            self.done = [Range(0, len(self._points))]
            for _ in self._evaluate(Todo([]), opened.add):
                pass  # the store has the rows
        with store.reading(path) as finished:
            yield from finished.rows()

    def _rows_in_memory(self) -> Iterator[Row]:
        for batch in self._evaluate(Todo([])):
            yield from batch.rows

    def _results(self, todo: Todo) -> Results:
        population = _Population(self._evaluator, len(self._objectives), self._budget)
        met: set[int] = set()
        for _ in range(TRIES * self._budget):
            if self._how.stopped():
                return
            index = population.propose()
            if index not in self._points:
                batch = self._evaluator.run(index, index + 1)
                self._points[index] = point_of(batch.rows[0], self._objectives) if batch.rows else None
                yield batch
            population.learn(self._points[index])
            met.add(index)
            if len(met) >= self._budget:
                break
        self._is_settled = True

    def _count(self, batch: Batch) -> None:
        super()._count(batch)
        self.done = [Range(0, len(self._points))]


class _Population:
    """Proposes candidates, and learns how good each was."""

    def __init__(self, evaluator: Evaluator, objectives: int, budget: int) -> None:
        optuna = _optuna()
        self._optuna = optuna
        self._space = evaluator.space
        size = min(max(budget // POPULATIONS, SMALLEST), LARGEST)
        sampler = optuna.samplers.NSGAIISampler(seed=evaluator.plan.seed % 2**32, population_size=size)
        self._study = optuna.create_study(directions=["minimize"] * objectives, sampler=sampler)
        self._places = {
            str(number): optuna.distributions.IntDistribution(0, axis.size - 1)
            for number, axis in enumerate(self._space.axes)
        }

    def propose(self) -> int:
        """The index of a candidate."""
        self._trial = self._study.ask(self._places)
        return self._space.index([self._trial.params[name] for name in self._places])

    def learn(self, point: Point | None) -> None:
        """Take the objectives of the last candidate; None if it is not to be a parent."""
        if point is None:
            self._study.tell(self._trial, state=self._optuna.trial.TrialState.FAIL)
        else:
            self._study.tell(self._trial, list(map(float, point)))


def _optuna() -> ModuleType:
    try:
        import optuna  # an extra, which takes a second to load
    except ImportError:
        raise UsageError("--search needs Optuna", f"install it with: {how_to_add('search')}") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
