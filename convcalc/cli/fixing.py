"""`convcalc check --fix`, `--accept` and `--diff`: the changes of the files written, or shown."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from convcalc import shipped
from convcalc.arith.units import count_of
from convcalc.checking.check_file import failed_result
from convcalc.checking.comments import accept_text, is_acceptable
from convcalc.checking.discovery import PathToCheck, discover
from convcalc.checking.fixing import FixResult, fix_text
from convcalc.checking.formats import Options, chunks
from convcalc.checking.results import BROKEN, BUG, FAILED, FINE, FOUND, FileResult, Results
from convcalc.checking.runner import SettingsFor, check_files
from convcalc.checking.settings import Settings
from convcalc.cli.output import write
from convcalc.cli.terminal import style_for
from convcalc.errors import UsageError
from convcalc.files import replace_file
from convcalc.problems import Problem
from convcalc.render.diagnostics import render_problems
from convcalc.render.style import Style, plain_style
from convcalc.render.unified import unified_diff
from convcalc.text.document import BYTE_ORDER_MARK
from convcalc.text.files import STDIN, display_path, read_stdin
from convcalc.text.source import Source


class Change(NamedTuple):
    """What is done about the findings: `rewrite` gives the text of a file afterwards.

    `applies` is whether it can be done about a finding. The other fields are verbs for messages.
    """

    rewrite: Callable[[str, Callable[[str], Source], Settings], FixResult]
    applies: Callable[[Problem], bool]
    done: str
    would: str


FIX = Change(fix_text, lambda problem: problem.fix is not None, "fixed", "would fix")
ACCEPT = Change(accept_text, is_acceptable, "accepted", "would accept")


@dataclass(slots=True)
class Changes:
    """The result of the changes of some files: each text before and after, and the findings of each file afterwards."""

    checked: list[FileResult] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)  # name, before, after
    problems: int = 0
    notes: list[str] = field(default_factory=list)  # why a file was not changed

    def add(self, name: str, before: str, fixed: FixResult) -> None:
        self.checked.append(fixed.checked)
        if fixed.count:
            self.texts.append((name, before, fixed.text))
            self.problems += fixed.count

    def summary(self, verb: str) -> str:
        """`fixed 3 problems in 2 files`, after the notes; the notes alone without a verb."""
        problems, files = count_of(self.problems, "problem"), count_of(len(self.texts), "file")
        return "".join(f"{note}\n" for note in self.notes) + (f"{verb} {problems} in {files}\n" if verb else "")

    def diff(self, style: Style) -> Iterator[str]:
        """The change of every file as unified differences."""
        for name, before, after in self.texts:
            yield from unified_diff(name, before, after, style)


def change_files(
    change: Change,
    files: Sequence[PathToCheck],
    checked: Sequence[FileResult],
    settings_for: SettingsFor,
    quiet: bool = False,
) -> list[FileResult]:
    """Write the changes into the files, and print their number. Gives the findings of each file afterwards."""
    changes = _of_files(change, files, checked, settings_for, write=True)
    sys.stderr.write(changes.summary("" if quiet else change.done))
    return changes.checked


def show(
    change: Change,
    paths: Sequence[str],
    settings_for: SettingsFor,
    jobs: int | None,
    *,
    as_diff: bool,
    output: str | None,
    only_specs: bool,
    is_excluded: Callable[[str], bool],
    fail_on: str,
) -> int:
    """Print the changes of files as differences, or of standard input as differences or as the whole text.

    The exit code of differences is 1 where there are some, 2 where a file cannot be read and 3 for a bug. Otherwise it
    is that of the remaining findings, which go to standard error.
    """
    style = style_for(sys.stdout) if output is None else plain_style
    if STDIN in paths:
        if len(paths) > 1:
            raise UsageError(
                "standard input cannot be changed together with files", "call check separately for the files"
            )
        source = read_stdin()
        new = change.rewrite(source.text, lambda text: Source(source.name, text, STDIN), settings_for(STDIN))
        changes = Changes()
        changes.add(source.name, source.text, new)
        write(changes.diff(style) if as_diff else new.text, output)
    else:
        files = discover(paths, only_specs, is_excluded)
        changes = _of_files(change, files, list(check_files(files, settings_for, jobs)), settings_for, write=False)
        write(changes.diff(style), output)
    results = Results(changes.checked, fail_on=fail_on)
    if as_diff:
        sys.stderr.write(changes.summary(change.would))
        if results.exit_code == FAILED:
            bugs = [problem for problem in results.problems if problem.rule == BUG]
            sys.stderr.write(render_problems(bugs, style_for(sys.stderr)))
        if results.exit_code in (BROKEN, FAILED):
            return results.exit_code
        return FOUND if changes.texts else FINE
    sys.stderr.writelines(chunks("text", results, Options(style_for(sys.stderr), offer_fixes=False)))
    sys.stderr.write(changes.summary(change.done))
    return results.exit_code


def _of_files(
    change: Change,
    files: Sequence[PathToCheck],
    checked: Sequence[FileResult],
    settings_for: SettingsFor,
    *,
    write: bool,
) -> Changes:
    changes = Changes()
    for found, each in zip(files, checked):
        wanted = [problem for problem in each.problems if change.applies(problem)]
        if each.is_broken or not wanted:
            changes.checked.append(each)
        elif not wanted[0].where.line:
            changes.checked.append(each)
            changes.notes.append(f"{each.name} cannot have comments: accept its findings in a file, --accepted FILE")
        elif shipped.is_installed(found.path):
            changes.checked.append(each)
            changes.notes.append(f"{each.name} is shipped with convcalc and is not changed: copy it first")
        else:
            try:
                _change_file(change, changes, found.path, each, settings_for(found.path), write)
            except (UsageError, OSError):
                raise
            except Exception as error:
                each.problems += failed_result(each.name, error).problems
                changes.checked.append(each)
    return changes


def _change_file(
    change: Change, changes: Changes, path: str, checked: FileResult, settings: Settings, write: bool
) -> None:
    name = display_path(path)
    data = _bytes(path)
    try:
        before = data.decode()
    except UnicodeDecodeError:  # it was text when it was checked
        new = None
    else:
        new = change.rewrite(before, lambda text: Source(name, text.removeprefix(BYTE_ORDER_MARK), path), settings)
    if new is None or (new.count and write and not _rewritten(path, data, new.text)):
        changes.checked.append(checked)
        changes.notes.append(f"{name} changed during the check, and is not {change.done}: run check again")
    else:
        changes.add(name, before, new)


def _rewritten(path: str, before: bytes, text: str) -> bool:
    """Write a whole file with its permissions; a link stays a link. False where the file changed since it was read."""
    target = os.path.realpath(path)
    try:
        if _bytes(target) != before:
            return False
        replace_file((text,), target, stat.S_IMODE(os.stat(target).st_mode))
    except OSError as error:
        raise UsageError(
            f"{display_path(path)} cannot be written: {error.strerror}", "`--diff` shows the changes"
        ) from None
    return True


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
