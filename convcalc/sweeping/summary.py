"""How a sweep went: how many candidates were built, passed or did not, and why, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from convcalc.arith.units import group_digits
from convcalc.sweeping.batch import most_first
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.ranges import size_of
from convcalc.sweeping.runner import Run
from convcalc.text.writing import flow_text

if TYPE_CHECKING:
    from convcalc.sweeping.merging import Merged

REASONS = 3  # in a sentence; the others are counted together


class Summary:
    """The counts of a run, as far as it is done."""

    def __init__(self, evaluator: Evaluator, run: Run | Merged) -> None:
        self._evaluator = evaluator
        totals = run.totals
        self.space = evaluator.space.size
        self.passed = run.passed
        self.broken = most_first(totals.broken)
        self.rejected = most_first(totals.rejected)
        self.misses = totals.misses
        self.candidates = run.passed + sum(self.broken.values()) + sum(self.rejected.values())
        self.missing = size_of(run.missing)

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON has them."""
        nearest = {
            condition: {"values": self._evaluator.values(miss.candidate), "value": miss.value}
            for condition, miss in self.misses.items()
        }
        return {"space": self.space, "candidates": self.candidates, "missing": self.missing, "passed": self.passed,
                "broken": self.broken, "rejected": self.rejected, "nearest": nearest}  # fmt: skip

    def in_words(self) -> Iterator[tuple[str, str]]:
        """Labels and sentences for readers."""
        total = group_digits(self.candidates)
        whole = "in all" if self.candidates == self.space else f"of {group_digits(self.space)}"
        yield "candidates", f"{total} {whole}, {group_digits(self.passed)} pass"
        if self.missing:
            yield "not done", f"{group_digits(self.missing)} candidates"
        if self.broken:
            number = group_digits(sum(self.broken.values()))
            yield "not built", f"{number} of {total} do not build: {_listed(self.broken)}"
        if self.rejected:
            number = group_digits(sum(self.rejected.values()))
            yield "not passed", f"{number} of {total} fail a condition: {_listed(self.rejected)}"
        if not self.passed and self.rejected:
            yield from self._why_none()

    def _why_none(self) -> Iterator[tuple[str, str]]:
        """Which condition fails most, and the candidate that is nearest to it."""
        condition = next(iter(self.rejected))
        miss = self.misses.get(condition)
        if miss is None:
            return
        values = ", ".join(f"{key}={flow_text(value)}" for key, value in self._evaluator.values(miss.candidate).items())
        shown = group_digits(miss.value) if type(miss.value) is int else str(miss.value)
        yield "nearest miss", f"`{condition}` fails most; the nearest to it has {shown}, with {values}"


def _listed(counts: Mapping[str, int]) -> str:
    """The first reasons with their counts."""
    shown = [f"{reason} ({group_digits(count)})" for reason, count in list(counts.items())[:REASONS]]
    rest = list(counts.values())[REASONS:]
    return ", ".join([*shown, *([f"and others ({group_digits(sum(rest))})"] if rest else [])])
