"""The table of all figures: their names in JSON, in budgets and as columns."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.report.figure import BOTH, LAYER, Figure
from convcalc.report.figures import FIGURES
from website.page import Page, joined, paragraph, table

OPENING = """\
Every figure has one name, which is the same in JSON, in `expect`, in budgets and in `--columns`. [What the numbers
mean](numbers.md) has their definitions."""


def pages() -> Iterator[Page]:
    yield Page("reference/figures.md", joined(_parts()))


def _parts() -> Iterator[str]:
    yield "# Names of the figures"
    yield OPENING
    for title, kept in (
        ("Of a layer", lambda figure: figure.of in (LAYER, BOTH)),
        ("Of a network", lambda figure: figure.of != LAYER),
    ):
        yield f"## {title}"
        heads = ("name", "heading", "unit", "what it is")
        yield table(heads, [_row(figure) for figure in FIGURES if kept(figure)])


def _row(figure: Figure) -> tuple[str, str, str, str]:
    return f"`{figure.name}`", figure.header, figure.unit, paragraph(figure.help)
