"""A generated page, and the Markdown that several kinds of pages need."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from convcalc.manual.pages import Manual


class Page(NamedTuple):
    """A file of the site: its path below the docs, and its text. A page with a title is in the navigation."""

    path: str
    text: str
    title: str = ""


def code(text: str, language: str = "text") -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Container[str] = ()) -> str:
    """A table; columns of numbers end at the right."""
    lines = [heads, ["---:" if head in numbers else "---" for head in heads], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def joined(parts: Iterable[str]) -> str:
    """The paragraphs of a page."""
    return "\n\n".join(part for part in parts if part) + "\n"


def sections(manual: Manual, level: int) -> Iterable[str]:
    """The paragraphs and sections of a manual page, with headings of a level."""
    yield from (paragraph(text) for text in (manual.summary, *manual.details))
    for heading, text in manual.sections.items():
        yield f"{'#' * level} {heading}"
        yield _section(heading, text)


def _section(heading: str, text: str) -> str:
    if heading in ("Example", "Fails", "Passes"):
        return code(text, "yaml")
    if heading in ("Parameters", "Options"):
        return table(("name", "value", "meaning"), _settings(text))
    return code(text) if heading in ("Formulas", "Errors") else paragraph(" ".join(text.split()))


def _settings(text: str) -> Iterable[tuple[str, str, str]]:
    """Name, values and meaning of each setting: a line `name: values`, and its meaning in deeper lines."""
    parts = textwrap.dedent(text).split("\n")
    starts = [number for number, line in enumerate(parts) if line and not line.startswith(" ")]
    for start, end in zip(starts, [*starts[1:], len(parts)]):
        name, _, values = parts[start].partition(": ")
        yield f"`{name}`", literal(values), literal(" ".join(line.strip() for line in parts[start + 1 : end]))


def paragraph(text: str) -> str:
    """Text of a docstring as Markdown: backquoted parts stay code, the rest is taken as it is."""
    return "`".join(part if number % 2 else literal(part) for number, part in enumerate(text.split("`")))


def literal(text: str) -> str:
    """Text without a sign that Markdown reads."""
    return "".join("\\" + sign if sign in "*_<[\\" else sign for sign in text)
