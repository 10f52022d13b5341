"""What is asked of each file of a run: what the configuration says and, over it, the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from convcalc.checking.settings import DEFAULT_RULES, Settings
from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.checking.configuration.configuration import Configuration
    from convcalc.checking.file import Checked
    from convcalc.limits.baseline import Baseline
    from convcalc.limits.limit import Limit


class Plan:
    """The settings of every file.

    `select` takes the place of all that the configuration says of rules; `ignore` leaves out rules besides. A limit of
    the command line takes the place of one of the configuration for the same figure and side.
    """

    def __init__(
        self,
        configuration: Configuration | None,
        select: Sequence[str] | None = None,
        ignore: Sequence[str] = (),
        limits: Sequence[Limit] = (),
        baseline: Baseline | None = None,
    ) -> None:
        self.configuration = configuration
        self.select = select
        self.ignore = ignore
        self.limits = list(limits)
        self.baseline = baseline
        self._of_all = None if configuration is not None else self._settings(DEFAULT_RULES, [])

    def settings_for(self, path: str) -> Settings:
        """What is asked of the file at a path."""
        if self._of_all is not None:
            return self._of_all
        assert self.configuration is not None
        return self._settings(self.configuration.rules(path, DEFAULT_RULES), self.configuration.limits(path))

    def _settings(self, rules: Sequence[str], limits: Sequence[Limit]) -> Settings:
        chosen = rules if self.select is None else self.select
        mine = {limit.subject for limit in self.limits}
        others = [limit for limit in limits if limit.subject not in mine]
        return Settings(
            tuple(rule for rule in chosen if rule not in self.ignore), (*self.limits, *others), self.baseline
        )

    def excludes(self, path: str) -> bool:
        """Whether a file that was found in a directory is passed over."""
        return self.configuration is not None and self.configuration.excludes(path)

    @property
    def lock_file(self) -> str | None:
        """The lock file that the configuration names, or the usual one beside it."""
        if self.configuration is None:
            return None
        from convcalc.limits.lock import NAME  # only a run with a lock file pays

        return os.path.relpath(self.configuration.lock or os.path.join(self.configuration.folder, NAME))

    def refuse_unmet(self, files: Sequence[Checked]) -> None:
        """Raise UsageError for a limit of the command line whose layer no network of the run has."""
        looked_at = [checked for checked in files if checked.targets]
        for limit in self.limits if looked_at else ():
            if limit.layer and all(limit.subject in {one.subject for one in each.unmet} for each in looked_at):
                help = "`convcalc count` lists the layers; * stands for any part of a name"
                raise UsageError(f"{limit.origin}: no network has a layer `{limit.layer}`", help)
