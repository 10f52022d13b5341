"""`convcalc count`: the table of a network's layers, and its totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from convcalc.cli.complete import complete_columns, complete_type
from convcalc.cli.options import analysed, output_options, spec_options, target_argument, write
from convcalc.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convcalc.conventions import Convention
    from convcalc.render.sheet import Sheet
    from convcalc.report.columns import Column
    from convcalc.report.report import Report
    from convcalc.report.view import View

EPILOG = """\b
Examples:
  convcalc count lenet
  convcalc count resnet50 --depth 1
  convcalc count vgg16 --sort params --top 5
  convcalc count resnet50 --convention fvcore
  convcalc count net.yaml --filter 'conv*' --columns name,params_shared,params_unshared
  convcalc count alexnet alexnet@torchvision --format markdown --output table.md
"""
# The names of convcalc.conventions, which no other call imports.
CONVENTIONS = ("pytorch", "keras", "caffe", "torchinfo", "fvcore", "thop", "ptflops")
# From this width on a terminal shows more columns.
WIDE_TERMINAL = 100


class Selection:
    """Which columns and rows are wanted; None where the command line does not say."""

    __slots__ = ("added", "columns", "depth", "sort", "top", "types")

    def __init__(
        self,
        columns: str | None,
        depth: int | None,
        sort: str | None,
        top: int | None,
        types: tuple[str, ...],
        convention: Convention | None,
    ) -> None:
        from convcalc.layers import names
        from convcalc.report.columns import columns as find
        from convcalc.report.columns import convention_columns

        self.added = [] if convention is None else convention_columns(convention)
        self.columns = find([name.strip() for name in columns.split(",")]) if columns is not None else None
        self.depth = depth
        order = sort or ("params" if top is not None else None)
        self.sort = find([order])[0] if order is not None else None
        self.top = top
        self.types = types
        known = names()
        for pattern in types:
            if not any(mark in pattern for mark in "*?[") and pattern not in known:
                from convcalc.problems import nearest

                help = nearest(pattern, known) or "`convcalc layers` lists them"
                raise UsageError(f"there is no layer type `{pattern}`", help)

    def view(self, report: Report, columns: list[Column]) -> View:
        """The rows that are wanted, with these columns."""
        from convcalc.report.view import View

        return View(report, columns, types=self.types, depth=self.depth, sort=self.sort, top=self.top)


def _columns(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """List the columns when that is what was asked for, whatever else the command line has."""
    if value == "help" and not ctx.resilient_parsing:
        from convcalc.report.columns import COLUMNS

        width = max(map(len, COLUMNS))
        for column in COLUMNS.values():
            unit = f" ({column.unit})" if column.unit else ""
            write(f"{column.name:<{width}}  {column.help}{unit}\n", None)
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
    help="The columns to show, in this order; `help` lists them.",
)
@click.option("--depth", type=click.IntRange(min=1), metavar="N", help="Fold blocks: names of at most N dotted parts.")
@click.option(
    "--sort", metavar="COLUMN", shell_complete=complete_columns, help="Sort by a column, figures from the largest."
)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="Only the first N rows, by params unless --sort says."
)
@click.option(
    "--filter",
    "types",
    metavar="TYPE",
    multiple=True,
    shell_complete=complete_type,
    help="Only layers of this type; conv* for several types.",
)
@click.option("--convention", type=click.Choice(CONVENTIONS), help="Also what another tool counts, and how.")
@spec_options
@output_options("table", "json", "csv", "markdown", "html")
def command(
    targets: tuple[str, ...],
    columns: str | None,
    depth: int | None,
    sort: str | None,
    top: int | None,
    types: tuple[str, ...],
    convention: str | None,
    format_: str,
    output: str | None,
    **changes: Any,
) -> None:
    """Shapes, receptive fields, parameters and multiply-accumulates of each layer.

    A table on a terminal; in a pipe or a file every row, nothing cut. With --format json the layers hold every figure,
    or with --columns or --depth those of the columns.
    """
    whole = columns is None and depth is None and sort is None and top is None and not types
    other = None if convention is None else _convention(convention)
    choice = None if format_ == "json" and whole else Selection(columns, depth, sort, top, types, other)
    reports = _reports(targets, changes)
    if other is not None:
        for report in reports:
            other.check(report.rows)
    if format_ == "json":
        from convcalc.render.json_ import json_chunks

        layers = None if choice is None else [_chosen(report, choice) for report in reports]
        more = None if other is None else [{"convention": other.to_dict(report.rows)} for report in reports]
        write(json_chunks(reports, as_list=len(reports) > 1, layers=layers, more=more), output)
        return
    assert choice is not None
    _write(reports, choice, format_, output)


def _convention(name: str) -> Convention:
    from convcalc.conventions import CONVENTIONS as KNOWN

    return KNOWN[name]


def _write(reports: list[Report], choice: Selection, format_: str, output: str | None) -> None:
    """The reports in a format for readers, or as CSV."""
    if format_ == "csv":
        from convcalc.render.csv_ import csv_chunks
        from convcalc.report.columns import DEFAULT
        from convcalc.report.columns import columns as find

        columns = [*(choice.columns or find(DEFAULT)), *choice.added]
        write(csv_chunks([choice.view(report, columns) for report in reports]), output)
        return
    from convcalc.cli.output import write_sheets

    title = ", ".join(report.name or report.target for report in reports)
    write_sheets(format_, lambda width: [_sheet(report, choice, width) for report in reports], output, title)


def _reports(targets: tuple[str, ...], changes: dict[str, Any]) -> list[Report]:
    if targets.count("-") > 1:
        raise UsageError("standard input can be read only once", "name `-` once")
    for target in targets:
        network, hash_sign, layer = target.partition("#")
        if hash_sign:
            raise UsageError("count takes whole networks", f"try `convcalc explain {network} {layer}`")
    return [analysed(target, **changes) for target in targets]


def _sheet(report: Report, choice: Selection, width: int | None) -> Sheet:
    """The table for a terminal of this width, or for a pipe."""
    from convcalc.render.report import report_sheet

    columns = [*(choice.columns or usual_columns(width)), *choice.added]
    return report_sheet(choice.view(report, columns), rounded=width is not None)


def usual_columns(width: int | None) -> list[Column]:
    """The columns where none are asked for, for a terminal of this width, or for a pipe."""
    from convcalc.report.columns import DEFAULT, WIDE
    from convcalc.report.columns import columns as find

    return find(WIDE if width is not None and width >= WIDE_TERMINAL else DEFAULT)


def _chosen(report: Report, choice: Selection) -> Iterator[str]:
    """The encoded layers of a JSON report that were asked for: whole rows, or the figures of columns."""
    from convcalc.render.json_ import encoded_lines, encoded_rows
    from convcalc.report.columns import DEFAULT
    from convcalc.report.columns import columns as find

    view = choice.view(report, choice.columns or find(DEFAULT))
    if choice.columns is None and choice.depth is None:
        return encoded_rows(report, view.lines)
    return encoded_lines(view)
