"""Records as CSV: first the names of the fields, then one line for each record, with exact figures."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from convcalc.render.printout import Records
from convcalc.render.style import Screen


class _Line:
    """A file object whose `write` returns the text."""

    def write(self, text: str) -> str:
        return text


def chunks(value: Records, screen: Screen) -> Iterator[str]:
    """The lines of a value's records."""
    writer = csv.writer(_Line(), lineterminator="\n")
    for record in value.records():
        yield writer.writerow(record)
