"""Sheets as HTML: small accessible tables with inline styles, in the colours of the page around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from convcalc.render.printout import Tables
from convcalc.render.sheet import Head, Sheet
from convcalc.render.style import Screen

# The colours are those of the page, so that a dark notebook stays dark. Lines and bars are half transparent.
_TABLE = "border-collapse:collapse;font-variant-numeric:tabular-nums;color:inherit;background:transparent"
_CELL = "padding:0.15em 0.7em;color:inherit;background:transparent;border-top:1px solid rgba(128,128,128,0.3)"
_RULE = "border-top:2px solid currentColor;font-weight:bold"  # wider than the line of its cells, which it replaces
_BAR = "rgba(70,130,220,0.3)"


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
    shares = [head.shares() if head.shares is not None else None for head in sheet.heads]
    for index, row in enumerate(sheet.rows):
        bars = [0.0 if column is None else column[index] for column in shares]
        yield f"<tr>{_cells(sheet.heads, row, bars)}</tr>\n"
    yield "</tbody>\n"
    if sheet.total:
        yield f'<tfoot><tr style="{_RULE}">{_cells(sheet.heads, sheet.total, [0.0] * len(sheet.heads))}</tr></tfoot>\n'
    yield "</table>\n"
    if sheet.facts:
        yield "<p>" + "<br>\n".join(f"<b>{escape(label)}</b> {escape(fact)}" for label, fact in sheet.facts) + "</p>\n"
    notes = [*sheet.all_notes, *(["bars: the part of each row in the total"] if any(shares) else [])]
    if notes:
        yield '<p style="opacity:0.7"><small>' + "<br>\n".join(map(escape, notes)) + "</small></p>\n"


def _cells(heads: Iterable[Head], row: Iterable[str], shares: Iterable[float]) -> str:
    cells = []
    for index, (head, cell, share) in enumerate(zip(heads, row, shares, strict=True)):
        tag, scope = ("th", ' scope="row"') if index == 0 else ("td", "")
        cells.append(f'<{tag}{scope} style="{_style(head)}{_bar(share)}">{escape(cell)}</{tag}>')
    return "".join(cells)


def _style(head: Head) -> str:
    """The style of a cell. Only sentences may be broken into lines, and a bar needs a font of equal widths."""
    text = f"{_CELL};text-align:{'right' if head.right else 'left'}"
    font = ";font-family:monospace" if head.role == "bar" else ""
    return f"{text}{font}" if head.wrap else f"{text}{font};white-space:nowrap"


def _bar(share: float) -> str:
    """A bar behind the number of a cell, for its share of the total."""
    end = f"{100 * share:.3g}%"
    return f";background:linear-gradient(to left,{_BAR} {end},transparent {end})" if share >= 0.001 else ""
