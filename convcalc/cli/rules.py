"""convcalc rules"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from convcalc.cli.complete import complete_rule

if TYPE_CHECKING:
    from convcalc.manual.pages import Manual


@click.command("rules")
@click.argument("name", metavar="RULE", required=False, shell_complete=complete_rule)
def command(name: str | None) -> None:
    """The lint rules of `convcalc check`, or the page of one: what it finds, why, and what mends it."""
    from convcalc.cli.terminal import style_for, width_of
    from convcalc.lint.rules import RULES
    from convcalc.render.manual import catalogue_text, manual_text

    style, width = style_for(sys.stdout), width_of(sys.stdout)
    if name is not None:
        sys.stdout.write(manual_text(_page(name), style, width))
        return
    groups: dict[str, list[Manual]] = {}
    for rule, is_default in RULES.items():
        title = "In the default set" if is_default else "When selected"
        groups.setdefault(title, []).append(_page(rule))
    closing = "`convcalc rules RULE` prints the page of one."
    sys.stdout.write(catalogue_text(groups, closing, style, width))


def _page(name: str) -> Manual:
    from convcalc.lint import rules
    from convcalc.manual.pages import Manual

    rules.known([name])
    return Manual(name, rules.find(name).page)
