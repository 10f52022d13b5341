"""The manual as text."""

from __future__ import annotations

import textwrap

from convcalc.manual.pages import Manual
from convcalc.render.diagnostics import Style, plain_style

# Where there is no terminal to be as wide as.
WIDTH = 100
# Sections whose lines are laid out as they stand.
LITERAL = ("Example", "Parameters", "Formulas", "Errors", "Fails", "Passes")


def manual_text(page: Manual, style: Style = plain_style, width: int | None = None) -> str:
    """One page."""
    lines = [style(page.name, "title")]
    for paragraph in (page.summary, *page.details):
        lines += ["", *textwrap.wrap(paragraph, width or WIDTH)]
    for heading, text in page.sections.items():
        body = _as_it_stands(text, width) if heading in LITERAL else textwrap.wrap(text, (width or WIDTH) - 2)
        lines += ["", style(heading, "title"), *(f"  {line}".rstrip() for line in body)]
    return "\n".join(lines) + "\n"


def _as_it_stands(text: str, width: int | None) -> list[str]:
    """The lines, of which a terminal breaks those that are too long, with a deeper indent."""
    lines = text.splitlines()
    if width is None:
        return lines
    return [part for line in lines for part in _broken(line, width - 2)]


def _broken(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + (0 if line.startswith(" ") else 4))
    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]


def catalogue_text(
    families: dict[str, list[Manual]], closing: str, style: Style = plain_style, width: int | None = None
) -> str:
    """The pages of every family, each with what it is in a sentence; `closing` is the last line."""
    lines: list[str] = []
    for family, pages in families.items():
        lines += ["", style(family, "title")]
        for page in pages:
            lines += textwrap.wrap(page.name, width or WIDTH, initial_indent="  ", subsequent_indent="  ")
            summary = textwrap.wrap(page.summary, width or WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
            lines += [style(line, "note") for line in summary]
    lines += ["", closing]
    return "\n".join(lines[1:]) + "\n"
