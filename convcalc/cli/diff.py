"""`convcalc diff`: the difference between two networks."""

from __future__ import annotations

import os
from typing import Any

import click

from convcalc.cli.complete import complete_target
from convcalc.cli.options import analysed, spec_options
from convcalc.cli.output import Printer, number_option, output_options
from convcalc.errors import SpecError, UsageError
from convcalc.importers import PYTORCH, is_foreign
from convcalc.render.difference_printout import DifferencePrintout
from convcalc.report.difference import Difference
from convcalc.report.report import Report
from convcalc.text.files import SUFFIXES

EPILOG = """\b
Examples:
  convcalc diff resnet50 resnet101
  convcalc diff main:specs/net.yaml specs/net.yaml
  convcalc diff specs/net.yaml
  convcalc diff resnet18 resnet50 --depth 1
  convcalc diff specs/net.yaml --exit-code --format markdown
"""
LAST_COMMIT = "HEAD"


@click.command(epilog=EPILOG)
@click.argument("old", metavar="OLD", shell_complete=complete_target)
@click.argument("new", metavar="[NEW]", required=False, shell_complete=complete_target)
@click.option("--all", "every", is_flag=True, help="A line for each layer that differs in anything.")
@click.option("--depth", type=click.IntRange(min=1), metavar="N",
              help="One line for the layers whose names begin with the same N dotted parts.")  # fmt: skip
@click.option("--exit-code", is_flag=True, help="Exit with 1 where something differs, as git does.")
@spec_options
@number_option
@output_options(DifferencePrintout)
def command(
    old: str,
    new: str | None,
    every: bool,
    depth: int | None,
    exit_code: bool,
    si: bool,
    printer: Printer,
    **options: Any,
) -> int:
    """Layers added, removed and changed from OLD to NEW, and the change of every total.

    Both are TARGETs, such as REV:FILE for a git revision. A single FILE is compared with its last commit.
    Layers are matched by name, then by their place among layers of their type, so that a renamed layer is found.
    """
    if every and depth is not None:
        raise UsageError("--all and --depth exclude each other", "give one of them")
    older, newer = _targets(old, new)
    difference = Difference(
        analysed(older, **options) if new else _last_commit(old, options), analysed(newer, **options)
    )
    printer.show(DifferencePrintout(difference, every, depth, si))
    return 1 if exit_code and not difference.is_empty else 0


def _last_commit(file: str, options: dict[str, Any]) -> Report:
    """The file as it is in the last commit. Raises UsageError where it is in none."""
    try:
        return analysed(f"{LAST_COMMIT}:{file}", **options)
    except UsageError as error:
        reason = error.message
    except SpecError as error:
        if error.problems[0].rule != "unreadable-file" or not os.path.isfile(file.partition("@")[0]):
            raise
        reason = "the last commit does not have it"
    help = f"name two networks: `convcalc diff OLD {file}`"
    raise UsageError(f"a single file is compared with its last commit, and {reason}", help)


def _targets(old: str, new: str | None) -> tuple[str, str]:
    """The two targets; for a single file its version in the last commit, and the file."""
    for target in (old, new or ""):
        layer = target.partition("#")[2]
        if layer:
            raise UsageError("diff takes whole networks", f"try `convcalc compare {target} OTHER#{layer}`")
    if new is not None:
        if old == new == "-":
            raise UsageError("standard input can be read only once", "name `-` once")
        return old, new
    is_file = old.partition("@")[0].endswith(SUFFIXES) or (is_foreign(old) and not old.startswith(PYTORCH))
    if not is_file:
        raise UsageError(f"there is nothing to compare `{old}` with", "name two targets: `convcalc diff OLD NEW`")
    return f"{LAST_COMMIT}:{old}", old
