"""`convcalc report`: networks as one page of HTML."""

from __future__ import annotations

from typing import Any

import click

from convcalc.api import analyse
from convcalc.cli.options import find_target, loaded, spec_options, target_argument
from convcalc.cli.output import Printer, output_options
from convcalc.errors import UsageError
from convcalc.page.page import PagePrintout
from convcalc.page.subject import Subject, subject

EPILOG = """\b
Examples:
  convcalc report resnet50 --output report.html
  convcalc report net.yaml --set width=32 --output report.html
  convcalc report main:net.yaml net.yaml --output change.html
"""


@click.command("report", epilog=EPILOG)
@target_argument(many=True)
@spec_options
@output_options(PagePrintout)
def command(targets: tuple[str, ...], printer: Printer, **options: Any) -> None:
    """One page about a network, or about several side by side: a single file of HTML for a browser.

    \b
    drawing     a box a layer or block; a block opens when it is clicked
    sharing     the parameters with each wiring, as bars
    table       every layer: sort, filter, fold blocks, choose columns, copy
    layer       of the chosen one: its derivation, the pixels that a unit sees, and what `check` finds

    The page loads nothing from elsewhere. It can be printed on paper, and can be read without scripts.
    """
    if targets.count("-") > 1:
        raise UsageError("standard input can be read only once", "name `-` once")
    printer.show(PagePrintout([_subject(target, **options) for target in targets]))


def _subject(target: str, set_: tuple[str, ...], dtype: str, batch: int, **options: Any) -> Subject:
    found, changes = find_target(target, set_, **options)
    if found.layer is not None:
        raise UsageError("report takes whole networks", f"try `convcalc explain {target.replace('#', ' ', 1)}`")
    report = analyse(loaded(found, changes), dtype=dtype, batch=batch)
    report.target = found.label
    return subject(report, has_lines=found.foreign is None, given=_given(set_, **options))


def _given(set_: tuple[str, ...], input: str | None, sharing: str | None, keep_size: bool, python: str | None) -> str:
    """The options that change the network: whoever reads the page has not seen the call."""
    words = [f"--set {text}" for text in set_]
    words += [f"--{name} {value}" for name, value in (("input", input), ("sharing", sharing)) if value is not None]
    return " ".join([*words, *(["--keep-size"] if keep_size else [])])
