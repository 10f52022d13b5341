"""The steps of a derivation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, spatial_names
from convcalc.arith.wording import listed
from convcalc.report.rows import plain

Result = int | Shape | None
Notes = Iterable[str]


class DerivationStep:
    """One step: `symbols` and `numbers` are empty where the result has no formula; `notes` are further explanations."""

    __slots__ = ("title", "symbols", "numbers", "result", "notes")

    def __init__(self, title: str, result: Result, *, symbols: str = "", numbers: str = "", notes: Notes = ()) -> None:
        self.title = title
        self.symbols = symbols
        self.numbers = numbers
        self.result = result
        self.notes = tuple(note for note in notes if note)

    def to_dict(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "symbols": self.symbols or None,
            "numbers": self.numbers or None,
            "result": plain(self.result),
            "notes": list(self.notes),
        }


def steps_per_axis(
    title: str, formula: Formula, axes: Sequence[dict[str, int]], notes: Sequence[Notes]
) -> list[DerivationStep]:
    """A step for every spatial axis, or a single step where all have the same numbers."""
    names = spatial_names(len(axes))
    if all((axis, note) == (axes[0], notes[0]) for axis, note in zip(axes, notes)):
        names, axes = (listed(names),), axes[:1]
    return [formula_step(f"{title} {name}", formula, axis, note) for name, axis, note in zip(names, axes, notes)]


def formula_step(title: str, formula: Formula, values: dict[str, int], notes: Notes = ()) -> DerivationStep:
    """The step of a formula and its numbers."""
    numbers = formula.with_numbers(values)
    return DerivationStep(title, formula(values), symbols=formula.symbols(), numbers=numbers, notes=notes)
