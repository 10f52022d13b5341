"""The findings of one file: equal findings in many layers and variants become one problem with a note."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from convcalc.language.spec import Entry
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.problems import Problem
from convcalc.text.source import Mark, Source, is_in_own_file

if TYPE_CHECKING:
    from convcalc.limits.budgets import Excess

MAX_VARIANTS = 4  # in a note


class _Key(NamedTuple):
    """The key of a problem: findings with equal keys are one. `what` is a message, a kind, or the limit."""

    rule: str
    place: str | Mark
    what: str = ""


@dataclass(slots=True)
class _Group:
    """Findings that are one problem: the first, their number, and their variants."""

    first: Problem | Finding
    entry: Entry | None = None
    times: int = 0
    variants: dict[str | None, None] = field(default_factory=dict)

    def note(self, targets: int) -> str:
        """The other places of the problem, in words; `targets` is the number of networks of the file."""
        notes = []
        if self.times > len(self.variants):
            notes.append(f"{self.times:,} times in all")
        if len(self.variants) < targets:
            names = [name or "the file itself" for name in self.variants]
            more = f" and {len(names) - MAX_VARIANTS} more" if len(names) > MAX_VARIANTS else ""
            if self.variants != {None: None}:
                notes.append(f"in {', '.join(names[:MAX_VARIANTS])}{more}")
        elif targets > 1:
            notes.append(f"in every one of the {targets} targets")
        return ", ".join(notes)


class Merger:
    """Collects the findings of one file, network by network, and merges equal ones."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._groups: dict[_Key, _Group] = {}
        self._copies: Counter[Mark] = Counter()  # by the mark of an entry, the number of its layers in all networks

    def add(self, problem: Problem, limit: str = "") -> None:
        """Add a problem of the file, or of one network. A repeated problem is left out."""
        self._groups.setdefault(_Key(problem.rule, str(problem.where), limit or problem.message), _Group(problem))

    def add_excess(self, variant: str | None, excess: Excess) -> None:
        """Add a budget that a network exceeds."""
        problem, limit = excess.problem, excess.limit.origin
        if excess.entry is None:
            self.add(problem, limit)
        else:
            self._count(_Key(problem.rule, excess.entry.mark, limit), variant, problem, excess.entry)

    def add_finding(self, variant: str | None, rule: str, finding: Finding, network: Network) -> None:
        """Add a finding of a rule in a network."""
        if finding.row is None:
            self.add(finding.problem(rule, self._source, None))
        else:
            entry = network.entry(finding.row)
            self._count(_Key(rule, finding.mark_in(entry), finding.kind), variant, finding, entry)

    def _count(self, key: _Key, variant: str | None, found: Problem | Finding, entry: Entry) -> None:
        group = self._groups.setdefault(key, _Group(found, entry))
        group.times += 1
        group.variants[variant] = None

    def add_copies(self, network: Network) -> None:
        """Count the layers of each entry: a fix must be right for all of them."""
        self._copies.update(node.entry.mark for node in network.graph.nodes)

    def problems(self, targets: int) -> list[Problem]:
        """The problems in the order of their findings. `targets` is the number of networks of the file."""
        return [self._problem(key.rule, group, targets) for key, group in self._groups.items()]

    def _problem(self, rule: str, group: _Group, targets: int) -> Problem:
        first, entry = group.first, group.entry
        problem = first if isinstance(first, Problem) else first.problem(rule, self._source, entry)
        if entry is None:
            return problem
        if group.times < self._copies[entry.mark] or not is_in_own_file(entry.mark):
            problem.fix = None  # the entry may be right in other copies, or in other specs that include it
        note = group.note(targets)
        if note:
            problem.trail = (*problem.trail, note)
        return problem
