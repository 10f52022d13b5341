"""`convcalc check`: validates, lints, and verifies expectations; for CI."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from convcalc.checking import formats
from convcalc.checking.discovery import PathToCheck, discover
from convcalc.checking.formats import Options
from convcalc.checking.results import FAIL_ON, FAILED, FileResult, Results
from convcalc.checking.runner import SettingsFor, check_files
from convcalc.checking.settings import RunSettings
from convcalc.cli.accepting import accept_in_file, accept_options, accepting_file, show_accepted
from convcalc.cli.complete import complete_file, complete_rules
from convcalc.cli.holding import holding_options, run_settings
from convcalc.cli.locking import lock_options, locking, update
from convcalc.cli.options import python_option
from convcalc.cli.output import format_option, output_option, write
from convcalc.cli.progress import watched
from convcalc.cli.terminal import style_for, width_of
from convcalc.errors import UsageError
from convcalc.lint.rules import RULES, check_names
from convcalc.problems import Problem
from convcalc.render.formats import format_of_file

if TYPE_CHECKING:
    from convcalc.checking.accepting import Accepting
    from convcalc.checking.locking import Locking
    from convcalc.cli.fixing import Change

EPILOG = """\b
Examples:
  convcalc check
  convcalc check net.yaml specs/
  convcalc check 'models/**/*.yaml' --ignore dropped-rows
  convcalc check net.yaml --max-params 5M --budget 'conv1.receptive_field >= 7'
  convcalc check specs/ --baseline main --max-growth params=2%
  convcalc check --accept --diff
  convcalc check net.yaml --against 'pytorch:mypkg.models:Net' --input 3x224x224
  convcalc check net.yaml --weights model.safetensors
"""
# The endings of the files of each format; a format without one is named by --format.
SUFFIXES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(formats.FORMATS, ()),
    "text": (".txt",), "json": (".json",), "sarif": (".sarif",), "junit": (".xml",),
}  # fmt: skip


@click.command(epilog=EPILOG)
@click.argument("paths", metavar="[PATH]...", nargs=-1, shell_complete=complete_file)
@click.option("--select", metavar="RULE,RULE", help="Run only these lint rules; `all` for every one.",
              shell_complete=complete_rules)  # fmt: skip
@click.option("--ignore", metavar="RULE,RULE", help="Leave out these lint rules.", shell_complete=complete_rules)
@click.option("--fail-on", type=click.Choice(FAIL_ON),
              help="The least severity of a finding that makes the exit code 1; by default warning.")  # fmt: skip
@holding_options
@lock_options
@accept_options
@click.option("--against", metavar="[VARIANT=]TARGET", multiple=True,
              help="Compare the layers with those of the code, or of any network: pytorch:mypkg:Net.")  # fmt: skip
@click.option("--weights", metavar="[VARIANT=]FILE", multiple=True,
              help="Compare the file with the tensors of a checkpoint: .safetensors, .pth, .keras.")  # fmt: skip
@click.option("--input", metavar="SHAPE", help="The input of a network of another format: 3x224x224.")
@python_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes at a time; by default chosen by the number of files.",
)
@click.option("--fix", is_flag=True, help="Write the fixes of the findings into the files, and check again.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what --fix or --accept would change, and change nothing.")
@click.option("--only-specs", is_flag=True,
              help="Pass over named files that are not specs or are excluded, as in a directory.")  # fmt: skip
@click.option(
    "-v", "--verbose", is_flag=True, help="Also list files without findings, and files passed over, with the reason."
)
@click.option("-q", "--quiet", is_flag=True, help="Print findings and nothing else.")
@format_option(formats.FORMATS, "text; in a job of GitHub, github")
@output_option(".json or .sarif")
def command(
    paths: tuple[str, ...],
    select: str | None,
    ignore: str | None,
    locked: bool,
    update_lock: bool,
    lock_file: str | None,
    accept: bool,
    accepted: str | None,
    jobs: int | None,
    fix: bool,
    as_diff: bool,
    only_specs: bool,
    verbose: bool,
    quiet: bool,
    format_: str | None,
    output: str | None,
    **holding: Any,
) -> int:
    """Validate spec files, run the lint rules on them, and verify their expectations and budgets.

    A PATH is a file, a directory that is searched for specs, a quoted pattern, or - for standard input; without a PATH
    the working directory is searched. The file and all its variants are checked. A file of another format, such as
    ONNX, is checked as the spec that `convcalc import` makes of it, if it is named by itself. Every total has options
    --max-FIGURE and --min-FIGURE, as in --max-flops 2G.

    Exit code 0: no finding that fails the run; 1: such a finding; 2: a file that cannot be read as a spec; 3: a bug of
    convcalc.
    """
    _refuse_contradictions({"--fix": fix, "--accept": accept}, {"--quiet": quiet, "--verbose": verbose})
    paths = paths or (os.curdir,)
    settings = run_settings(paths, None if select is None else _rules(select), _rules(ignore or ""), **holding)
    lock = locking(lock_file or settings.lock_file, paths, locked=locked, update=update_lock)
    accepting = accepting_file(accepted or settings.accepted_file, paths, update=accept)
    change = _change(fix or (as_diff and not accept), accept and accepting is None)
    settings_for = settings.settings_for if accepting is None else accepting.settings_for(settings.settings_for)
    if as_diff and lock is not None:
        raise UsageError("--diff cannot be used with a lock file", "leave out one of the two")
    if change is not None and (as_diff or "-" in paths):
        from convcalc.cli.fixing import show  # changing files is an option

        return show(
            change, paths, settings_for, jobs, as_diff=as_diff, output=output, only_specs=only_specs,
            is_excluded=settings.excludes, fail_on=settings.fail_on,
        )  # fmt: skip
    if lock is not None:
        settings_for = lock.settings_for(settings_for)
    files = _checked(discover(paths, only_specs, settings.excludes), settings_for, jobs, change, quiet)
    if accept and accepting is not None:
        if as_diff:
            return show_accepted(accepting, files, output)
        accept_in_file(accepting, files, quiet)
    results = Results(files, _of_run(files, lock if locked else None, accepting, settings), settings.fail_on)
    if not only_specs and results.exit_code != FAILED:
        settings.refuse_unmet(files)
    _print(results, format_ or _usual_format(output), output, _Printing(verbose, quiet, offer_fixes=not fix))
    if not results.checked and not only_specs and not quiet:
        _warn_of_nothing(results)
    if update_lock and lock is not None:
        update(lock, files, quiet)
    return results.exit_code


class _Printing(NamedTuple):
    """How much is printed."""

    verbose: bool
    quiet: bool
    offer_fixes: bool


def _refuse_contradictions(*groups: dict[str, bool]) -> None:
    """Raise UsageError where two options of a group are given: they contradict each other."""
    for group in groups:
        given = [name for name, is_given in group.items() if is_given]
        if len(given) > 1:
            raise UsageError(f"{' and '.join(given)} contradict each other", "give one of the two")


def _change(fix: bool, comment: bool) -> Change | None:
    """What is done about the findings in the files."""
    if not fix and not comment:
        return None
    from convcalc.cli.fixing import ACCEPT, FIX  # changing files is an option

    return FIX if fix else ACCEPT


def _checked(
    files: Sequence[PathToCheck], settings_for: SettingsFor, jobs: int | None, change: Change | None, quiet: bool
) -> list[FileResult]:
    """The findings of each file; with a change, those that remain after it."""
    results = check_files(files, settings_for, jobs)
    checked = list(results if quiet else watched(results, len(files), "files"))
    if change is None:
        return checked
    from convcalc.cli.fixing import change_files  # as above

    return change_files(change, files, checked, settings_for, quiet)


def _of_run(
    files: Sequence[FileResult], lock: Locking | None, accepting: Accepting | None, settings: RunSettings
) -> list[Problem]:
    """The problems of the run itself: entries of other files about specs that are gone, or findings that are."""
    problems = [] if lock is None else lock.missing(files)
    if accepting is not None and not accepting.update:
        problems += accepting.unused(files, settings.settings_for(accepting.file.path).severities)
    return problems


def _print(results: Results, format: str, output: str | None, how: _Printing) -> None:
    options = Options(verbose=how.verbose, quiet=how.quiet, offer_fixes=how.offer_fixes)
    if output is None:
        options = replace(options, style=style_for(sys.stdout), width=width_of(sys.stdout))
    write(formats.chunks(format, results, options), output)
    if format == "github":
        _tell_github(results)


def _usual_format(output: str | None) -> str:
    """The default format: that of the file's ending, annotations in a job of GitHub, else text."""
    named = None if output is None else format_of_file(output, SUFFIXES)
    if named is not None:
        return named
    in_job = os.environ.get("GITHUB_ACTIONS") == "true" and output is None and not sys.stdout.isatty()
    return "github" if in_job else "text"


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


def _rules(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return list(RULES) if names == ["all"] else check_names(names)
