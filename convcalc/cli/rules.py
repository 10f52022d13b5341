"""`convcalc rules`: the lint rules, and the page of each."""

from __future__ import annotations

import click

from convcalc.cli.complete import complete_rule
from convcalc.cli.output import Printer, output_options
from convcalc.lint import rules
from convcalc.lint.comparisons import OPTIONS
from convcalc.manual.pages import Manual
from convcalc.render.manual import CataloguePrintout, PagePrintout


@click.command("rules")
@click.argument("name", metavar="RULE", required=False, shell_complete=complete_rule)
@output_options(CataloguePrintout, PagePrintout)
def command(name: str | None, printer: Printer) -> None:
    """The lint rules of `convcalc check`, or the page of one: what it finds, why, and how to fix it."""
    if name is not None:
        printer.show(PagePrintout(_page(name)))
        return
    groups: dict[str, list[Manual]] = {}
    for rule, is_default in rules.RULES.items():
        title = "In the default set" if is_default else "When selected"
        groups.setdefault(title, []).append(_page(rule))
    for rule, option in OPTIONS.items():
        groups.setdefault(f"With {option}", []).append(_page(rule))
    printer.show(CataloguePrintout("Lint rules", groups, "`convcalc rules RULE` prints the page of a rule."))


def _page(name: str) -> Manual:
    rules.check_names([name])
    return rules.find(name).manual()
