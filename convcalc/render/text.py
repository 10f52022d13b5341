"""Sheets as plain lines, aligned by hand: for pipes and files, and for tables too long for rich."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from convcalc.render.sheet import GAP, Sheet
from convcalc.render.style import Style, plain_style


def text_chunks(sheets: Iterable[Sheet], style: Style = plain_style, width: int | None = None) -> Iterator[str]:
    """The lines of each sheet, with an empty line between sheets. Sentences are wrapped at `width`, tables never."""
    for index, sheet in enumerate(sheets):
        if index:
            yield "\n"
        yield from _lines(sheet, style, width)


def _lines(sheet: Sheet, style: Style, width: int | None) -> Iterator[str]:
    if sheet.title:
        yield style(sheet.title, "title") + "\n\n"
    widths = sheet.widths()
    sides = [">" if head.right else "<" for head in sheet.heads]
    row = (" " * GAP).join(f"{{:{side}{size}}}" for side, size in zip(sides, widths, strict=True))
    rule = "-" * (sum(widths) + GAP * (len(widths) - 1)) + "\n"

    def line(cells: Sequence[str]) -> str:
        return row.format(*cells).rstrip() + "\n"

    yield style(line([head.text for head in sheet.heads]).rstrip("\n"), "title") + "\n" + rule
    for cells in sheet.rows:
        yield line(cells)
    if sheet.total:
        yield rule + line(sheet.total)
    yield from _below(sheet, style, width)


def _below(sheet: Sheet, style: Style, width: int | None) -> Iterator[str]:
    """The facts and the notes of a sheet."""
    if sheet.facts:
        yield "\n"
        indent = max(len(label) for label, _ in sheet.facts) + GAP
        for label, fact in sheet.facts:
            yield _wrapped(f"{label:<{indent}}{fact}", width, indent) + "\n"
    if sheet.all_notes:
        yield "\n"
        for note in sheet.all_notes:
            yield style(_wrapped(note, width), "note") + "\n"


def _wrapped(text: str, width: int | None, indent: int = 0) -> str:
    if width is None or len(text) <= width:
        return text
    from textwrap import fill  # a pipe wraps nothing

    return fill(text, max(width, indent + 20), subsequent_indent=" " * indent, break_on_hyphens=False)
