"""Sheets as HTML: small accessible tables with inline styles, in the colours of the page around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from convcalc.render.printout import Tables
from convcalc.render.sheet import Head, Sheet
from convcalc.render.style import Screen

# The colours are those of the page, so that a dark notebook stays dark.
_TABLE = "border-collapse:collapse;font-variant-numeric:tabular-nums;color:inherit;background:transparent"
_CELL = "padding:0.15em 0.7em;color:inherit;background:transparent"
_RULE = "border-top:1px solid currentColor;font-weight:bold"


def chunks(value: Tables, screen: Screen) -> Iterator[str]:
    """The sheets of a value as a page."""
    return page(value.title, html_chunks(value.sheets(None)))


def page(title: str, body: Iterable[str]) -> Iterator[str]:
    """A whole page."""
    yield (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        "<style>:root{color-scheme:light dark;font-family:system-ui,sans-serif}</style>\n</head>\n<body>\n"
    )
    yield from body
    yield "</body>\n</html>\n"


def html_chunks(sheets: Iterable[Sheet]) -> Iterator[str]:
    """One table for each sheet."""
    for sheet in sheets:
        yield from _table(sheet)


def _table(sheet: Sheet) -> Iterator[str]:
    yield f'<table style="{_TABLE}">\n'
    if sheet.title:
        yield f'<caption style="text-align:left;color:inherit;font-weight:bold">{escape(sheet.title)}</caption>\n'
    heads = [f'<th scope="col" style="{_style(head)}">{escape(head.text)}</th>' for head in sheet.heads]
    yield f"<thead><tr>{''.join(heads)}</tr></thead>\n<tbody>\n"
    for row in sheet.rows:
        yield f"<tr>{_cells(sheet.heads, row)}</tr>\n"
    yield "</tbody>\n"
    if sheet.total:
        yield f'<tfoot><tr style="{_RULE}">{_cells(sheet.heads, sheet.total)}</tr></tfoot>\n'
    yield "</table>\n"
    if sheet.facts:
        yield "<p>" + "<br>\n".join(f"<b>{escape(label)}</b> {escape(fact)}" for label, fact in sheet.facts) + "</p>\n"
    if sheet.all_notes:
        yield '<p style="opacity:0.7"><small>' + "<br>\n".join(map(escape, sheet.all_notes)) + "</small></p>\n"


def _cells(heads: Iterable[Head], row: Iterable[str]) -> str:
    cells = []
    for index, (head, cell) in enumerate(zip(heads, row, strict=True)):
        tag, scope = ("th", ' scope="row"') if index == 0 else ("td", "")
        cells.append(f'<{tag}{scope} style="{_style(head)}">{escape(cell)}</{tag}>')
    return "".join(cells)


def _style(head: Head) -> str:
    return f"{_CELL};text-align:{'right' if head.right else 'left'}"
