"""Budgets: bounds on the figures of networks and of their layers, from the command line or a configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from heapq import nlargest
from typing import NamedTuple

from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of, group_digits, percent
from convcalc.arith.wording import listed
from convcalc.language.spec import Entry, Spec
from convcalc.limits.figures import (
    LEFT_OUT,
    is_known,
    numbers,
    show,
    why_not_known,
    why_unseen,
)
from convcalc.limits.limit import EXACT, Limit
from convcalc.problems import Problem
from convcalc.report.figure import FIELD, MAX, MIN
from convcalc.report.figures import BY_NAME
from convcalc.report.report import Report
from convcalc.report.rows import Row

RULE = "budget"
SHOWN = 3  # layers in a sentence


class Excess(NamedTuple):
    """A budget that is exceeded. `entry` is the entry of the layer, None for a total."""

    problem: Problem
    entry: Entry | None
    limit: Limit


class Budgets:
    """The limits for the networks of one file. `unmet` are the limits of layers that no network has."""

    def __init__(self, spec: Spec, limits: Sequence[Limit]) -> None:
        self.spec = spec
        self.limits = limits
        self.unmet = {limit.subject: limit for limit in limits if limit.layer}

    def exceeded(self, report: Report) -> Iterator[Excess]:
        """The budgets that a network exceeds, in the order of the limits."""
        for limit in self.limits:
            if limit.is_for(report.variant):
                yield from self._layers(report, limit) if limit.layer else self._total(report, limit)

    def without_layer(self) -> Iterator[Problem]:
        """The limits for only this file whose layer none of its networks has."""
        for limit in self.unmet.values():
            if limit.for_file:
                yield self._problem(limit, f"there is no layer `{limit.layer}`", self.spec.mark)

    def _total(self, report: Report, limit: Limit) -> Iterator[Excess]:
        value = BY_NAME[limit.figure].of_network(report)
        message = _message(limit, value, report.rows, lambda: why_unseen(report))
        if message:
            help = _help(report, limit) if _is_complete(limit, value) else LEFT_OUT
            mark = self.spec.mark_of_target(report.variant)
            yield Excess(self._problem(limit, message, mark, report.variant or "", help), None, limit)

    def _layers(self, report: Report, limit: Limit) -> Iterator[Excess]:
        """The first layer of each entry that exceeds the limit."""
        found: dict[int, tuple[Row, Entry, str, str]] = {}
        counts: Counter[int] = Counter()
        for node, row in zip(report.graph.nodes, report.rows):
            if not fnmatchcase(row.name, limit.layer):
                continue
            self.unmet.pop(limit.subject, None)
            value = BY_NAME[limit.figure].of_layer(row)
            message = _message(limit, value, [row], partial(why_unseen, report, row))
            if message:
                help = "" if _is_complete(limit, value) else LEFT_OUT
                found.setdefault(node.entry.mark, (row, node.entry, message, help))
                counts[node.entry.mark] += 1
        for row, entry, message, help in found.values():
            subject = f"{row.name} ({row.type})"
            more = counts[entry.mark] - 1
            also = f"and {count_of(more, 'more layer')} of this entry" if more else ""
            yield Excess(self._problem(limit, message, entry.mark, subject, help, also), entry, limit)

    def _problem(
        self, limit: Limit, message: str, mark: int, subject: str = "", help: str = "", also: str = ""
    ) -> Problem:
        trail = (*([also] if also else []), f"the limit is {limit.origin}")
        return self.spec.source.problem(RULE, message, mark, subject=subject, help=help, trail=trail)


def _is_complete(limit: Limit, value: object) -> bool:
    return all(is_known(limit.figure, part) for _, part in numbers(value))


def _message(limit: Limit, value: object, rows: Sequence[Row], why: Callable[[], str]) -> str:
    """The message for a figure that exceeds its limit, else empty; for a receptive field, of the first such axis."""
    for of, part in numbers(value):
        whose = f" of {of}" if of else ""
        if not is_known(limit.figure, part):
            if limit.figure == FIELD:
                return f"{FIELD}{whose} is not known: {why()}".removesuffix(": ")
            return why_not_known(limit.figure, part, rows)
        assert part is not None
        if not limit.is_kept(part):
            return f"{limit.figure}{whose} is {show(int(part))}: {_distance(limit, part)}"
    return ""


def _distance(limit: Limit, value: int) -> str:
    """How far a figure is from its limit.

    >>> _distance(Limit("", "params", MAX, 1000, ""), 1250), _distance(Limit("", "params", MIN, 8, ""), 7)
    ('250 (25.0 %) over the 1,000 allowed', '1 (12.5 %) under the 8 required')
    """
    by = group_digits(abs(value - limit.number))
    share = percent(abs(value - limit.number), limit.number)
    amount = f"{by} ({share})" if share else by
    words = {MIN: "required", MAX: "allowed", EXACT: "of the budget"}[limit.side]
    return f"{amount} {'over' if value > limit.number else 'under'} the {group_digits(limit.number)} {words}"


def _help(report: Report, limit: Limit) -> str:
    """The largest parts of a total: where to look for savings."""
    figure = limit.figure
    if figure == FIELD:
        larger = "larger kernels, strides or dilations, or more layers, make it larger"
        return larger if limit.side == MIN else "smaller kernels, strides or dilations make it smaller"
    if limit.side == MIN:
        return ""
    if figure == "layers":
        most = Counter(row.type for row in report.rows).most_common(SHOWN)
        return "most of them: " + listed([f"{count:,} {kind}" for kind, count in most])
    if figure == "peak_activation_bytes":
        largest = nlargest(SHOWN, report.rows, key=lambda row: row.units)
        return "the largest maps: " + listed([f"{row.name} ({format_shape(row.output_shape)})" for row in largest])
    # The part of each layer in the total.
    shares = {row: share for row in report.rows if (share := BY_NAME[figure].of_layer(row))}
    whole = sum(shares.values())
    parts = [f"{row.name} ({percent(shares[row], whole)})" for row in nlargest(SHOWN, shares, key=shares.__getitem__)]
    return f"most of it: {listed(parts)}" if parts else ""
