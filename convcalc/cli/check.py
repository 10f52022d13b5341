"""`convcalc check`: validates, lints, and verifies expectations; for CI."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from convcalc.checking import formats
from convcalc.checking.discovery import discover
from convcalc.checking.formats import Options
from convcalc.checking.results import FAILED, FileResult, Results
from convcalc.checking.runner import check_files
from convcalc.checking.settings import RunSettings
from convcalc.cli.complete import complete_rules
from convcalc.cli.holding import holding_options, run_settings
from convcalc.cli.locking import lock_options, locking, update
from convcalc.cli.options import python_option
from convcalc.cli.output import write
from convcalc.cli.progress import watched
from convcalc.cli.terminal import style_for, width_of
from convcalc.errors import UsageError
from convcalc.lint.rules import RULES, check_names
from convcalc.render.formats import format_of_file

if TYPE_CHECKING:
    from convcalc.checking.locking import Locking

EPILOG = """\b
Examples:
  convcalc check specs/
  convcalc check net.yaml
  convcalc check 'models/**/*.yaml' --ignore dropped-rows
  convcalc check net.yaml --max-params 5M --budget 'conv1.receptive_field >= 7'
  convcalc check specs/ --baseline main --max-growth params=2%
"""
# The endings of the files of each format; a format without one is named by --format.
SUFFIXES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(formats.FORMATS, ()),
    "text": (".txt",), "json": (".json",), "sarif": (".sarif",), "junit": (".xml",),
}  # fmt: skip


@click.command(epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--select", metavar="RULE,RULE", help="Run only these lint rules; `all` for every one.",
              shell_complete=complete_rules)  # fmt: skip
@click.option("--ignore", metavar="RULE,RULE", help="Leave out these lint rules.", shell_complete=complete_rules)
@holding_options
@lock_options
@click.option("--input", metavar="SHAPE", help="The input of a network of another format: 3x224x224.")
@python_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes at a time; by default chosen by the number of files.",
)
@click.option("--fix", is_flag=True, help="Write the fixes of the findings into the files, and check again.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.option("--only-specs", is_flag=True,
              help="Pass over named files that are not specs or are excluded, as in a directory.")  # fmt: skip
@click.option(
    "-v", "--verbose", is_flag=True, help="Also list files without findings, and files passed over, with the reason."
)
@click.option("--format", "format_", type=click.Choice(formats.FORMATS),
              help="The format. By default that of --output, or text; in a job of GitHub, github.")  # fmt: skip
@click.option("--output", metavar="FILE",
              help="Write to a file; its ending chooses the format, such as .json or .sarif.")  # fmt: skip
def command(
    paths: tuple[str, ...],
    select: str | None,
    ignore: str | None,
    locked: bool,
    update_lock: bool,
    lock_file: str | None,
    jobs: int | None,
    fix: bool,
    as_diff: bool,
    only_specs: bool,
    verbose: bool,
    format_: str | None,
    output: str | None,
    **holding: Any,
) -> int:
    """Validate spec files, run the lint rules on them, and verify their expectations and budgets.

    A PATH is a file, a directory that is searched for specs, a quoted pattern, or - for standard input. The file and
    all its variants are checked. A file of another format, such as ONNX, is checked as the spec that `convcalc import`
    makes of it, if it is named by itself. Every total has options --max-FIGURE and --min-FIGURE, as in --max-flops 2G.

    Exit code 0: nothing found; 1: findings; 2: a file that cannot be read as a spec; 3: a bug of convcalc.
    """
    settings = run_settings(paths, None if select is None else _rules(select), _rules(ignore or ""), **holding)
    lock = locking(lock_file or settings.lock_file, paths, locked=locked, update=update_lock)
    if as_diff or (fix and "-" in paths):
        from convcalc.cli.fixing import show  # fixing is an option

        if lock is not None:
            raise UsageError("--diff cannot be used with a lock file", "leave out one of the two")
        return show(
            paths, settings.settings_for, jobs, as_diff=as_diff, output=output, only_specs=only_specs,
            is_excluded=settings.excludes,
        )  # fmt: skip
    format_ = format_ or _usual_format(output)
    files = _checked(paths, settings, jobs, fix, only_specs, lock)
    results = Results(files, lock.missing(files) if locked and lock is not None else ())
    if not only_specs and results.exit_code != FAILED:
        settings.refuse_unmet(files)
    write(formats.chunks(format_, results, _format_options(verbose, output, offer_fixes=not fix)), output)
    if format_ == "github":
        _tell_github(results)
    if not results.checked and not only_specs:
        _warn_of_nothing(results)
    if update_lock and lock is not None:
        update(lock, files)
    return results.exit_code


def _usual_format(output: str | None) -> str:
    """The default format: that of the file's ending, annotations in a job of GitHub, else text."""
    named = None if output is None else format_of_file(output, SUFFIXES)
    if named is not None:
        return named
    in_job = os.environ.get("GITHUB_ACTIONS") == "true" and output is None and not sys.stdout.isatty()
    return "github" if in_job else "text"


def _format_options(verbose: bool, output: str | None, offer_fixes: bool) -> Options:
    if output is not None:
        return Options(verbose=verbose, offer_fixes=offer_fixes)
    return Options(style_for(sys.stdout), verbose, width_of(sys.stdout), offer_fixes)


def _warn_of_nothing(results: Results) -> None:
    """Warn on standard error that no spec was found: the name of a directory may be wrong."""
    count = len(results.passed_over)
    among = f" among {count:,} YAML {'file' if count == 1 else 'files'}; --verbose shows why" if count else ""
    sys.stderr.write(f"{style_for(sys.stderr)('warning', 'warning')}: no spec was found{among}\n")


def _tell_github(results: Results) -> None:
    """Append the findings to the summary of the job, if it has one. Errors are ignored: the log has all findings."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from convcalc.checking.formats.github import job_summary  # loaded only in a job of GitHub Actions

    text = "".join(job_summary(results)).encode("utf-8", errors="replace")
    with suppress(OSError):
        # One write at the end of the file: other processes may write to it too.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(handle, text)
        finally:
            os.close(handle)


def _checked(
    paths: tuple[str, ...], settings: RunSettings, jobs: int | None, fix: bool, only_specs: bool, lock: Locking | None
) -> list[FileResult]:
    files = discover(paths, only_specs, settings.excludes)
    settings_for = settings.settings_for if lock is None else lock.settings_for(settings.settings_for)
    checked = list(watched(check_files(files, settings_for, jobs), len(files), "files"))
    if not fix:
        return checked
    from convcalc.cli.fixing import fix_files  # fixing is an option

    return fix_files(files, checked, settings_for)


def _rules(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return list(RULES) if names == ["all"] else check_names(names)
