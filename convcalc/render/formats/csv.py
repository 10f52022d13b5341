"""Records as CSV: a line each, the first with the names of the fields; figures exact and nothing formatted."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from convcalc.render.printout import Records
from convcalc.render.style import Screen


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def chunks(value: Records, screen: Screen) -> Iterator[str]:
    """The lines of a value's records."""
    writer = csv.writer(_Line(), lineterminator="\n")
    for record in value.records():
        yield writer.writerow(record)
