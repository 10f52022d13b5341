"""The lock file of a run of `check`: it is compared with the figures of the run, or updated."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from convcalc.checking.recorded import includes, is_text, without_network
from convcalc.checking.results import FileResult
from convcalc.checking.settings import Settings
from convcalc.errors import UsageError
from convcalc.limits.lock import RULE, VERSION, Lock, Locked, changes, label
from convcalc.problems import Problem
from convcalc.text.files import STDIN, display_path, read_file


class Locking:
    """The lock file of a run. Raises UsageError where it is missing, SpecError where it is malformed."""

    def __init__(self, path: str, paths: Sequence[str], *, update: bool) -> None:
        if STDIN in paths:
            raise UsageError("standard input cannot be used with a lock file", "name files or directories")
        self.paths = paths
        self.update = update
        self.name = display_path(path)
        exists = os.path.lexists(path)
        if not exists and not update:
            raise UsageError(f"there is no lock file {self.name}", "`convcalc check … --update-lock` makes it")
        self.lock = Lock(path, read_file(path, known=tuple) if exists else None)
        self._written: set[str] = set()  # the files whose figures were updated

    def settings_for(self, inner: Callable[[str], Settings]) -> Callable[[str], Settings]:
        """The settings of each file, with its locked figures."""

        def settings(path: str) -> Settings:
            unlocked = inner(path)
            entries = self.lock.targets.get(self.lock.names.name_of(path), {})
            return unlocked.with_lock(Locked(self.name, entries, self.lock.version, not self.update))

        return settings

    def missing(self, files: Sequence[FileResult]) -> list[Problem]:
        """A finding for each locked file in the paths of the run that no longer has a network."""
        source = self.lock.source
        if source is None:
            return []
        reasons = without_network(self.lock.targets, self.lock.names, files)
        help = "if that is meant, run `convcalc check --update-lock` on its directory"
        return [
            source.problem(RULE, f"{display_path(path)} is locked, but {reason}", self.lock.marks[name], help=help)
            for name, reason in reasons.items()
            if includes(self.paths, path := self.lock.names.path_of(name))
        ]

    def update_figures(self, files: Sequence[FileResult]) -> tuple[str, list[str]]:
        """The updated text of the lock file, and its changes, one line each.

        A file of an older version becomes one of the newest version once all its networks are updated.
        """
        lines: list[str] = []
        for name, reason in without_network(self.lock.targets, self.lock.names, files).items():
            lines += [f"- {label(name, variant)}: {reason}" for variant in self.lock.targets.pop(name)]
        for checked in files:
            if checked.passed_over:
                continue
            name = self.lock.names.name_of(checked.name)
            if checked.is_broken:
                lines.append(f"! {name} is broken: its locked figures stay unchanged")
            elif not is_text(name):
                shown = name.encode(errors="replace").decode()
                lines.append(f"! {shown} has a name that is not text: it is not locked")
            else:
                lines += self._update_file(name, checked)
        if self.lock.version < VERSION and not self.lock.targets.keys() - self._written:
            lines.append(f"{self.name} had version {self.lock.version} and now has version {VERSION}")
            self.lock.version = VERSION
        text = self.lock.text()
        before = "" if self.lock.source is None else self.lock.source.text
        if text == before:
            lines.append(f"{self.name} is unchanged")
        return text, lines

    def _update_file(self, name: str, checked: FileResult) -> Iterator[str]:
        """Put the figures of a file into the lock file, and yield the changes, one line each."""
        old, new = self.lock.targets.get(name, {}), checked.figures
        if new:
            self.lock.targets[name] = new
            self._written.add(name)
        else:
            self.lock.targets.pop(name, None)
        for variant in {**old, **new}:
            if variant not in new:
                yield f"- {label(name, variant)}: there is no such variant"
            elif variant not in old:
                yield f"+ {label(name, variant)}"
            elif changed := changes(old[variant], new[variant], self.lock.version):
                yield f"~ {label(name, variant)}: {', '.join(changed)}"
