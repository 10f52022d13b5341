"""The pages of the manual, and lists of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from convcalc.manual.pages import Manual
from convcalc.render.formats.html import page
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.render.style import Screen, Style, plain_style

# Without a terminal.
WIDTH = 100
# Sections that keep their line breaks.
LITERAL = ("Example", "Parameters", "Formulas", "Errors", "Fails", "Passes", "Options")


@dataclass(frozen=True, slots=True)
class PagePrintout:
    """One page."""

    page: Manual

    def text(self, screen: Screen) -> Sequence[str]:
        return (manual_text(self.page, screen.style, screen.width),)

    def data(self) -> dict[str, Any]:
        return {
            "name": self.page.name,
            "summary": self.page.summary,
            "details": self.page.details,
            "sections": self.page.sections,
        }

    def markdown(self, screen: Screen) -> Iterator[str]:
        yield f"# {self.page.name}\n"
        for paragraph in (self.page.summary, *self.page.details):
            yield f"\n{paragraph}\n"
        for heading, text in self.page.sections.items():
            yield f"\n## {heading}\n\n" + (f"```text\n{text}\n```\n" if heading in LITERAL else f"{text}\n")

    def html(self, screen: Screen) -> Iterator[str]:
        return page(self.page.name, self._body())

    def _body(self) -> Iterator[str]:
        yield f"<h1>{escape(self.page.name)}</h1>\n"
        for paragraph in (self.page.summary, *self.page.details):
            yield f"<p>{escape(paragraph)}</p>\n"
        for heading, text in self.page.sections.items():
            tag = "pre" if heading in LITERAL else "p"
            yield f"<h2>{escape(heading)}</h2>\n<{tag}>{escape(text)}</{tag}>\n"


@dataclass(frozen=True, slots=True)
class CataloguePrintout:
    """Groups of pages, each page with its name and summary; `closing` is the last line of the text."""

    title: str
    groups: Mapping[str, Sequence[Manual]]
    closing: str

    def text(self, screen: Screen) -> Sequence[str]:
        return (catalogue_text(self.groups, self.closing, screen.style, screen.width),)

    def sheets(self, width: int | None) -> list[Sheet]:
        heads = [Head("name", importance=100, role="name"), Head("what it is", importance=100, wrap=True)]
        return [
            Sheet(group, heads, [(each.name, each.summary) for each in pages]) for group, pages in self.groups.items()
        ]

    def data(self) -> dict[str, list[dict[str, str]]]:
        return {
            group: [{"name": each.name, "summary": each.summary} for each in pages]
            for group, pages in self.groups.items()
        }

    def records(self) -> Iterator[Record]:
        """One record for each page."""
        yield ("group", "name", "summary")
        for group, pages in self.groups.items():
            for each in pages:
                yield (group, each.name, each.summary)


def manual_text(page: Manual, style: Style = plain_style, width: int | None = None) -> str:
    """One page."""
    lines = [style(page.name, "title")]
    for paragraph in (page.summary, *page.details):
        lines += ["", *textwrap.wrap(paragraph, width or WIDTH)]
    for heading, text in page.sections.items():
        body = _kept_lines(text, width) if heading in LITERAL else textwrap.wrap(text, (width or WIDTH) - 2)
        lines += ["", style(heading, "title"), *(f"  {line}".rstrip() for line in body)]
    return "\n".join(lines) + "\n"


def _kept_lines(text: str, width: int | None) -> list[str]:
    """The lines as they are; one that is too long for a terminal goes on with a deeper indent."""
    lines = text.splitlines()
    if width is None:
        return lines
    return [part for line in lines for part in _broken(line, width - 2)]


def _broken(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + (0 if line.startswith(" ") else 4))
    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]


def catalogue_text(
    families: Mapping[str, Sequence[Manual]], closing: str, style: Style = plain_style, width: int | None = None
) -> str:
    """The name and summary of every page, by family; `closing` is the last line."""
    lines: list[str] = []
    for family, pages in families.items():
        lines += ["", style(family, "title")]
        for each in pages:
            lines += textwrap.wrap(each.name, width or WIDTH, initial_indent="  ", subsequent_indent="  ")
            summary = textwrap.wrap(each.summary, width or WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
            lines += [style(line, "note") for line in summary]
    lines += ["", closing]
    return "\n".join(lines[1:]) + "\n"
