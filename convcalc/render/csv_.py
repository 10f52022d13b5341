"""Reports as CSV: a head line, one line a layer, figures exact and nothing formatted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from convcalc.render.cells import exact
from convcalc.report.view import View


def csv_chunks(views: Sequence[View]) -> Iterator[str]:
    """The lines; with several reports the first column says of which one a line is."""
    several = len(views) > 1
    head = [column.name for column in views[0].columns]
    yield csv_line(["target", *head] if several else head)
    for view in views:
        cells = [exact(column) for column in view.columns]
        first = [view.report.target] if several else []
        for line in view.lines:
            yield csv_line([*first, *[cell(line) for cell in cells]])


def csv_line(fields: Iterable[object]) -> str:
    """One record of RFC 4180, with a plain newline.

    >>> csv_line(["conv1", 156, "a, b"])
    'conv1,156,"a, b"\\n'
    """
    return ",".join([_quoted(str(field)) for field in fields]) + "\n"


def _quoted(text: str) -> str:
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text
