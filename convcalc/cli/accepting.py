"""The options of `convcalc check` for accepted findings: to leave them out, or to accept what is found now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from convcalc.checking.results import BROKEN, FAILED, FINE, FOUND, FileResult, Results
from convcalc.cli.output import write
from convcalc.cli.terminal import style_for
from convcalc.render.style import plain_style

if TYPE_CHECKING:
    from convcalc.checking.accepting import Accepting

F = TypeVar("F", bound=Callable[..., Any])


def accept_options(function: F) -> F:
    """--accept, --accepted."""
    options = [
        click.option("--accept", is_flag=True,
                     help="Accept what the lint rules find now, so that only new findings fail: by comments in the"
                     " specs, or in the file of --accepted."),
        click.option("--accepted", metavar="FILE", help="A file of accepted findings, which are left out."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def accepting_file(path: str | None, paths: Sequence[str], *, update: bool) -> Accepting | None:
    """The file of accepted findings, where there is one."""
    if path is None:
        return None
    from convcalc.checking.accepting import Accepting  # loaded only for a run with such a file

    return Accepting(path, paths, update=update)


def accept_in_file(accepting: Accepting, files: Sequence[FileResult], quiet: bool) -> None:
    """Accept the findings of the files, and print what was done on stderr. Raises UsageError where that fails."""
    text, lines = accepting.accept(files)
    source = accepting.file.source
    if source is None or source.text != text:
        write(text, accepting.file.path)
    sys.stderr.writelines(f"{line}\n" for line in lines if not quiet)


def show_accepted(accepting: Accepting, files: Sequence[FileResult], output: str | None) -> int:
    """Print what `accept_in_file` would change, as unified differences.

    The exit code is 1 where there is a change, and 2 where a file cannot be read.
    """
    from convcalc.render.unified import unified_diff  # an option

    text, lines = accepting.accept(files)
    before = "" if accepting.file.source is None else accepting.file.source.text
    style = style_for(sys.stdout) if output is None else plain_style
    write(unified_diff(accepting.name, before, text, style), output)
    sys.stderr.writelines(f"{line}\n" for line in lines)
    code = Results(files).exit_code
    return code if code in (BROKEN, FAILED) else FOUND if text != before else FINE
