"""Pieces of HTML. Every text passes `text`: a name of a spec is never markup."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from convcalc.drawing.svg import clean
from convcalc.render.sheet import Sheet


def text(shown: str) -> str:
    """
    >>> text("<script>")
    '&lt;script&gt;'
    """
    return escape(clean(shown))


def data(value: Any) -> str:
    """Values for the script. No text can end the element, because `<` is written as an escape."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" class="data">{written}</script>\n'


def cells(texts: Iterable[str], right: Iterable[bool]) -> str:
    """The cells of a row; the first is its header."""
    written = []
    for place, (shown, is_right) in enumerate(zip(texts, right)):
        number = ' class="number"' if is_right else ""
        written.append(f"<td{number}>{text(shown)}</td>" if place else f'<th scope="row">{text(shown)}</th>')
    return "".join(written)


def heads(texts: Iterable[str], right: Iterable[bool]) -> str:
    """The row of column headers. A column of explanations has none."""
    written = []
    for shown, is_right in zip(texts, right):
        number = ' class="number"' if is_right else ""
        written.append(f'<th scope="col"{number}>{text(shown)}</th>' if shown else "<td></td>")
    return f"<thead><tr>{''.join(written)}</tr></thead>\n"


def sheet(value: Sheet) -> Iterator[str]:
    """A table with its notes."""
    right = [head.right for head in value.heads]
    caption = f"<caption>{text(value.title)}</caption>" if value.title else ""
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{text(value.title or "table")}"><table>{caption}\n'
    yield heads((head.text for head in value.heads), right)
    yield "<tbody>\n"
    for row in value.rows:
        yield f"<tr>{cells(row, right)}</tr>\n"
    yield "</tbody>\n"
    if value.total:
        yield f"<tfoot><tr>{cells(value.total, right)}</tr></tfoot>\n"
    yield "</table></div>\n"
    if value.all_notes:
        yield f'<p class="notes">{"<br>".join(map(text, value.all_notes))}</p>\n'
