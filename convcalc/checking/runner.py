"""Many files: found, checked side by side where that pays, told in the order in which they were found."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence

from convcalc.checking.discovery import Found
from convcalc.checking.file import Checked, check_source
from convcalc.checking.recognition import why_no_spec
from convcalc.checking.settings import Settings
from convcalc.errors import SpecError, UsageError
from convcalc.problems import Problem, Where
from convcalc.targets import names
from convcalc.text.files import STDIN, STDIN_NAME, display, read_file, read_stdin

# A second process takes a tenth of a second to set up: what some dozens of files take.
MIN_FILES_PER_PROCESS = 24
FILES_AT_A_TIME = 8
MAX_PROCESSES = 61  # of a pool, on Windows
# The command line has turned the search for garbage off; so many objects take some tens of megabytes.
MAX_GARBAGE = 200_000

SettingsFor = Callable[[str], Settings]


def check_files(files: Sequence[Found], settings_for: SettingsFor, processes: int | None = None) -> Iterator[Checked]:
    """What is found in each file, in their order. `processes` None: as many as pay.

    Raises UsageError where one of the processes was ended from outside.
    """
    tasks = [(each, settings_for(each.path)) for each in files]
    count = _processes(len(tasks)) if processes is None else min(processes, MAX_PROCESSES, len(tasks))
    if count < 2 or any(each.path == STDIN for each in files):
        yield from map(_checked, tasks)
    else:
        yield from _side_by_side(tasks, count)


def _processes(files: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, MAX_PROCESSES, files // MIN_FILES_PER_PROCESS))


def _side_by_side(tasks: Sequence[tuple[Found, Settings]], count: int) -> Iterator[Checked]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children

    with ProcessPoolExecutor(count, initializer=_follow_parent) as pool:
        try:
            yield from pool.map(_checked, tasks, chunksize=FILES_AT_A_TIME)
        except BrokenProcessPool:
            help = "the machine may have run out of memory; `--jobs 1` checks the files one after another"
            raise UsageError("a process that checked files was ended from outside", help) from None
        except BaseException:
            # Nobody waits for what is not read any more: Ctrl-C, or a reader that has gone.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.terminate()
            raise


def _follow_parent() -> None:
    """Leave Ctrl-C to the first process, and end with it however it ends."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None, "only processes of the pool are prepared"

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def _checked(task: tuple[Found, Settings]) -> Checked:
    checked = _check(*task)
    if gc.get_count()[0] > MAX_GARBAGE:
        gc.collect()  # so that a thousand files take no more memory than some dozens
    return checked


def _check(found: Found, settings: Settings) -> Checked:
    path = found.path
    name = STDIN_NAME if path == STDIN else display(path)
    if found.unreadable:
        message = f"the directory cannot be read: {found.unreadable}"
        return Checked(name, [Problem("unreadable-file", message, Where(name))], {})
    reason = "" if found.named or path == STDIN else why_no_spec(path)
    if reason:
        checked = Checked(name, [], {})
        checked.passed_over = reason
        return checked
    try:
        source = read_stdin() if path == STDIN else read_file(path, names.short_names)
    except SpecError as error:
        for problem in error.problems:
            problem.where.file = name
        return Checked(name, error.problems, {})
    return check_source(source, settings)
