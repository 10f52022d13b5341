"""Sheets as rich tables, for terminals."""

from __future__ import annotations

from collections.abc import Iterable

from rich.box import Box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from convcalc.render.sheet import GAP, Head, Sheet

# A line below the heads and one above the totals.
_RULES = Box("    \n    \n ── \n    \n    \n ── \n    \n    \n")
# By the role of a column; readable on light and dark backgrounds.
_STYLES = {"name": "cyan", "type": "dim", "bar": "blue", "ratio": "green"}
# For a column of changes, by the first sign of a cell; the colour adds nothing to the sign.
_SIGNS = {"+": "green", "-": "red", "~": "yellow"}


def sheets_renderable(sheets: Iterable[Sheet]) -> RenderableType:
    """The sheets one below the other. They must fit the console: rich would cut their cells."""
    parts: list[RenderableType] = []
    for sheet in sheets:
        if parts:
            parts.append(Text())
        parts += _parts(sheet)
    return Group(*parts)


def _parts(sheet: Sheet) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if sheet.title:
        name, dot, rest = sheet.title.partition(" · ")
        parts += [Text.assemble((name, "bold"), (dot + rest, "dim")), Text()]
    parts.append(_table(sheet))
    if sheet.facts:
        facts = Table.grid(padding=(0, GAP, 0, 0))
        facts.add_column(style="bold")
        for label, fact in sheet.facts:
            facts.add_row(Text(label), Text(fact))
        parts += [Text(), facts]
    if sheet.all_notes:
        parts += [Text(), *(Text(note, style="dim") for note in sheet.all_notes)]
    return parts


def _table(sheet: Sheet) -> Table:
    table = Table(
        box=_RULES, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False,
        show_footer=sheet.total is not None, header_style="bold", footer_style="bold",
    )  # fmt: skip
    for index, (head, width) in enumerate(zip(sheet.heads, sheet.widths(), strict=True)):
        table.add_column(
            Text(head.text),
            footer=Text(sheet.total[index]) if sheet.total else Text(),
            justify="right" if head.right else "left",
            style=_STYLES.get(head.role, ""),
            no_wrap=not head.wrap,
            width=None if head.wrap else width,
        )
    for row in sheet.rows:
        table.add_row(*[_cell(cell, head) for cell, head in zip(row, sheet.heads, strict=True)])
    return table


def _cell(text: str, head: Head) -> Text:
    if text in ("0", "–"):
        return Text(text, style="dim")
    return Text(text, style=_SIGNS.get(text[:1], "dim") if head.role == "sign" else "")
