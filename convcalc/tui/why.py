"""The derivation of the selected layer, with links to its inputs and readers; for a block or the network, its sums."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from convcalc.arith.shape import format_shape
from convcalc.render.cells import counted
from convcalc.render.derivation import derivation_text
from convcalc.render.field import labelled
from convcalc.render.report import inputs, totals
from convcalc.report.columns import columns
from convcalc.report.derivation import derive
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.tui.outline import PARAMS, WIRINGS, OutlineItem
from convcalc.tui.styling import content, mark

MAX_NAMES = 4  # of the layers that it reads, and of those that read it


class WhyView(VerticalScroll):
    """The output of `convcalc explain`, with links to the layers that it reads and that read it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._report: Report | None = None
        self._item: OutlineItem | None = None

        self._links = Static(id="why-links")
        self._text = Static(id="why-text")

    def compose(self) -> ComposeResult:
        yield self._links
        yield self._text

    def show(self, report: Report | None, item: OutlineItem | None) -> None:
        """Show the derivation of a row's figures."""
        is_other = self._item is None or item is None or self._item.key != item.key
        self._report, self._item = report, item
        if is_other:
            self.scroll_home(animate=False)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        links, text = self._links, self._text
        report, item = self._report, self._item
        links.display = report is not None and item is not None and not item.is_block
        if report is None or item is None:
            text.update("There are no figures yet: the file does not build. See the problems.")
            return
        if isinstance(item.line, Row):
            links.update(_links(report, item.line))
            width = max(self.scrollable_content_region.width, 20)
            text.update(content(derivation_text(derive(report, item.line.name), mark, width)))
        else:
            text.update(_sums(report, item, max(self.scrollable_content_region.width, 20)))


def _links(report: Report, row: Row) -> Content:
    tensor = report.graph.tensor_of(row.index)
    readers = [node.name for node in report.graph.nodes if tensor in node.reads]
    outputs = [f"output {name}" for name, each in report.graph.outputs.items() if each == tensor and not readers]
    before = [name for name in row.inputs if name not in report.inputs]
    sides = [("reads ", _named(before) if before else ", ".join(row.inputs)),
             ("read by ", _named(readers) if readers else ", ".join(outputs) or "no layer")]  # fmt: skip
    return Content.from_markup("   ".join(f"[$foreground-muted]{label}[/]{names}" for label, names in sides))


def _named(names: Sequence[str]) -> str:
    """Links to layers. Their names are made of letters, digits, dots, - and _ alone."""
    shown = [f"[@click=app.go('{name}')]{name}[/]" for name in names[:MAX_NAMES]]
    return ", ".join(shown) + (f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else "")


def _sums(report: Report, item: OutlineItem, width: int) -> Content:
    """The figures of a block, or of the whole network."""
    line = item.line
    if not item.key:
        facts = [
            ("reads", inputs(report.inputs)),
            ("gives", ", ".join(format_shape(shape) for shape in report.outputs.values())),
            *totals(report),
        ]
        facts += [(figure.header, counted(figure.of_network(report))) for figure in columns(WIRINGS)]
        citation = report.graph.citation or report.graph.description
        facts += [("source", citation)] if citation else []
    else:
        shapes = " and ".join(format_shape(shape) for shape in line.input_shapes)
        facts = [("reads", f"{shapes} from {', '.join(line.inputs)}"), ("gives", format_shape(line.output_shape)),
                 ("layers", str(len(item.rows))),
                 *[(each.header, counted(each.get(line))) for each in columns([PARAMS, *WIRINGS, "macs"])]]  # fmt: skip
    heading = line.name if item.key else report.name or report.target
    return content("\n".join([mark(heading, "title"), "", *labelled(facts, width)]))
