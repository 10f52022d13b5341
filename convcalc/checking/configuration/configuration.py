"""A configuration: its rules and budgets for each file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from convcalc.checking.configuration.figures import Budget
from convcalc.checking.configuration.patterns import Patterns
from convcalc.checking.configuration.rules import RuleOptions
from convcalc.checking.results import OFF
from convcalc.checking.settings import Comparison
from convcalc.limits.growth import Growth
from convcalc.limits.limit import Limit
from convcalc.lint.comparisons import OPTIONS
from convcalc.lint.rules import RULES


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """The choice of rules in one table. `select` is None where the table does not set it.

    A rule runs too if the table gives it a severity, and it does not run if that is OFF.
    """

    select: tuple[str, ...] | None
    extend: tuple[str, ...]
    ignore: tuple[str, ...]
    severities: dict[str, str]

    def apply(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        """The rules to run, after this choice is applied to the given ones."""
        named = [name for name in self.severities if name in RULES]
        chosen = dict.fromkeys((*(rules if self.select is None else self.select), *self.extend, *named))
        return tuple(name for name in chosen if name not in self.ignore and self.severities.get(name) != OFF)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a configuration for some paths, or for all paths where `paths` is None."""

    paths: Patterns | None
    rules: RuleChoice
    budgets: list[Budget]
    options: RuleOptions


def _part(paths: Patterns | None, read: dict[str, Any]) -> Part:
    rules = RuleChoice(
        read.get("select"), read.get("extend-select", ()), read.get("ignore", ()), read.get("severity", {})
    )
    return Part(paths, rules, read.get("budgets", []), read.get("options", {}))


class Configuration:
    """The configuration of one file. Its patterns are relative to `folder`."""

    __slots__ = ("folder", "parts", "exclude", "baseline", "growths", "lock", "accepted", "fail_on", "compared")

    def __init__(self, folder: str, read: dict[str, Any]) -> None:
        self.folder = os.path.realpath(folder)
        self.parts = [_part(None, read), *(_part(part.get("paths"), part) for part in read.get("per-path", []))]
        self.exclude: Patterns = read.get("exclude", Patterns(()))
        self.baseline: str | None = read.get("baseline")
        self.growths: list[Growth] = list(read.get("growth", {}).values())
        self.lock: str | None = os.path.join(folder, read["lock"]) if "lock" in read else None
        self.accepted: str | None = os.path.join(folder, read["accepted"]) if "accepted" in read else None
        self.fail_on: str | None = read.get("fail-on")
        self.compared = {rule: read.get(option[2:], {}) for rule, option in OPTIONS.items()}

    def path_of(self, file: str) -> str:
        """The path of a file relative to the folder, with forward slashes."""
        folder, name = os.path.split(os.path.abspath(file))
        return os.path.relpath(os.path.join(os.path.realpath(folder), name), self.folder).replace(os.sep, "/")

    def excludes(self, file: str) -> bool:
        return bool(self.exclude.written) and self.exclude.match(self.path_of(file))

    def rules(self, file: str, rules: tuple[str, ...]) -> tuple[str, ...]:
        """The rules to run on a file; `rules` are the default set."""
        for part in self._parts_of(self.path_of(file)):
            rules = part.rules.apply(rules)
        return rules

    def severities(self, file: str) -> dict[str, str]:
        """The severity of the findings of each rule in a file, where it is set."""
        found: dict[str, str] = {}
        for part in self._parts_of(self.path_of(file)):
            found.update(part.rules.severities)
        return found

    def options(self, file: str) -> RuleOptions:
        """The options of each rule for a file, as keyword arguments, where they are set."""
        found: RuleOptions = {}
        for part in self._parts_of(self.path_of(file)):
            for rule, options in part.options.items():
                found[rule] = {**found.get(rule, {}), **options}
        return found

    def comparisons(self, file: str) -> list[Comparison]:
        """What a file and its variants are compared with. A path of a target is relative to the folder."""
        path, found = self.path_of(file), []
        for rule, targets in self.compared.items():
            for name, target in targets.items():
                spec, at, variant = name.rpartition("@")
                beside = os.path.join(self.folder, target)
                if (spec if at else name) == path:
                    place = os.path.relpath(beside) if os.path.exists(beside) else target
                    found.append(Comparison(rule, variant if at else None, place))
        return found

    def limits(self, file: str) -> list[Limit]:
        path = self.path_of(file)
        return [
            limit
            for part in self._parts_of(path)
            for budget in part.budgets
            if budget.paths is None or budget.paths.match(path)
            for limit in budget.limits
        ]

    def _parts_of(self, path: str) -> list[Part]:
        return [part for part in self.parts if part.paths is None or part.paths.match(path)]
