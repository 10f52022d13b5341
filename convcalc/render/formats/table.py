"""Sheets as tables of text: drawn by rich on a terminal, plain lines in a pipe or a file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from convcalc.render.printout import Tables
from convcalc.render.sheet import Sheet
from convcalc.render.style import Screen, plain_style
from convcalc.render.text import text_chunks

# Rich needs half a millisecond for each row. A longer table is shown as plain lines, which appear at once.
MAX_RICH_ROWS = 300


def chunks(value: Tables, screen: Screen) -> Iterable[str]:
    """The tables of a value."""
    return tables(value.sheets(screen.width), screen)


def tables(sheets: Sequence[Sheet], screen: Screen) -> Iterable[str]:
    """The sheets one below the other, without the columns that do not fit the terminal."""
    if screen.width is None:
        return text_chunks(sheets, screen.style)
    fitted = [sheet.fitted(screen.width) for sheet in sheets]
    if sum(len(sheet.rows) for sheet in fitted) > MAX_RICH_ROWS:
        return text_chunks(fitted, screen.style, screen.width)
    return [_drawn(fitted, screen.width, coloured=screen.style is not plain_style)]


def _drawn(sheets: Sequence[Sheet], width: int, *, coloured: bool) -> str:
    from rich.console import Console  # an option: a pipe or a file does without rich

    from convcalc.render.table import sheets_renderable

    # Where even the smallest table does not fit, lines are longer than the terminal: a number is never cut.
    width = max(width, *(sheet.width for sheet in sheets))
    console = Console(
        file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False, force_terminal=True,
        legacy_windows=False, color_system="standard" if coloured else None,
    )  # fmt: skip
    with console.capture() as capture:
        console.print(sheets_renderable(sheets))
    return capture.get()
