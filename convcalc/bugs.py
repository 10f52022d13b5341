"""The message for a bug of convcalc."""

from __future__ import annotations

import os
from types import TracebackType

from convcalc import __version__

TRACEBACK = "CONVCALC_TRACEBACK"  # the variable that turns the traceback on
HELP = (
    "report it with the command, the file and the output of `convcalc --version --verbose`;"
    f" {TRACEBACK}=1 in the environment shows the traceback"
)


class ReportedBug(Exception):
    """A bug in another process, or at a known place of the work. Its text is the message."""


def reported(error: BaseException, subject: str) -> ReportedBug:
    """The bug for an unexpected exception, which can go to another process; `subject` is what convcalc worked on."""
    from traceback import format_exception  # only for a bug

    bug = ReportedBug(f"{subject}: {bug_message(error)}")
    bug.add_note("".join(format_exception(error)))
    return bug


def bug_message(error: BaseException) -> str:
    """The message for an unexpected exception: its type, its text, and where it was raised."""
    if isinstance(error, ReportedBug):
        return str(error)
    place: TracebackType | None = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" at {os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}" if place is not None else ""
    return f"this is a bug in convcalc {__version__}: {type(error).__name__}: {error}{where}"
