"""The totals of a network and how an edit changed them, in one line."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.render.cells import counted, extents
from convcalc.render.changes import ARROW, percent_text, signed
from convcalc.render.style import cells
from convcalc.report.changes import FigureChange
from convcalc.report.report import Report

SEPARATOR = " · "


def wrapped(line: str, width: int | None, indent: str) -> str:
    """A line of totals for a terminal: it is broken between the figures, never within one that fits.

    >>> wrapped("params 1 · macs 2 · field 3x3", 21, "  ")
    '  params 1 · macs 2\\n  field 3x3'
    """
    lines: list[str] = []
    for part in line.split(SEPARATOR):
        longer = f"{lines[-1]}{SEPARATOR}{part}" if lines else ""
        if lines and (width is None or cells(longer) <= width):
            lines[-1] = longer
        else:
            lines.append(indent + part)
    return "\n".join(lines)


def totals_line(before: Report | None, after: Report) -> str:
    """The totals of a network, each with its old value where it changed.

    `params 44,426 → 44,570 (+144, +0.3 %) · macs 281,640 → 282,000 (+360, +0.1 %) · field 28x28 · output 10`
    """
    return SEPARATOR.join(_parts(before or after, after))


def _parts(before: Report, after: Report) -> Iterator[str]:
    for name in ("params", "macs"):
        change = FigureChange(getattr(before.totals, name), getattr(after.totals, name))
        by = [signed(change.difference), percent_text(change)] if change.difference else []
        difference = f" ({', '.join(part for part in by if part)})" if by else ""
        yield f"{name} {_arrow(counted(change.old), counted(change.new))}{difference}"
    yield f"field {_arrow(extents(before.totals.receptive_field), extents(after.totals.receptive_field))}"
    yield f"output {_arrow(_outputs(before), _outputs(after))}"


def _arrow(old: str, new: str) -> str:
    return new if old == new else f"{old} {ARROW} {new}"


def _outputs(report: Report) -> str:
    """The shape of the output, or of each by its name."""
    outputs = report.outputs
    return extents(outputs if len(outputs) > 1 else next(iter(outputs.values()), None))
