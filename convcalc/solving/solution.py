"""What `convcalc solve` found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from convcalc.report.report import Shown
from convcalc.sweeping.batch import plain_figure

BISECTION, SCAN = "bisection", "scan"


class Answer(NamedTuple):
    """The values of the unknowns, and figures of the network with them."""

    values: dict[str, Any]
    figures: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON has it."""
        return {"values": self.values, "figures": {name: plain_figure(value) for name, value in self.figures.items()}}


class NearMiss(NamedTuple):
    """The values that came nearest to a condition, and what it compares there; `failed` counts those that fail it."""

    condition: str
    failed: int
    values: dict[str, Any]
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Solution(Shown):
    """The answers, those of least change first, or the one that is largest or smallest.

    `searched` has the range of each unknown, and `chosen` names those whose range was not given. `present` are the
    values that the network has. `builds` networks were built of the `candidates`; `is_complete` says that the others
    cannot be answers of this kind. `at_end` is true where the answer is the last value of its range, so that there may
    be further ones.
    """

    target: str
    wants: tuple[str, ...]
    best: str
    searched: dict[str, str]
    chosen: tuple[str, ...]
    present: dict[str, Any]
    method: str
    builds: int
    candidates: int
    is_complete: bool
    at_end: bool
    answers: tuple[Answer, ...]
    columns: tuple[str, ...]
    rejected: Mapping[str, int]
    broken: Mapping[str, int]
    nearest: tuple[NearMiss, ...]

    @property
    def values(self) -> dict[str, Any] | None:
        """The values of the first answer; None where there is none."""
        return self.answers[0].values if self.answers else None

    def to_dict(self) -> dict[str, Any]:
        """The solution as JSON has it."""
        return {
            "target": self.target,
            "wanted": list(self.wants),
            "best": self.best,
            "searched": self.searched,
            "chosen": list(self.chosen),
            "present": self.present,
            "method": self.method,
            "builds": self.builds,
            "candidates": self.candidates,
            "complete": self.is_complete,
            "at_end": self.at_end,
            "answers": [answer.to_dict() for answer in self.answers],
            "rejected": dict(self.rejected),
            "broken": dict(self.broken),
            "nearest": [{**miss._asdict(), "value": plain_figure(miss.value)} for miss in self.nearest],
        }
