"""The answers of `convcalc solve` as a table and as records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convcalc.arith.units import count_of, group_digits
from convcalc.arith.wording import listed
from convcalc.render.cells import Number, number_format
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.render.sweep_printout import (
    FIELD_NOTE,
    exact_figure,
    exact_value,
    figure_text,
    head_of,
    head_of_key,
    value_text,
)
from convcalc.report.figure import FIELD
from convcalc.text.files import target_label

if TYPE_CHECKING:
    from convcalc.solving.solution import Solution

REASONS = 3


@dataclass(frozen=True, slots=True)
class SolutionPrintout:
    """A solution. `si` is as in a report. Records and data always have exact figures."""

    solution: Solution
    si: bool = False

    @property
    def title(self) -> str:
        solution = self.solution
        best = [f"{solution.best}"] if solution.best else []
        return " · ".join([target_label(solution.target), *best, f"wanted {' and '.join(solution.wants)}"])

    def sheets(self, width: int | None) -> list[Sheet]:
        solution, number = self.solution, number_format(self.si)
        if not solution.answers:
            return [Sheet(self.title, [Head("nothing fits", importance=100)], [], facts=list(self._why(number)),
                          notes=list(self._notes()))]  # fmt: skip
        keys = [head_of_key(key, [answer.values[key] for answer in solution.answers]) for key in solution.present]
        figures = [head_of(name, 95 - min(place, 35)) for place, name in enumerate(solution.columns)]
        rows = [
            [*(value_text(key, value) for key, value in answer.values.items()),
             *(figure_text(answer.figures[name], number) for name in solution.columns)]
            for answer in solution.answers
        ]  # fmt: skip
        return [Sheet(self.title, [*keys, *figures], rows, notes=list(self._notes()))]

    def data(self) -> dict[str, Any]:
        return self.solution.to_dict()

    def records(self) -> Iterator[Record]:
        """One record for each answer, with exact figures."""
        solution = self.solution
        yield [*solution.present, *solution.columns]
        for answer in solution.answers:
            values = [exact_value(key, value) for key, value in answer.values.items()]
            yield [*values, *[exact_figure(answer.figures[name]) for name in solution.columns]]

    def _why(self, number: Number) -> Iterator[tuple[str, str]]:
        """Why nothing fits: the conditions that fail, the nearest miss of each, and what does not build."""
        solution = self.solution
        nearest = {miss.condition: miss for miss in solution.nearest}
        for condition, count in list(solution.rejected.items())[:REASONS]:
            miss = nearest.get(condition)
            text = f"{condition}: {group_digits(count)}"
            if miss is not None:
                values = ", ".join(f"{key}={value_text(key, value)}" for key, value in miss.values.items())
                text += f"; nearest {figure_text(miss.value, number)}, with {values}"
            yield "fails", text
        for reason, count in list(solution.broken.items())[:REASONS]:
            yield "does not build", f"{reason}: {group_digits(count)}"

    def _notes(self) -> Iterator[str]:
        solution = self.solution
        ranges = listed([f"{key} {text}" for key, text in solution.searched.items()])
        built = f"{count_of(solution.builds, 'network')} of {group_digits(solution.candidates)} built"
        yield f"searched {ranges}, by {solution.method}: {built}"
        if solution.chosen:
            yield f"the range of {listed(list(solution.chosen))} was not given; write {solution.chosen[0]}=VALUES"
        known = [f"{key} {value_text(key, value)}" for key, value in solution.present.items() if value is not None]
        if solution.answers and not solution.best and known:
            yield f"answers of least change first, from {listed(known)}"
        if not solution.is_complete:
            yield f"the first {len(solution.answers)} answers; --all finds all"
        if solution.at_end:
            yield "the answer is the last value of its range: there may be better ones beyond"
        if FIELD in solution.columns:
            yield FIELD_NOTE
