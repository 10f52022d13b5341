"""Makes the picture of the README with the renderer that terminals see: python docs/make_images.py."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from convcalc import analyse
from convcalc.render.report import report_sheet
from convcalc.render.table import sheets_renderable
from convcalc.report.columns import WIDE, columns
from convcalc.report.view import View

IMAGES = Path(__file__).parent / "images"
# Fonts that are fetched from elsewhere do not load inside a page: the reader's own monospaced font is used.
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.S)


def count_picture(target: str, file: Path) -> None:
    """The table of `convcalc count TARGET` as an SVG: light text on a dark ground, which reads on any page."""
    sheet = report_sheet(View(analyse(target), columns(WIDE)), rounded=True)
    console = Console(record=True, width=sheet.width, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(sheets_renderable([sheet]))
    # A fixed id, so that the same table always makes the same file.
    svg = console.export_svg(title=f"convcalc count {target}", theme=MONOKAI, unique_id="convcalc")
    file.write_text(_FONT_FACE.sub("", svg).replace("Fira Code, monospace", "monospace"), encoding="utf-8")


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    count_picture("lenet", IMAGES / "count-lenet.svg")
