"""The settings of each file: the command line takes precedence over the configuration."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from convcalc.checking.results import OFF, FileResult
from convcalc.errors import UsageError
from convcalc.lint.rules import RULES
from convcalc.problems import WARNING

if TYPE_CHECKING:
    from convcalc.checking.configuration.configuration import Configuration
    from convcalc.limits.baseline import Baseline
    from convcalc.limits.limit import Limit
    from convcalc.limits.lock import Locked


class Comparison(NamedTuple):
    """What a network of a file is compared with: a target or a file of weights; `variant` is None for its own one."""

    rule: str
    variant: str | None
    target: str


DEFAULT_RULES = tuple(name for name, is_default in RULES.items() if is_default)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one file, as plain values that can be sent to another process.

    `severities` and `options` are those of rules, where the configuration sets them. With a file of accepted findings
    `accepted` has those of the checked file: the names of places, by rule. `limits` bound its figures, `baseline` has
    the earlier figures for growth, and `lock` has its locked figures. For a network of another format `input` is the
    shape of its input, and `python` the interpreter of `pytorch:`. `comparisons` are what the networks of the file are
    compared with.
    """

    rules: tuple[str, ...] = DEFAULT_RULES
    limits: tuple[Limit, ...] = ()
    baseline: Baseline | None = None
    lock: Locked | None = None
    accepted: Mapping[str, Collection[str]] | None = None
    input: str | None = None
    python: str | None = None
    severities: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()

    @property
    def compared_rules(self) -> tuple[str, ...]:
        """The names of the comparisons that are made."""
        return tuple(dict.fromkeys(each.rule for each in self.comparisons))

    def with_lock(self, lock: Locked) -> Settings:
        """The same settings with the locked figures of the file."""
        return replace(self, lock=lock)

    def with_accepted(self, accepted: Mapping[str, Collection[str]]) -> Settings:
        """The same settings with the accepted findings of the file."""
        return replace(self, accepted=accepted)


class RunSettings:
    """The settings of every file of a run.

    `select` replaces the rules of the configuration; `ignore` excludes more rules. A limit of the command line replaces
    one of the configuration for the same figure and side, and `fail_on` replaces its severity.
    """

    def __init__(
        self,
        configuration: Configuration | None,
        select: Sequence[str] | None = None,
        ignore: Sequence[str] = (),
        limits: Sequence[Limit] = (),
        baseline: Baseline | None = None,
        input: str | None = None,
        python: str | None = None,
        fail_on: str | None = None,
        comparisons: Sequence[Comparison] = (),
    ) -> None:
        self.configuration = configuration
        self.input = input
        self.python = python
        self.comparisons = [each for each in comparisons if each.rule not in ignore]
        self.select = select
        self.ignore = ignore
        self.limits = list(limits)
        self.baseline = baseline
        self.fail_on = fail_on or (configuration.fail_on if configuration is not None else None) or WARNING
        self._same_for_all = None if configuration is not None else self._settings(DEFAULT_RULES, [])

    def settings_for(self, path: str) -> Settings:
        """The settings of the file at a path."""
        if self._same_for_all is not None:
            return self._same_for_all
        assert self.configuration is not None
        settings = self._settings(self.configuration.rules(path, DEFAULT_RULES), self.configuration.limits(path))
        severities, options = self.configuration.severities(path), self.configuration.options(path)
        if not self.comparisons:
            found = [each for each in self.configuration.comparisons(path) if each.rule not in self.ignore]
            settings = replace(settings, comparisons=tuple(found)) if found else settings
        if self.select is not None:  # it chooses the rules, also one that the configuration switches off
            severities = {rule: each for rule, each in severities.items() if each != OFF or rule not in RULES}
        return replace(settings, severities=severities, options=options) if severities or options else settings

    def _settings(self, rules: Sequence[str], limits: Sequence[Limit]) -> Settings:
        chosen = rules if self.select is None else self.select
        subjects = {limit.subject for limit in self.limits}
        others = [limit for limit in limits if limit.subject not in subjects]
        return Settings(
            tuple(rule for rule in chosen if rule in RULES and rule not in self.ignore), (*self.limits, *others),
            self.baseline, input=self.input, python=self.python, comparisons=tuple(self.comparisons),
        )  # fmt: skip

    def excludes(self, path: str) -> bool:
        """Whether a file in a directory is skipped."""
        return self.configuration is not None and self.configuration.excludes(path)

    @property
    def lock_file(self) -> str | None:
        """The lock file of the configuration, or the usual one beside it."""
        if self.configuration is None:
            return None
        from convcalc.limits.lock import NAME  # needed only with a lock file

        return os.path.relpath(self.configuration.lock or os.path.join(self.configuration.folder, NAME))

    @property
    def accepted_file(self) -> str | None:
        """The file of accepted findings of the configuration."""
        found = None if self.configuration is None else self.configuration.accepted
        return None if found is None else os.path.relpath(found)

    def refuse_unmet(self, files: Sequence[FileResult]) -> None:
        """Raise UsageError for a limit of the command line whose layer no network of the run has."""
        built = [checked for checked in files if checked.targets]
        for limit in self.limits if built else ():
            if limit.layer and all(limit.subject in {one.subject for one in each.unmet} for each in built):
                help = "`convcalc count` lists the layers; * matches any part of a name"
                raise UsageError(f"{limit.origin}: no network has a layer `{limit.layer}`", help)
