"""`convcalc check --fix` and `--diff`: the fixes of findings written to the files, or shown."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from convcalc import shipped
from convcalc.arith.units import count_of
from convcalc.checking.check_file import failed_result
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
from convcalc.render.diagnostics import render_problems
from convcalc.render.style import Style, plain_style
from convcalc.render.unified import unified_diff
from convcalc.text.document import BYTE_ORDER_MARK
from convcalc.text.files import STDIN, display_path, read_stdin
from convcalc.text.source import Source


@dataclass(slots=True)
class Fixes:
    """The result of the fixes of some files: each text before and after, and the findings of each file afterwards."""

    checked: list[FileResult] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)  # name, before, after
    problems: int = 0
    notes: list[str] = field(default_factory=list)  # why a file was not fixed

    def add(self, name: str, before: str, fixed: FixResult) -> None:
        self.checked.append(fixed.checked)
        if fixed.count:
            self.texts.append((name, before, fixed.text))
            self.problems += fixed.count

    def summary(self, verb: str) -> str:
        """`fixed 3 problems in 2 files`, after the notes."""
        problems, files = count_of(self.problems, "problem"), count_of(len(self.texts), "file")
        return "".join(f"{note}\n" for note in self.notes) + f"{verb} {problems} in {files}\n"

    def diff(self, style: Style) -> Iterator[str]:
        """The change of every file as unified differences."""
        for name, before, after in self.texts:
            yield from unified_diff(name, before, after, style)


def fix_files(
    files: Sequence[PathToCheck], checked: Sequence[FileResult], settings_for: SettingsFor
) -> list[FileResult]:
    """Write the fixes into the files, and print their number. Gives the findings of each file afterwards."""
    fixes = _of_files(files, checked, settings_for, write=True)
    sys.stderr.write(fixes.summary("fixed"))
    return fixes.checked


def show(
    paths: Sequence[str],
    settings_for: SettingsFor,
    jobs: int | None,
    *,
    as_diff: bool,
    output: str | None,
    only_specs: bool,
    is_excluded: Callable[[str], bool],
) -> int:
    """Print the fixes of files as differences, or of standard input as differences or as the whole text.

    The exit code of differences is 1 where there are some, 2 where a file cannot be read and 3 for a bug. Otherwise it
    is that of the remaining findings, which go to standard error.
    """
    style = style_for(sys.stdout) if output is None else plain_style
    if STDIN in paths:
        if len(paths) > 1:
            raise UsageError(
                "standard input cannot be fixed together with files", "call check separately for the files"
            )
        source = read_stdin()
        fixed = fix_text(source.text, lambda text: Source(source.name, text, STDIN), settings_for(STDIN))
        fixes = Fixes()
        fixes.add(source.name, source.text, fixed)
        write(fixes.diff(style) if as_diff else fixed.text, output)
    else:
        files = discover(paths, only_specs, is_excluded)
        fixes = _of_files(files, list(check_files(files, settings_for, jobs)), settings_for, write=False)
        write(fixes.diff(style), output)
    results = Results(fixes.checked)
    if as_diff:
        sys.stderr.write(fixes.summary("would fix"))
        if results.exit_code == FAILED:
            bugs = [problem for problem in results.problems if problem.rule == BUG]
            sys.stderr.write(render_problems(bugs, style_for(sys.stderr)))
        if results.exit_code in (BROKEN, FAILED):
            return results.exit_code
        return FOUND if fixes.texts else FINE
    sys.stderr.writelines(chunks("text", results, Options(style_for(sys.stderr), offer_fixes=False)))
    sys.stderr.write(fixes.summary("fixed"))
    return results.exit_code


def _of_files(
    files: Sequence[PathToCheck], checked: Sequence[FileResult], settings_for: SettingsFor, *, write: bool
) -> Fixes:
    fixes = Fixes()
    for found, each in zip(files, checked):
        if each.is_broken or not any(problem.fix for problem in each.problems):
            fixes.checked.append(each)
        elif shipped.is_installed(found.path):
            fixes.checked.append(each)
            fixes.notes.append(f"{each.name} is shipped with convcalc and is not changed: copy it first")
        else:
            try:
                _fix_file(fixes, found.path, each, settings_for(found.path), write)
            except (UsageError, OSError):
                raise
            except Exception as error:
                each.problems += failed_result(each.name, error).problems
                fixes.checked.append(each)
    return fixes


def _fix_file(fixes: Fixes, path: str, checked: FileResult, settings: Settings, write: bool) -> None:
    name = display_path(path)
    data = _bytes(path)
    try:
        before = data.decode()
    except UnicodeDecodeError:  # it was text when it was checked
        fixed = None
    else:
        fixed = fix_text(before, lambda text: Source(name, text.removeprefix(BYTE_ORDER_MARK), path), settings)
    if fixed is None or (fixed.count and write and not _rewritten(path, data, fixed.text)):
        fixes.checked.append(checked)
        fixes.notes.append(f"{name} changed during the check, and is not fixed: run check again")
    else:
        fixes.add(name, before, fixed)


def _rewritten(path: str, before: bytes, text: str) -> bool:
    """Write a whole file with its permissions; a link stays a link. False where the file changed since it was read."""
    target = os.path.realpath(path)
    try:
        if _bytes(target) != before:
            return False
        replace_file((text,), target, stat.S_IMODE(os.stat(target).st_mode))
    except OSError as error:
        raise UsageError(
            f"{display_path(path)} cannot be written: {error.strerror}", "`--diff` shows the fixes"
        ) from None
    return True


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
