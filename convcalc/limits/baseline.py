"""Growth since a git revision: the figures of each network compared with those of the revision."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache

from convcalc.analysis.analyse import Analysis
from convcalc.arith.units import group_digits, percent
from convcalc.arith.wording import listed
from convcalc.errors import SpecError, UsageError
from convcalc.importers import PYTORCH, is_foreign
from convcalc.language.parse import parse
from convcalc.language.spec import Spec
from convcalc.limits.figures import LEFT_OUT, is_known, numbers, why_not_known, why_unseen
from convcalc.limits.growth import Growth
from convcalc.network.build import build
from convcalc.problems import Problem
from convcalc.report.figure import FIELD
from convcalc.report.figures import BY_NAME, FIGURES, sums
from convcalc.report.report import Report
from convcalc.targets.revisions import Revision, find_revision, renames_since
from convcalc.text.collector import Problems
from convcalc.text.files import STDIN
from convcalc.text.source import Source

RULE = "growth"
# These figures may not grow at all, unless the user says which figures may grow and by how much.
USUAL = tuple(figure.name for figure in FIGURES if figure.baseline)
SHOWN = 3  # layers in a sentence


class Baseline:
    """The revision to compare with, and how much each figure may grow: plain values, for any process.

    `renamed` maps the places of renamed files to their places in the revision.
    """

    __slots__ = ("name", "root", "tree", "renamed", "growths")

    def __init__(self, revision: Revision, growths: Sequence[Growth]) -> None:
        self.name = revision.name
        self.root = revision.root
        self.tree = revision.tree
        self.renamed = renames_since(revision)
        self.growths = tuple(growths) or tuple(
            Growth(figure, None, 0, f"the default: {listed(USUAL)} may not grow") for figure in USUAL
        )


def baseline(name: str, growths: Sequence[Growth], folder: str = "") -> Baseline:
    """The baseline of that name in the repository of a folder. Raises UsageError where there is none."""
    return Baseline(find_revision(name, folder), growths)


@lru_cache(maxsize=4)
def _revision(name: str, root: str, tree: str, process: int) -> Revision:
    """The revision, one object for each process: a pipe to git cannot be shared."""
    return Revision(name, root, tree)


class Earlier:
    """One file as it was at the baseline. `notes` say which targets have none.

    `input` is the shape of the input of a network of another format.
    """

    def __init__(self, source: Source, baseline: Baseline, input: str | None = None) -> None:
        self.baseline = baseline
        self.notes: list[str] = []
        self.revision = _revision(baseline.name, baseline.root, baseline.tree, os.getpid())
        self.spec: Spec | None = None
        self.problems: Problems | None = None
        self.is_same = False
        try:
            if is_foreign(source.name):
                self._read_foreign(source.name, input)
            else:
                self._read(source)
        except SpecError as error:
            self.notes.append(f"{self._start} cannot be read: {error.problems[0]}")

    @property
    def _start(self) -> str:
        return f"no baseline: the file at {self.baseline.name}"

    def _read(self, source: Source) -> None:
        if not source.path or source.path == STDIN:
            self.notes.append("no baseline: it is not a file")
            return
        try:
            place = self.revision.place_of(source.path)
        except UsageError as error:
            self.notes.append(f"no baseline: {error.message}")
            return
        data = self.revision.blob(place)
        if data is None and place in self.baseline.renamed:
            place = self.baseline.renamed[place]
            data = self.revision.blob(place)
        if data is None:
            self.notes.append(f"no baseline: there was no such file at {self.baseline.name}")
            return
        old = self.revision.source(place, data)
        # Without files that it includes, the same text has the same figures.
        self.is_same = old.text == source.text and not source.included
        if not self.is_same:
            self.spec, self.problems = parse(old)

    def _read_foreign(self, path: str, input: str | None) -> None:
        """Read a file of another format, with the same input."""
        if path.startswith(PYTORCH):
            self.notes.append("no baseline: it is not a file")
            return
        from convcalc.targets import foreign  # the importers: only for a network of another format

        try:
            self.spec, self.problems = parse(foreign.find(f"{self.baseline.name}:{path}", None, input, None).source)
        except UsageError as error:
            self.notes.append(f"no baseline: {error.message}")

    def report(self, variant: str | None) -> Report | None:
        """The old report of a target; None, with a note, where it did not exist or could not be built."""
        if self.spec is None or self.problems is None:
            return None
        if variant is not None and variant not in self.spec.variants:
            self.notes.append(f"no baseline: there was no variant {variant} at {self.baseline.name}")
            return None
        try:
            return Report(Analysis(build(self.spec, self.problems, variant)))
        except SpecError as error:
            self.notes.append(f"{self._start} cannot be built: {error.problems[0]}")
            return None

    def grown(self, report: Report, spec: Spec) -> Iterator[Problem]:
        """The totals of a target that grew more than allowed."""
        old = self.report(report.variant)
        if old is None:
            return
        for growth in self.baseline.growths:
            message, help = self._compared(growth, old, report)
            if message:
                yield spec.source.problem(
                    RULE, message, spec.mark_of_target(report.variant), subject=report.variant or "", help=help,
                    trail=(f"the limit is {growth.origin}",),
                )  # fmt: skip

    def _compared(self, growth: Growth, old: Report, new: Report) -> tuple[str, str]:
        """The message and help for a figure that grew too much, or whose growth is unknown; else empty."""
        figure, then = growth.figure, f"at {self.baseline.name}"
        before = _by_axis(BY_NAME[figure].of_network(old))
        for (of, axis), now in _by_axis(BY_NAME[figure].of_network(new)).items():
            earlier = before.get((of, axis), now)  # a new output or input did not grow
            for report, value, when in ((new, now, ""), (old, earlier, f" {then}")):
                if not is_known(figure, value):
                    if figure == FIELD:
                        return f"{FIELD}{when} is not known: {why_unseen(report)}".removesuffix(": "), ""
                    return f"{why_not_known(figure, value, report.rows)}{when}", LEFT_OUT
            assert earlier is not None
            assert now is not None
            if growth.allows(earlier, now):
                continue
            whose = f" of {of}" if of else ""
            share = percent(now - earlier, earlier)
            by = f"{group_digits(now - earlier)} ({share})" if share else group_digits(now - earlier)
            message = f"{figure}{whose} is {group_digits(now)}, and {group_digits(earlier)} {then}: {by} more"
            over = f"over {growth}" if growth.percent is not None or growth.amount else str(growth)
            return f"{message}, {over}", _where(figure, old, new)
        return "", ""


def _by_axis(value: object) -> dict[tuple[str, int], int | None]:
    """The numbers of a figure by output or input and, for a receptive field, by axis.

    >>> _by_axis([7, 9])
    {('', 0): 7, ('', 1): 9}
    """
    found: dict[tuple[str, int], int | None] = {}
    for of, part in numbers(value):
        axis = 0
        while (of, axis) in found:
            axis += 1
        found[of, axis] = part
    return found


def _where(figure: str, old: Report, new: Report) -> str:
    """The layers, by name, in which a sum grew most."""
    of_layer = BY_NAME[figure].of_layer
    if BY_NAME[figure] not in sums():
        return ""
    before = {row.name: of_layer(row) or 0 for row in old.rows}
    more = {row.name: (of_layer(row) or 0) - before.get(row.name, 0) for row in new.rows}
    most = sorted((name for name in more if more[name] > 0), key=lambda name: -more[name])[:SHOWN]
    parts = [f"{name} (+{group_digits(more[name])}{'' if name in before else ', a new layer'})" for name in most]
    return f"most of it: {listed(parts)}" if parts else ""
