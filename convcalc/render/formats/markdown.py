"""Sheets as Markdown of GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from convcalc.render.printout import Tables
from convcalc.render.sheet import Sheet
from convcalc.render.style import Screen


def chunks(value: Tables, screen: Screen) -> Iterator[str]:
    """The sheets of a value."""
    return markdown_chunks(value.sheets(None))


def markdown_chunks(sheets: Iterable[Sheet]) -> Iterator[str]:
    """The lines of each sheet, with a heading for each."""
    for index, sheet in enumerate(sheets):
        if index:
            yield "\n"
        yield from _lines(sheet)


def _lines(sheet: Sheet) -> Iterator[str]:
    if sheet.title:
        yield f"## {_escaped(sheet.title)}\n\n"
    yield _row([head.text for head in sheet.heads])
    yield _row(["--:" if head.right else "---" for head in sheet.heads])
    for cells in sheet.rows:
        yield _row(map(_escaped, cells))
    if sheet.total:
        yield _row([f"**{_escaped(cell)}**" if cell else "" for cell in sheet.total])
    if sheet.facts:
        yield "\n" + "".join(f"- {label}: {_escaped(fact)}\n" for label, fact in sheet.facts)
    if sheet.all_notes:
        yield "\n" + "  \n".join(f"<sub>{_escaped(note)}</sub>" for note in sheet.all_notes) + "\n"


def _row(cells: Iterable[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _escaped(text: str) -> str:
    for character in "\\|*<>`":
        if character in text:
            text = text.replace(character, "\\" + character)
    return text
