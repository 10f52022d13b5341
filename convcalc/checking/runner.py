"""Checks many files, one after another or side by side, and returns the results in the order of the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from convcalc.checking.check_file import Task, check_file
from convcalc.checking.discovery import PathToCheck
from convcalc.checking.results import FileResult
from convcalc.checking.settings import Settings
from convcalc.cores import MAX_PROCESSES, count_cores
from convcalc.text.files import STDIN

# A process starts in a tenth of a second, which is the time for some dozens of files.
MIN_FILES_PER_PROCESS = 24

SettingsFor = Callable[[str], Settings]


def check_files(
    files: Sequence[PathToCheck], settings_for: SettingsFor, processes: int | None = None
) -> Iterator[FileResult]:
    """The findings of each file, in the order of the files.

    With `processes` None the number of processes depends on the number of files.
    A file on which convcalc fails is reported, and the other files are still checked.
    """
    tasks = [Task(each, settings_for(each.path)) for each in files]
    count = _processes(len(tasks)) if processes is None else min(processes, MAX_PROCESSES, len(tasks))
    if count < 2 or any(each.path == STDIN for each in files):
        yield from map(check_file, tasks)
    else:
        from convcalc.checking.workers import check_side_by_side  # needed only for several processes

        yield from check_side_by_side(tasks, count)


def _processes(files: int) -> int:
    return max(1, min(count_cores(), MAX_PROCESSES, files // MIN_FILES_PER_PROCESS))
