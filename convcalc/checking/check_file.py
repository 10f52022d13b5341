"""Reads and checks one file of a run, and reports a bug of convcalc."""

from __future__ import annotations

import os
import sys
from traceback import print_exception
from typing import NamedTuple

from convcalc import garbage
from convcalc.bugs import HELP, TRACEBACK, bug_message
from convcalc.checking.check_foreign import check_foreign
from convcalc.checking.check_source import check_source
from convcalc.checking.discovery import PathToCheck
from convcalc.checking.results import BUG, FileResult
from convcalc.checking.settings import Settings
from convcalc.checking.spec_detection import why_no_spec
from convcalc.errors import SpecError, UsageError
from convcalc.importers import PYTORCH, is_foreign
from convcalc.problems import Problem, Where
from convcalc.targets import names
from convcalc.targets.find import is_model_file
from convcalc.text.files import STDIN, STDIN_NAME, display_path, read_file, read_stdin


class Task(NamedTuple):
    """One file and its settings."""

    file: PathToCheck
    settings: Settings

    @property
    def name(self) -> str:
        """The name of the file in messages."""
        if self.file.path == STDIN or self.file.path.startswith(PYTORCH):
            return STDIN_NAME if self.file.path == STDIN else self.file.path
        return display_path(self.file.path)


def check_file(task: Task) -> FileResult:
    """The findings in one file, or the bug of convcalc. Raises UsageError and OSError, which concern the run."""
    try:
        checked = _check(task)
    except (UsageError, OSError):
        raise
    except Exception as error:
        checked = failed_result(task.name, error)
    garbage.collect_between_files()
    return checked


def failed_result(name: str, error: Exception) -> FileResult:
    """The result for a file on which convcalc failed. An environment variable turns the traceback on."""
    if os.environ.get(TRACEBACK):
        print_exception(error, file=sys.stderr)
    return FileResult(name, [Problem(BUG, bug_message(error), Where(name), help=HELP)])


def _check(task: Task) -> FileResult:
    file, name = task.file, task.name
    if file.unreadable:
        message = f"the directory cannot be read: {file.unreadable}"
        return FileResult(name, [Problem("unreadable-file", message, Where(name))])
    if file.named and is_foreign(file.path):
        return check_foreign(file.path, name, task.settings)
    reason = "" if file.named or file.path == STDIN else why_no_spec(file.path)
    if reason:
        return FileResult(name, passed_over=reason)
    try:
        source = read_stdin() if file.path == STDIN else read_file(file.path, names.short_names)
    except SpecError as error:
        for problem in error.problems:
            problem.where = problem.where._replace(file=name)
        return FileResult(name, error.problems)
    if file.named and is_model_file(source.text):
        return check_foreign(file.path, name, task.settings)
    return check_source(source, task.settings)
