"""`convcalc layers`: the manual of the layer types."""

from __future__ import annotations

import click

from convcalc import layers
from convcalc.cli.complete import complete_type
from convcalc.cli.output import Printer, output_options
from convcalc.errors import UsageError
from convcalc.manual import words
from convcalc.manual.pages import Manual, families, manual
from convcalc.render.manual import CataloguePrintout, PagePrintout


@click.command("layers")
@click.argument("type_", metavar="TYPE", required=False, shell_complete=complete_type)
@output_options(CataloguePrintout, PagePrintout)
def command(type_: str | None, printer: Printer) -> None:
    """The layer types by family, or the manual page of one.

    TYPE may also be a container (sequential, residual, parallel), `custom` (types that a file defines by formulas), or
    a key that every entry takes (name, from, repeat, rows, when, trainable, tied).
    """
    if type_ is not None:
        printer.show(PagePrintout(_page(type_)))
        return
    groups = {
        "Containers": words.CONTAINERS,
        "Types that a file defines": words.SECTIONS,
        "Keys of every entry": words.ENTRY_KEYS,
    }
    pages = {title: [Manual(word, text) for word, text in group.items()] for title, group in groups.items()}
    closing = "`convcalc layers TYPE` prints the page of a type."
    printer.show(CataloguePrintout("Layer types", {**families(), **pages}, closing))


def _page(word: str) -> Manual:
    kind = layers.find(word)
    if kind is not None:
        return manual(kind)
    text = words.page(word)
    if text is None:
        from convcalc.language.translations import type_name_help  # only a mistake loads it

        others = [*words.SECTIONS, *words.ENTRY_KEYS]
        help = type_name_help(word, dict.fromkeys(others, ())) or "`convcalc layers` lists them"
        raise UsageError(f"there is no layer type `{word}`", help)
    return Manual(word, text)
