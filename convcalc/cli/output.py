"""Where sheets go: a table drawn by rich on a terminal, plain lines in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from convcalc.cli.options import write
from convcalc.cli.terminal import style_for, wants_colour, width_of
from convcalc.render.diagnostics import plain_style
from convcalc.render.sheet import Sheet
from convcalc.render.text import text_chunks

# Rich takes half a millisecond a row; beyond this many, plain lines appear at once and read as well.
MAX_RICH_ROWS = 300


def show(make: Callable[[int | None], Sequence[Sheet]], output: str | None) -> None:
    """Show the sheets that `make` gives for the width of a terminal, or for None in a pipe or a file."""
    width = width_of(sys.stdout) if output is None else None
    if width is None:
        style = style_for(sys.stdout) if output is None else plain_style
        write(text_chunks(make(None), style), output)
        return
    sheets = [sheet.fitted(width) for sheet in make(width)]
    if sum(len(sheet.rows) for sheet in sheets) > MAX_RICH_ROWS:
        write(text_chunks(sheets, style_for(sys.stdout), width), None)
        return
    from rich.console import Console

    from convcalc.render.table import sheets_renderable

    # Where even the least does not fit, lines run over the edge: a number is never cut.
    width = max(width, *(sheet.width for sheet in sheets))
    console = Console(
        file=sys.stdout, width=width, highlight=False, markup=False, emoji=False,
        color_system="auto" if wants_colour(sys.stdout) else None,
    )  # fmt: skip
    console.print(sheets_renderable(sheets))


def write_sheets(format_: str, make: Callable[[int | None], Sequence[Sheet]], output: str | None, title: str) -> None:
    """The sheets in one of the formats for readers: table, markdown or html."""
    if format_ == "table":
        show(make, output)
    elif format_ == "markdown":
        from convcalc.render.markdown import markdown_chunks

        write(markdown_chunks(make(None)), output)
    else:
        from convcalc.render.html import document_chunks

        write(document_chunks(make(None), title), output)
