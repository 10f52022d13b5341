"""The options of `convcalc check` for the lock file: to compare with it, or to update it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from convcalc.cli.output import write
from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.checking.locking import Locking
    from convcalc.checking.results import FileResult

F = TypeVar("F", bound=Callable[..., Any])


def lock_options(function: F) -> F:
    """--locked, --update-lock, --lock-file."""
    options = [
        click.option("--locked", is_flag=True, help="Compare all figures with the lock file."),
        click.option("--update-lock", is_flag=True, help="Write the figures of these files into the lock file."),
        click.option("--lock-file", metavar="FILE", help="The lock file; by default convcalc.lock."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def locking(path: str | None, paths: Sequence[str], *, locked: bool, update: bool) -> Locking | None:
    """The lock file where --locked or --update-lock is given. Raises UsageError where both are."""
    if locked and update:
        raise UsageError("--locked and --update-lock contradict each other", "give one of them")
    if not locked and not update:
        return None
    from convcalc.checking.locking import Locking  # loaded only for a run with a lock file
    from convcalc.limits.lock import NAME

    return Locking(path or NAME, paths, update=update)


def update(locking: Locking, files: Sequence[FileResult], quiet: bool) -> None:
    """Write the lock file if something changed, and print the changes on stderr. Raises UsageError where that fails."""
    text, lines = locking.update_figures(files)
    source = locking.lock.source
    if source is None or source.text != text:
        write(text, locking.lock.path)
    sys.stderr.writelines(f"{line}\n" for line in lines if not quiet)
