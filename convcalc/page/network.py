"""The part of the page about one network."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.page import markup
from convcalc.page.drawings import Drawings
from convcalc.page.layers import layers_data
from convcalc.page.markup import text
from convcalc.page.pool import Pool
from convcalc.page.subject import Found, Subject
from convcalc.page.table import SHOWN, Lines, table_data
from convcalc.page.wirings import wirings
from convcalc.render.report import report_sheet, title, totals
from convcalc.report.report import Report
from convcalc.report.view import View

LISTED = 20  # findings that are shown before the others are folded away


class Article:
    """One network: its figures, drawing, wirings, findings and table, and the data of the script."""

    def __init__(self, subject: Subject, number: int, *, alone: bool = True) -> None:
        self.subject = subject
        self.alone = alone
        self.report = subject.report
        self.number = number
        self.name = self.report.name or self.report.target
        self.drawings = Drawings(self.report, self.name)

    def html(self) -> Iterator[str]:
        """The article. Where it is not alone, the page has a heading above it, and the wirings of all networks."""
        level = 1 if self.alone else 2
        yield f'<article aria-labelledby="name-{self.number}">\n'
        yield f'<header>\n<h{level} id="name-{self.number}">{text(title(self.report))}</h{level}>\n'
        yield from self._head()
        yield '</header>\n<div class="overview">\n'
        if self.alone:
            yield from self._section("wirings", "Weight sharing", wirings([self.report], [self.name]))
        yield from self._section("findings", "Findings", self._findings())
        yield '</div>\n<div class="parts">\n'
        yield from self._section("picture", "Drawing", drawing(self.drawings))
        yield from self._section("layers", "Layers", table(self.report))
        yield f'<section class="layer" hidden aria-label="Chosen layer of network {self.number}"></section>\n</div>\n'
        yield self._data()
        yield "</article>\n"

    def _section(self, kind: str, heading: str, content: Iterator[str]) -> Iterator[str]:
        label, tag = f"{kind}-{self.number}", "h2" if self.alone else "h3"
        names = f"{label} name-{self.number}"
        yield f'<section class="{kind}" aria-labelledby="{names}">\n<{tag} id="{label}">{heading}</{tag}>\n'
        yield from content
        yield "</section>\n"

    def _head(self) -> Iterator[str]:
        graph = self.report.graph
        yield "<dl class=figures>\n"
        for label, value in totals(self.report):
            yield f"<div><dt>{text(label)}</dt><dd>{text(value)}</dd></div>\n"
        yield "</dl>\n"
        if self.subject.given:
            yield f"<p>Changed by the call: <code>{text(self.subject.given)}</code></p>\n"
        if graph.description:
            yield f"<p>{text(graph.description)}</p>\n"
        if graph.citation:
            yield f'<p class="notes">{text(graph.citation)}</p>\n'

    def _findings(self) -> Iterator[str]:
        found = self.subject.findings
        if not found:
            yield '<p class="notes">The lint rules find nothing.</p>\n'
            return
        yield f"<ul>{''.join(map(self._finding, found[:LISTED]))}</ul>\n"
        if len(found) > LISTED:
            more = "".join(map(self._finding, found[LISTED:]))
            yield f"<details><summary>{len(found) - LISTED:,} more</summary><ul>{more}</ul></details>\n"

    def _finding(self, found: Found) -> str:
        problem = found.problem
        row = "" if found.row is None else f' data-row="{found.row.index}"'
        subject = f"<b{row}>{text(problem.subject)}</b>: " if problem.subject else ""
        place = f' <small class="notes">{text(str(problem.where))}</small>' if self.subject.has_lines else ""
        help = f'<br><span class="notes">{text(problem.help)}</span>' if problem.help else ""
        return f"<li>{subject}{text(problem.message)} <code>{text(problem.rule)}</code>{place}{help}</li>\n"

    def _data(self) -> str:
        texts = Pool()
        table = table_data(self.report, Lines(self.report), texts)
        layers = layers_data(self.subject, texts, self.report.rows)
        return markup.data({"first": first_layer(self.report), **table, **layers, "texts": texts.values})


def first_layer(report: Report) -> int:
    """The layer that is chosen at first: the first with a window."""
    return next((row.index for row in report.rows if row.config.get("kernel_size")), 0)


def drawing(drawings: Drawings) -> Iterator[str]:
    """The drawing of the network, and below it those of its blocks."""
    first = drawings.all[0]
    yield '<nav class="trail" aria-label="Opened blocks" hidden></nav>\n'
    yield f'<div class="drawing view" tabindex="0" role="group" aria-label="Drawing">{first.svg}</div>\n'
    inner = list(drawings.blocks())
    if not inner:
        return
    yield f'<details class="blocks"><summary>Inside the blocks: {len(inner)} drawings</summary>\n'
    for number, block in inner:
        yield (
            f'<details data-drawing="{number}" data-outer="{block.outer}"><summary>{text(block.name)}</summary>'
            f'<div class="drawing">{block.svg}</div></details>\n'
        )
    yield "</details>\n"


def table(report: Report) -> Iterator[str]:
    """The table of layers; the script sorts it and adds the tools above it."""
    value = report_sheet(View(report, SHOWN))
    right = [head.right for head in value.heads]
    yield '<div class="tools" hidden></div>\n'
    yield '<div class="wide" tabindex="0" role="group" aria-label="Table of layers"><table>\n'
    yield markup.heads((head.text for head in value.heads), right)
    yield "<tbody>\n"
    for row in value.rows:
        yield f"<tr>{markup.cells(row, right)}</tr>\n"
    yield f"</tbody>\n<tfoot><tr>{markup.cells(value.total or (), right)}</tr></tfoot>\n</table></div>\n"
    yield f'<p class="notes">{"<br>".join(map(text, value.all_notes))}</p>\n'
    yield '<noscript><p class="notes">With scripts, this page also has the derivations of layers.</p></noscript>\n'
