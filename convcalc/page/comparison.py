"""The part of the page about several networks: their figures beside each other, and how each differs from the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcalc.page.markup import sheet, text
from convcalc.page.wirings import wirings
from convcalc.render.comparison import comparison_sheets
from convcalc.render.difference import difference_sheets, nothing_differs
from convcalc.report.comparison import Comparison
from convcalc.report.difference import Difference
from convcalc.report.report import Report

LONG = 40  # lines of a difference; a longer one is folded away


def side_by_side(reports: Sequence[Report]) -> Iterator[str]:
    """The comparison of all networks, then the differences from the first one."""
    comparison = Comparison(reports)
    labels = comparison.labels
    yield f"<h1>{text(' · '.join(labels))}</h1>\n"
    yield '<section class="comparison" aria-labelledby="side-by-side">\n<h2 id="side-by-side">Side by side</h2>\n'
    for value in comparison_sheets(comparison):
        yield from sheet(value)
    yield "</section>\n"
    yield '<section class="wirings" aria-labelledby="sharing">\n<h2 id="sharing">Weight sharing</h2>\n'
    yield from wirings(reports, labels)
    yield "</section>\n"
    for place, (report, label) in enumerate(zip(reports[1:], labels[1:]), 2):
        yield f'<section class="difference" aria-labelledby="difference-{place}">\n'
        yield f'<h2 id="difference-{place}">From {text(labels[0])} to {text(label)}</h2>\n'
        yield from _difference(Difference(reports[0], report))
        yield "</section>\n"


def _difference(difference: Difference) -> Iterator[str]:
    if difference.is_empty:
        yield f"<p>{text(nothing_differs(difference).strip())}</p>\n"
        return
    first, *others = difference_sheets(difference)
    yield from sheet(first)
    for value in others:
        is_open = " open" if len(value.rows) <= LONG else ""
        yield f"<details{is_open}><summary>{len(value.rows):,} lines of differences between layers</summary>\n"
        yield from sheet(value)
        yield "</details>\n"
