"""Which of the shipped networks are wanted, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod
from typing import Any

from convcalc.catalogue.figures import FIGURES as SHOWN
from convcalc.catalogue.figures import ZooNetwork
from convcalc.report.figure import Figure
from convcalc.report.sums import Partial

Condition = Callable[[ZooNetwork], bool]
Number = Callable[[ZooNetwork], int | None]


def _from_largest(figure: Number) -> Callable[[ZooNetwork], int | None]:
    return lambda entry: None if (found := figure(entry)) is None else -found


def _number(figure: Figure) -> Number:
    return lambda entry: entry.number(figure)


FIGURES: dict[str, Number] = {figure.name: _number(figure) for figure in SHOWN}
# What networks are sorted by: text from a to z, figures from the largest, as `count --sort` does it.
ORDERS: dict[str, Callable[[ZooNetwork], Any]] = {
    "target": lambda entry: entry.target,
    "input": lambda entry: -sum(map(prod, entry.inputs.values())),
    **{name: _from_largest(figure) for name, figure in FIGURES.items()},
    "source": lambda entry: entry.citation,
}


def ordered(entries: Sequence[ZooNetwork], order: str, *, reverse: bool = False) -> list[ZooNetwork]:
    """The entries by one of ORDERS, or the other way round; those with an unknown figure come last."""
    key = ORDERS[order]
    known = [entry for entry in entries if key(entry) is not None]
    return sorted(known, key=key, reverse=reverse) + [entry for entry in entries if key(entry) is None]


def at_least(figure: Number, bound: int) -> Condition:
    """Whether a figure reaches the bound. One that is not known does not; a sum of what is known may."""
    return lambda entry: (found := figure(entry)) is not None and found >= bound


def at_most(figure: Number, bound: int) -> Condition:
    """Whether a figure keeps to the bound, which only a complete one does."""
    return lambda entry: (found := figure(entry)) is not None and type(found) is not Partial and found <= bound


def reads(shapes: Mapping[str, list[int]] | list[int]) -> Condition:
    """Whether the inputs have these shapes by name, or one of them has the shape."""
    if isinstance(shapes, Mapping):
        return lambda entry: entry.inputs == shapes
    return lambda entry: shapes in entry.inputs.values()


def mentions(words: str) -> Condition:
    """Whether name, description or source hold the words, in capitals or not."""
    wanted = words.casefold()
    return lambda entry: wanted in "\n".join([entry.target, entry.name, entry.description, entry.citation]).casefold()


def chosen(entries: Sequence[ZooNetwork], conditions: Collection[Condition]) -> list[ZooNetwork]:
    """The entries that meet every condition."""
    return [entry for entry in entries if all(condition(entry) for condition in conditions)]


def without_each(entries: Sequence[ZooNetwork], conditions: Mapping[str, Condition]) -> dict[str, int]:
    """How many entries would meet all the conditions but one, by the name of that one."""
    return {
        left_out: len(chosen(entries, [condition for name, condition in conditions.items() if name != left_out]))
        for left_out in conditions
    }
