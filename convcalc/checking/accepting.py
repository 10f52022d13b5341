"""The accepted findings of a run of `check`: they are left out of its results, or written anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from convcalc.checking.accepted import AcceptedFile, Findings
from convcalc.checking.recorded import includes, is_text, without_network
from convcalc.checking.results import ACCEPTABLE, UNUSED_ACCEPTED, FileResult, with_severities
from convcalc.checking.settings import Settings
from convcalc.errors import UsageError
from convcalc.problems import WARNING, Problem
from convcalc.text.files import STDIN, display_path, read_file
from convcalc.text.source import Mark

_ON_DIRECTORY = "`convcalc check --accept` on its directory removes its entries"


class Accepting:
    """The file of accepted findings in a run. With `update` it is written anew, and may be missing.

    Raises UsageError where it is missing, SpecError where it is malformed.
    """

    def __init__(self, path: str, paths: Sequence[str], *, update: bool) -> None:
        if update and STDIN in paths:
            raise UsageError("findings in standard input cannot be accepted in a file", "name files or directories")
        self.paths = paths
        self.update = update
        self.name = display_path(path)
        exists = os.path.lexists(path)
        if not exists and not update:
            raise UsageError(f"there is no file {self.name} of accepted findings", "`convcalc check --accept` makes it")
        self.file = AcceptedFile(path, read_file(path, known=tuple) if exists else None)

    def settings_for(self, inner: Callable[[str], Settings]) -> Callable[[str], Settings]:
        """The settings of each file, with its accepted findings; none are left out in a run that writes them anew."""

        def settings(path: str) -> Settings:
            found = {} if self.update else self.file.files.get(self.file.names.name_of(path), {})
            sets = {rule: frozenset(places) for rule, places in found.items()}
            return inner(path) if path == STDIN else inner(path).with_accepted(sets)

        return settings

    def unused(self, files: Sequence[FileResult], severities: Mapping[str, str]) -> list[Problem]:
        """A finding for each accepted one that no longer exists, in the files of the run."""
        problems = [
            self._problem(
                f"{display_path(path)} has accepted findings, but {reason}", self.file.file_marks[name], _ON_DIRECTORY
            )
            for name, reason in without_network(self.file.files, self.file.names, files).items()
            if includes(self.paths, path := self.file.names.path_of(name))
        ]
        for checked in files:
            if not checked.is_broken and not checked.passed_over:
                problems += self._unused_in(checked)
        problems.sort(key=lambda problem: problem.where)
        return with_severities(problems, severities)

    def _unused_in(self, checked: FileResult) -> Iterator[Problem]:
        """The accepted findings of a file that its check did not find. Rules that did not run may still find theirs."""
        name = self.file.names.name_of(checked.name)
        for rule, places in self.file.files.get(name, {}).items():
            if rule in ACCEPTABLE and rule not in checked.places:
                continue
            found = frozenset(checked.places.get(rule, ()))
            for place in places:
                if place not in found:
                    message = f"{rule} of {place} in {checked.name} is accepted, but no longer found"
                    help = f"`convcalc check --accept {checked.name}` removes the entry"
                    yield self._problem(message, self.file.marks[name, rule, place], help)

    def _problem(self, message: str, mark: Mark, help: str) -> Problem:
        assert self.file.source is not None  # its entries were read from it
        return self.file.source.problem(UNUSED_ACCEPTED, message, mark, help=help, severity=WARNING)

    def accept(self, files: Sequence[FileResult]) -> tuple[str, list[str]]:
        """Accept all findings of rules and comparisons: the text of the file, and what was done, one line each."""
        before = {(name, *each) for name, findings in self.file.files.items() for each in _flat(findings)}
        lines = []
        for name in without_network(self.file.files, self.file.names, files):
            del self.file.files[name]
        for checked in files:
            name = self.file.names.name_of(checked.name)
            if checked.is_broken:
                lines.append(f"{checked.name} is broken: its findings are not accepted")
            elif not is_text(name):
                lines.append(f"{name.encode(errors='replace').decode()} has a name that is not text")
            elif not checked.passed_over:
                self._accept_in(name, checked)
        after = {(name, *each) for name, findings in self.file.files.items() for each in _flat(findings)}
        added, removed = len(after - before), len(before - after)
        lines.append(f"{self.name}: {added:,} added, {removed:,} removed, {len(after):,} in all")
        return self.file.text(), lines

    def _accept_in(self, name: str, checked: FileResult) -> None:
        """Replace the accepted findings of a file; those of rules that did not run stay."""
        old = self.file.files.pop(name, {})
        kept = {rule: places for rule, places in old.items() if rule in ACCEPTABLE and rule not in checked.places}
        found = {rule: list(dict.fromkeys(places)) for rule, places in checked.places.items() if places}
        if kept or found:
            self.file.files[name] = {**kept, **found}
        accepted = [problem for problem in checked.problems if problem.rule in ACCEPTABLE]
        checked.problems = [problem for problem in checked.problems if problem.rule not in ACCEPTABLE]
        checked.accepted = len(accepted)


def _flat(findings: Findings) -> list[tuple[str, str]]:
    return [(rule, place) for rule, places in findings.items() for place in places]
