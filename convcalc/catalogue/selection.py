"""Selects and sorts the shipped networks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import prod
from typing import Any

from convcalc.catalogue.figures import FIGURES as SHOWN
from convcalc.catalogue.figures import ZooNetwork
from convcalc.report.figure import Figure
from convcalc.report.sums import Partial

# Files of worked examples of single layers: they are no networks to choose from.
EXAMPLES = {"textbook"}

Condition = Callable[[ZooNetwork], bool]
Number = Callable[[ZooNetwork], int | None]


def _from_largest(figure: Number) -> Callable[[ZooNetwork], int | None]:
    return lambda entry: None if (found := figure(entry)) is None else -found


def _number(figure: Figure) -> Number:
    return lambda entry: entry.number(figure)


FIGURES: dict[str, Number] = {figure.name: _number(figure) for figure in SHOWN}
# The keys for sorting: text from a to z, figures from the largest, as in `count --sort`.
ORDERS: dict[str, Callable[[ZooNetwork], Any]] = {
    "target": lambda entry: entry.target,
    "input": lambda entry: -sum(map(prod, entry.inputs.values())),
    **{name: _from_largest(figure) for name, figure in FIGURES.items()},
    "source": lambda entry: entry.citation,
}


def ordered(entries: Sequence[ZooNetwork], order: str, *, reverse: bool = False) -> list[ZooNetwork]:
    """The entries sorted by one of ORDERS, or in reverse; those with an unknown figure come last."""
    key = ORDERS[order]
    known = [entry for entry in entries if key(entry) is not None]
    return sorted(known, key=key, reverse=reverse) + [entry for entry in entries if key(entry) is None]


def without_doubles(entries: Sequence[ZooNetwork]) -> list[ZooNetwork]:
    """The entries with each network once: a variant that is the file itself takes the place of the file.

    That is a variant with the inputs and figures of the file, and with its description or as the first variant.
    """
    files = {entry.family: entry for entry in entries if entry.variant is None}
    first: dict[str, ZooNetwork] = {}
    doubles: dict[str, ZooNetwork] = {}
    for entry in entries:
        file = files.get(entry.family)
        if entry.variant is not None and file is not None and entry.family not in doubles:
            is_first = first.setdefault(entry.family, entry) is entry
            if _figures(entry) == _figures(file) and (is_first or entry.description == file.description):
                doubles[entry.family] = entry
    hidden = set(map(id, doubles.values()))
    return [
        doubles.get(entry.family, entry) if entry.variant is None else entry
        for entry in entries
        if id(entry) not in hidden
    ]


def _figures(entry: ZooNetwork) -> tuple[Any, ...]:
    return entry.inputs, entry.figures


def at_least(figure: Number, bound: int) -> Condition:
    """Whether a figure is at least the bound. An unknown figure is not; a partial sum may be."""
    return lambda entry: (found := figure(entry)) is not None and found >= bound


def at_most(figure: Number, bound: int) -> Condition:
    """Whether a figure is at most the bound; it must be complete."""
    return lambda entry: (found := figure(entry)) is not None and type(found) is not Partial and found <= bound


def reads(shapes: Mapping[str, list[int]] | list[int]) -> Condition:
    """Whether the inputs have these shapes by name, or one of them has the shape."""
    if isinstance(shapes, Mapping):
        return lambda entry: entry.inputs == shapes
    return lambda entry: shapes in entry.inputs.values()


def mentions(words: str) -> Condition:
    """Whether the name, description or source contains the words, in any case."""
    wanted = words.casefold()
    return lambda entry: wanted in "\n".join([entry.target, entry.name, entry.description, entry.citation]).casefold()


def chosen(entries: Sequence[ZooNetwork], conditions: Collection[Condition]) -> list[ZooNetwork]:
    """The entries that fulfil every condition."""
    return [entry for entry in entries if all(condition(entry) for condition in conditions)]


def without_each(entries: Sequence[ZooNetwork], conditions: Mapping[str, Condition]) -> dict[str, int]:
    """The number of entries that fulfil all conditions except one, by the name of this one."""
    return {
        left_out: len(chosen(entries, [condition for name, condition in conditions.items() if name != left_out]))
        for left_out in conditions
    }
