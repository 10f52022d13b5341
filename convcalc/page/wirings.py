"""The parameters of networks with three wirings, as bars on one logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log10

from convcalc.arith.units import human
from convcalc.page.markup import text
from convcalc.render.cells import counted, factor
from convcalc.report.comparison import Comparison, Ladder
from convcalc.report.report import Report

WIRINGS = (("fully_connected", "Fully connected"), ("unshared", "Not shared"), ("shared", "Shared"))


def wirings(reports: Sequence[Report], labels: Sequence[str]) -> Iterator[str]:
    """The bars of each network, with the savings of each step."""
    ladders = [Comparison([report]).ladder for report in reports]
    most = max([getattr(ladder, name) or 0 for ladder in ladders for name, _ in WIRINGS])
    powers = len(str(most)) if most else 1  # the scale ends at the next power of ten
    yield f'<table class="wirings" style="--powers:{powers}">\n<caption>Parameters with each wiring</caption>\n'
    yield (
        '<thead><tr><th scope="col">wiring</th><th scope="col" class="scale">log scale: ×10 a line</th>'
        '<th scope="col" class="number">parameters</th><th scope="col" class="number">saved</th></tr></thead>\n'
    )
    for ladder, label in zip(ladders, labels):
        yield "<tbody>\n"
        if len(ladders) > 1:
            yield f'<tr><th scope="rowgroup" colspan="4" class="group">{text(label)}</th></tr>\n'
        yield from _rows(ladder, powers)
        yield "</tbody>\n"
    yield "</table>\n"
    yield f'<p class="notes">{"<br>".join(map(text, _notes(ladders, 10**powers)))}</p>\n'


def _rows(ladder: Ladder, powers: int) -> Iterator[str]:
    saved = {"fully_connected": None, "unshared": ladder.saved_by_locality, "shared": ladder.saved_by_sharing}
    for name, label in WIRINGS:
        count = getattr(ladder, name)
        length = 100 * log10(count) / powers if count else 0
        divided = "" if saved[name] is None else factor(saved[name]).replace("×", "÷ ", 1)
        yield (
            f'<tr class="{name}"><th scope="row">{label}</th>'
            f'<td class="scale"><span style="width:{length:.2f}%"></span></td>'
            f'<td class="number">{counted(count)}</td><td class="number">{divided}</td></tr>\n'
        )


def _notes(ladders: Sequence[Ladder], end: int) -> Iterator[str]:
    yield (
        "Fully connected: every unit reads the whole input. Not shared: every unit reads its window with weights of its"
        " own. Shared: all units use the same weights, as in a convolution."
    )
    yield f"The scale begins at 1 and ends at {human(end)}."
    left_out = list(dict.fromkeys(row.name for ladder in ladders for row in ladder.left_out))
    if left_out:
        more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
        yield f"Without {', '.join(left_out[:3])}{more}, whose counts are not known."
