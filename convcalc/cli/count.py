"""`convcalc count`: the table of a network's layers, and its totals."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from convcalc import shipped
from convcalc.cli.complete import complete_columns, complete_type
from convcalc.cli.options import analysed, spec_options, target_argument
from convcalc.cli.output import Printer, number_option, output_options, write
from convcalc.cli.terminal import style_for
from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.render.report_printout import ReportPrintout
from convcalc.report.report import Report
from convcalc.report.selection import Selection

if TYPE_CHECKING:
    from convcalc.conventions import Convention

EPILOG = """\b
Examples:
  convcalc count lenet
  convcalc count resnet50 --depth 1
  convcalc count unet --depth 2 --graph
  convcalc count vgg16 --sort params --top 5
  convcalc count resnet50 --convention fvcore
  convcalc count net.yaml --filter conv --columns name,shared,unshared
  convcalc count alexnet alexnet@torchvision --format markdown --output table.md
"""
# The names of convcalc.conventions, which other calls do not import.
CONVENTIONS = ("pytorch", "keras", "caffe", "torchinfo", "fvcore", "thop", "ptflops")


def _columns(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """List the columns for `--columns help`, with any other options."""
    if value == "help" and not ctx.resilient_parsing:
        from convcalc.report.columns import ALL  # an option: a whole report as JSON has no columns

        width, heads = max(map(len, ALL)), max(len(column.header) for column in ALL.values())
        for column in ALL.values():
            unit = f" ({column.unit})" if column.unit else ""
            write(f"{column.name:<{width}}  {column.header:<{heads}}  {column.help}{unit}\n", None)
        ctx.exit()
    return value


@click.command(epilog=EPILOG)
@target_argument(many=True)
@click.option(
    "--columns",
    metavar="NAME,NAME",
    shell_complete=complete_columns,
    is_eager=True,
    callback=_columns,
    help="The columns to show, in this order: their headings or names; `help` lists them.",
)
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    metavar="N",
    help="Fold blocks into one line: names have at most N dotted parts.",
)
@click.option(
    "--sort", metavar="COLUMN", shell_complete=complete_columns, help="Sort by a column, figures from the largest."
)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="Only the first N rows; sorted by params without --sort."
)
@click.option(
    "--filter",
    "patterns",
    metavar="TEXT",
    multiple=True,
    shell_complete=complete_type,
    help="Only layers with this text in their name or type; a pattern such as conv*2d matches the whole of it.",
)
@click.option("--graph", is_flag=True, help="Draw the branches beside the table, as `git log --graph` does.")
@click.option("--convention", type=click.Choice(CONVENTIONS), help="Add the counts of another tool, and how it counts.")
@spec_options
@number_option
@output_options(ReportPrintout)
def command(
    targets: tuple[str, ...],
    columns: str | None,
    depth: int | None,
    sort: str | None,
    top: int | None,
    patterns: tuple[str, ...],
    graph: bool,
    convention: str | None,
    si: bool,
    printer: Printer,
    **changes: Any,
) -> None:
    """Shapes, receptive fields, parameters and multiply-accumulates of each layer.

    The table has the same columns everywhere; a terminal that is too narrow leaves out some and names them. With
    --format json the layers have every figure, or with --columns or --depth the figures of the columns.
    """
    if graph and (sort or top is not None or patterns):
        raise UsageError("--graph needs all layers in the order of the network", "leave out --sort, --top and --filter")
    tool = None if convention is None else _table_of(convention)
    selection = _selection(columns, depth, sort or ("params" if top is not None else None), top, patterns, tool)
    reports = _reports(targets, **changes)
    if patterns:
        _check_patterns(patterns, reports)
    if tool is not None:
        for report in reports:
            tool.check(report.rows)
    printer.show(ReportPrintout(reports, selection, tool, si, graph))
    if printer.is_table_on_terminal:
        _tell_of_problems(reports)


def _tell_of_problems(reports: Sequence[Report]) -> None:
    """Say how many problems `check` would find. It finds none in the shipped specs, and they are not checked here."""
    sources = [(report, report.graph.source) for report in reports]
    own = [report for report, source in sources if not shipped.is_shipped_text(source.path, source.text)]
    if own:
        from convcalc.cli.check_notice import notices  # loads the rules, which a pipe does not need

        write(notices(own, style_for(sys.stdout)), None)


def _table_of(convention: str) -> Convention:
    from convcalc.conventions import CONVENTIONS as TABLES  # an option: the tables are large

    return TABLES[convention]


def _selection(
    names: str | None,
    depth: int | None,
    sort: str | None,
    top: int | None,
    patterns: Sequence[str],
    tool: Convention | None,
) -> Selection:
    if names is None and sort is None and tool is None:
        return Selection(patterns=patterns, depth=depth)
    from convcalc.report.columns import columns, convention_columns  # an option, as above

    return Selection(
        None if names is None else columns([name.strip() for name in names.split(",")]),
        [] if tool is None else convention_columns(tool),
        patterns,
        depth,
        None if sort is None else columns([sort])[0],
        top,
    )


def _check_patterns(patterns: Sequence[str], reports: Sequence[Report]) -> None:
    """Raise UsageError for a pattern that matches no layer of any report."""
    from convcalc.report.view import matches  # an option, as above

    rows = [row for report in reports for row in report.rows]
    for pattern in patterns:
        if not any(matches(row.name, row.type, pattern) for row in rows):
            words = dict.fromkeys(word for row in rows for word in (row.type, row.name))
            targets = " or ".join(report.target for report in reports)
            help = nearest(pattern, words) or "`convcalc count TARGET` lists the layers"
            raise UsageError(f"no layer of {targets} has `{pattern}` in its name or type", help)


def _reports(targets: Sequence[str], **changes: Any) -> list[Report]:
    if targets.count("-") > 1:
        raise UsageError("standard input can be read only once", "name `-` once")
    for target in targets:
        network, hash_sign, layer = target.partition("#")
        if hash_sign:
            raise UsageError("count takes whole networks", f"try `convcalc explain {network} {layer}`")
    return [analysed(target, **changes) for target in targets]
