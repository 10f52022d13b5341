"""`convcalc diff`: what differs between two networks."""

from __future__ import annotations

from typing import Any

import click

from convcalc.cli.complete import complete_target
from convcalc.cli.options import analysed, output_options, spec_options, write
from convcalc.errors import UsageError

EPILOG = """\b
Examples:
  convcalc diff resnet50 resnet101
  convcalc diff main:specs/net.yaml specs/net.yaml
  convcalc diff specs/net.yaml
  convcalc diff specs/net.yaml --exit-code --format markdown
"""
LAST_COMMIT = "HEAD"


@click.command(epilog=EPILOG)
@click.argument("old", metavar="OLD", shell_complete=complete_target)
@click.argument("new", metavar="[NEW]", required=False, shell_complete=complete_target)
@click.option("--all", "every", is_flag=True, help="A line for each layer of which only figures differ, too.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where something differs, as git does.")
@spec_options
@output_options("table", "json", "markdown")
def command(
    old: str,
    new: str | None,
    every: bool,
    exit_code: bool,
    format_: str,
    output: str | None,
    **options: Any,
) -> int:
    """Layers added, removed and changed from OLD to NEW, and the change of every total.

    Both are TARGETs, or REV:FILE as of a git revision. A single FILE is compared with itself as of the last commit.
    Layers are matched by name, then by their place among layers of their type; a layer that was given another name
    is one layer.
    """
    from convcalc.report.difference import Difference

    reports = [analysed(target, **options) for target in _targets(old, new)]
    difference = Difference(*reports)
    _write(difference, format_, output, every)
    return 1 if exit_code and not difference.is_empty else 0


def _targets(old: str, new: str | None) -> tuple[str, str]:
    """The two targets; of a single file that of the last commit and the file as it is."""
    for target in (old, new or ""):
        layer = target.partition("#")[2]
        if layer:
            raise UsageError("diff takes whole networks", f"try `convcalc compare {target} OTHER#{layer}`")
    if new is not None:
        if old == new == "-":
            raise UsageError("standard input can be read only once", "name `-` once")
        return old, new
    from convcalc.text.files import SUFFIXES

    if not old.partition("@")[0].endswith(SUFFIXES):
        raise UsageError(f"there is nothing to compare `{old}` with", "name two targets: `convcalc diff OLD NEW`")
    return f"{LAST_COMMIT}:{old}", old


def _write(difference: Any, format_: str, output: str | None, every: bool) -> None:
    if format_ == "json":
        from convcalc.render.json_ import json_text

        write(json_text(difference.to_dict()), output)
        return
    from convcalc.render.difference import difference_markdown, difference_sheets, nothing_differs

    if format_ == "markdown":
        write(difference_markdown(difference), output)
    elif difference.is_empty:
        write(nothing_differs(difference), output)
    else:
        from convcalc.cli.output import show

        show(lambda width: difference_sheets(difference, every=every), output)
