"""`convcalc zoo`: the shipped specs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from convcalc.cli.options import output_options, write
from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.report.model import Report

EPILOG = """\b
Examples:
  convcalc zoo
  convcalc zoo alexnet
  convcalc zoo alexnet --show > my-alexnet.yaml
  convcalc zoo --format csv
"""


def complete_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from convcalc.spec.shipped import files as shipped_files

    return [name for name in shipped_files() if name.startswith(incomplete)]


@click.command(epilog=EPILOG)
@click.argument("name", metavar="[NAME]", required=False, shell_complete=complete_name)
@click.option("--show", is_flag=True, help="Print the YAML text of the spec.")
@output_options("table", "json", "csv", "markdown")
def command(name: str | None, show: bool, format_: str, output: str | None) -> None:
    """The specs that are shipped, with their variants; or all about the one called NAME.

    Each target can be given to every other command, as it stands or, of a variant, by the variant's name alone.
    """
    from convcalc.spec.shipped import files as shipped_files

    file = None if name is None else _file_of(name)
    if show:
        if file is None:
            raise UsageError("--show prints one spec", "name it: `convcalc zoo NAME --show`")
        from convcalc.spec.targets import read_file

        write(read_file(shipped_files()[file]).text, output)
        return
    _write(_reports(file), file, format_, output)


def _file_of(name: str) -> str:
    """The shipped file that has this name or this variant. Raises UsageError when there is none."""
    from convcalc.problems import nearest
    from convcalc.spec.shipped import files as shipped_files
    from convcalc.spec.shipped import targets as shipped_targets

    if name in shipped_files():
        return name
    targets = shipped_targets()
    for target in targets:
        file, _, variant = target.partition("@")
        if name in (target, variant):
            return file
    known = [part for target in targets for part in target.split("@")]
    raise UsageError(f"no shipped spec is called `{name}`", nearest(name, known) or "`convcalc zoo` lists them")


def _reports(file: str | None) -> list[Report]:
    from convcalc.api import analyse
    from convcalc.spec.shipped import targets as shipped_targets

    return [analyse(target) for target in shipped_targets() if file in (None, target.partition("@")[0])]


def _write(reports: list[Report], file: str | None, format_: str, output: str | None) -> None:
    from convcalc.render.zoo import csv_chunks, entry, zoo_sheet

    if format_ == "json":
        from convcalc.render.json_ import json_text

        write(json_text([entry(report) for report in reports]), output)
    elif format_ == "csv":
        write(csv_chunks(reports), output)
    else:
        from convcalc.cli.output import write_sheets

        title, facts = ("", []) if file is None else _about(reports[0], file)
        write_sheets(
            format_,
            lambda width: [zoo_sheet(reports, rounded=width is not None, title=title, facts=facts)],
            output,
            "Shipped specs",
        )


def _about(report: Report, file: str) -> tuple[str, list[tuple[str, str]]]:
    from convcalc.spec.shipped import files as shipped_files

    facts = [("about", report.graph.description), ("source", report.graph.citation), ("file", shipped_files()[file])]
    return report.name or file, [(label, fact) for label, fact in facts if fact]
